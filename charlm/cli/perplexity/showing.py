"""What `charlm perplexity` does: models judge the texts, and their figures are shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from charlm import storage
from charlm.cli.asked import Asked
from charlm.cli.console import progress_bar, say
from charlm.cli.files import is_model, read, warn_if_seen
from charlm.cli.perplexity.report import show_comparison, show_texts
from charlm.cli.perplexity.rows import rows
from charlm.cli.tabular import Output
from charlm.errors import TextError
from charlm.evaluation.comparison import compare
from charlm.evaluation.judging import Judge, Judged
from charlm.evaluation.ladder import SOON_COMPRESSED, Ladder, ladder
from charlm.evaluation.reading import Reading
from charlm.parallel.threads import Threads
from charlm.progress import Report
from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding
from charlm.text.rows import RowOptions


@dataclass(frozen=True)
class Request:
    """What was asked for: the options by their names."""

    model: str
    texts: Sequence[str]
    against: Sequence[str]
    adaptive: bool
    free_running: bool
    conventions: bool
    ladder: bool
    asked: Asked
    encoding: str
    errors: str
    column: str | None
    as_text: bool

    @property
    def rows(self) -> RowOptions:
        """How files of rows are read."""
        return RowOptions(self.column, self.as_text)

    @property
    def models(self) -> list[str]:
        """All models, the one first that is compared with the others."""
        return [self.model, *self.against]

    @property
    def readings(self) -> list[Reading]:
        """How each of them reads the texts, one reading after the other."""
        return [Reading.of(self.adaptive), *[Reading.FREE_RUNNING] * self.free_running]

    @property
    def decoding(self) -> Decoding:
        """How the files become texts."""
        return Decoding(self.encoding, self.errors)

    @property
    def longest_compressed(self) -> float:
        """Up to how many bytes of a text are compressed for its ladder."""
        return inf if self.ladder else 0 if self.asked.is_given else SOON_COMPRESSED


def show(request: Request) -> None:
    """Judge the texts, the ladders being compressed meanwhile, and print what was found."""
    request = _sorted(request)
    documents = read(request.texts, request.models, request.rows)
    output = Output(request.asked)
    output.check(*request.models, *(document.name for document in documents))
    beside = Threads(1)
    characters = [_characters(document, request.decoding) for document in documents]
    climb = partial(_ladder, request.longest_compressed)
    ladders = [beside.submit(climb, text) for text in characters]
    beside.leave()  # when that is done
    with progress_bar() as report:
        judged = [j for name in request.models for j in _judge(name, request, documents, report)]
    comparison = compare(judged, [document.name for document in documents])
    found = [result() for result in ladders]
    if output.is_json:
        figures = comparison.to_json(request.conventions)
        all_of_it = {**figures, "ladders": [dict(one.rungs) for one in found]}
        output.json(all_of_it)
    elif output.is_asked_for:
        output.table(rows(comparison, conventions=request.conventions))
    else:
        show_texts([document.name for document in documents], judged, found)
        show_comparison(comparison, conventions=request.conventions)


def _sorted(request: Request) -> Request:
    """Take models among the texts for models to compare with, if there is a text besides."""
    models = [name for name in request.texts if is_model(name)]
    texts = [name for name in request.texts if name not in models]
    if not texts or not is_model(request.model):  # for `read` to say what stands where
        return request
    return replace(request, texts=texts, against=[*models, *request.against])


def _judge(
    name: str, request: Request, documents: Sequence[Document], report: Report
) -> Iterator[Judged]:
    """Let a model read the texts, in each of the ways that are asked for."""
    trained = storage.load(name)
    warn_if_seen(name, trained, documents)
    judges = [Judge(name, trained, reading, request.decoding) for reading in request.readings]
    texts = [judges[0].decode(document, say) for document in documents]
    for judge in judges:
        yield judge.judge(texts, report, placing=bool(request.against) or request.free_running)


def _characters(document: Document, decoding: Decoding) -> str | None:
    """Return a text, of rows all together; None for bytes that are none, for the byte unit."""
    try:
        return document.text(units.get("char"), decoding.encoding, decoding.errors)
    except TextError:
        return None


def _ladder(longest: float, text: str | None) -> Ladder:
    """Return the rungs; none where there are no characters."""
    return Ladder() if text is None else ladder(text, longest)
