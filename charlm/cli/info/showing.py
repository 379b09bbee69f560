"""What `charlm info` shows: what a file holds, or what a model thinks."""

from charlm import storage
from charlm.cli import counts
from charlm.cli.asked import Asked
from charlm.cli.console import say
from charlm.cli.info.file import show_file
from charlm.cli.info.inside import show_inside
from charlm.cli.info.matrix import show_matrix
from charlm.cli.info.request import Request
from charlm.cli.pictures.svg import check_picture
from charlm.cli.tabular import Output
from charlm.errors import UsageError
from charlm.evaluation.frequencies import Frequencies
from charlm.storage import holds_counts
from charlm.text import corpus
from charlm.text.rows import RowOptions
from charlm.trained import TrainedModel


def show(request: Request, asked: Asked) -> None:
    """Show what a model thinks, if that is asked for; or what a file holds.

    Raises:
        ModelFileError: the file cannot be read, or holds neither a model nor counts.
        TextError: a text to count in cannot be read.
        UsageError: what is asked for does not go together, or one wants to look inside of counts,
            which have no probabilities.
    """
    name, output = request.model, Output(asked)
    _check(request, asked)
    output.check(name, *request.corpus)
    check_picture(request.svg, name, *request.corpus, force=asked.force)
    if holds_counts(name):
        if request.looks_inside:
            raise UsageError(f"{name}: holds counts; train a model on them to look inside")
        counts.show(name, output, verify=request.verify)
    elif request.looks_inside:
        trained = storage.load(name)
        if request.verify:
            storage.verify(name)
        frequencies = _frequencies(request, trained) if request.corpus else None
        shows = show_matrix if request.shows_matrix else show_inside
        shows(trained, request, frequencies, output)
    else:
        show_file(name, output, verify=request.verify)


def _check(request: Request, asked: Asked) -> None:
    """Refuse what does not go together.

    Raises:
        UsageError: it does not.
    """
    if asked.is_table and not request.looks_inside:
        raise UsageError("what a file holds is no table; --json writes it, or ask for --text")
    if request.matrix and request.asks_for_list:
        raise UsageError("--matrix is a table of its own; ask for --history and --text without it")
    if request.svg is not None and not request.shows_matrix:
        raise UsageError("--svg draws the matrix; ask for --matrix")


def _frequencies(request: Request, trained: TrainedModel) -> Frequencies:
    """Read the texts to count in as the model's own were read."""
    rows, record = RowOptions(request.column, request.as_text), trained.record
    tokenizer, read = trained.tokenizer, (record.encoding or "utf-8", record.errors or "strict")
    documents = corpus.read(request.corpus, note=say, options=rows)
    texts = (document.pieces(tokenizer.unit, *read) for document in documents)
    return Frequencies.of(tokenizer, map(tokenizer.encode_pieces, texts))
