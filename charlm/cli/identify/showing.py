"""Finding which of several models explains each line best, and showing it as it is wanted."""

from collections.abc import Iterable, Sequence

from charlm import storage
from charlm.api.calibrating import known, learnt
from charlm.cli.asked import Asked
from charlm.cli.console import one_line, print_prose, progress_bar, say
from charlm.cli.files import read, warn_if_seen
from charlm.cli.identify.lines import SCHEMA, Lines
from charlm.cli.identify.summary import in_words, table_of
from charlm.cli.tables import print_lines
from charlm.cli.tabular import Output
from charlm.errors import UsageError
from charlm.evaluation.identification import identify, lines_of, summarize
from charlm.evaluation.open_set import Typical, refuse
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding, decode, decode_alike
from charlm.text.pieces import LINE_END
from charlm.text.rows import RowOptions
from charlm.text.units import Unit
from charlm.trained import TrainedModel


def show(
    models: tuple[str, ...],
    text: str,
    asked: Asked,
    *,
    rate: float | None,
    held_out: Sequence[str],
    summary: bool,
    encoding: str,
    errors: str,
    column: str | None,
    as_text: bool,
) -> None:
    """Show which model explains each line best, and how many lines each one does.

    Raises:
        UsageError: the models cannot be compared on this text, or it is several.
        TextError: the text cannot be read.
    """
    document, *others = read([text], models, RowOptions(column, as_text))
    if others:
        raise UsageError(f"{text}: lines of one text are judged; name a single file")
    output = Output(asked)
    output.check(*models, document.name)
    with progress_bar() as report:
        trained = [storage.load(name) for name in models]
        units = [model.tokenizer.unit for model in trained]
        texts = _decoded(document, units, encoding, errors)
        found = identify(trained, texts, report, 2 if rate is None else 1)
        if rate is not None:
            kinds = _kinds(models, trained, held_out, Decoding(encoding, errors))
            found = refuse(found, kinds, rate)
    for name, model in zip(models, trained, strict=True):
        warn_if_seen(name, model, [document])
    in_all = summarize(models, found)
    if summary and output.is_json:
        output.json({"schema": SCHEMA, **in_all.to_json()})
        return
    if summary and output.is_asked_for:
        output.table(table_of(in_all))
        return
    if not summary:
        _show_lines(Lines(models, _shown(lines_of(texts[0]), units[0]), found), output)
    for line in in_words(in_all):
        if summary or not output.is_data:
            print_prose(one_line(line))
        else:
            say(line)


def _kinds(
    models: Sequence[str],
    trained: Sequence[TrainedModel],
    held_out: Sequence[str],
    decoding: Decoding,
) -> list[Typical]:
    """Return what is typical of each model's kind, of held-out texts where they are given."""
    if not held_out:
        return list(map(known, models, trained))
    texts = []
    for model, name, one in zip(models, held_out, trained, strict=False):
        (document,) = read([name], models, RowOptions(as_text=True))
        warn_if_seen(model, one, [document], "what is typical is then not known.")
        texts.append(decode(document, one.tokenizer.unit, decoding))
    if len(held_out) != len(models):
        raise UsageError(
            f"there are {len(models)} models and held-out text for {len(held_out)}; give a text "
            "for each, in their order"
        )
    return list(map(learnt, held_out, trained, texts))


def _decoded(document: Document, units: Sequence[Unit], encoding: str, errors: str) -> list[str]:
    """Decode a text for each unit; bytes are those of the file only if all units read bytes."""
    texts: Iterable[Sequence[str]]
    if all(unit.encoding for unit in units):
        texts = zip(*(document.texts(unit, encoding, errors) for unit in units), strict=True)
    else:
        texts = decode_alike(document, units, Decoding(encoding, errors))
    return [LINE_END.join(rows) for rows in zip(*texts, strict=True)]  # lines of all rows


def _shown(lines: list[str], unit: Unit) -> list[str]:
    """Return lines as a reader sees them, also where the unit reads bytes."""
    if unit.encoding is None:
        return lines
    return [line.encode(unit.encoding).decode(errors="replace") for line in lines]


def _show_lines(lines: Lines, output: Output) -> None:
    if not output.is_data:
        print_lines(lines.coloured(), "cut")
        print_prose("")
    elif output.is_json:
        output.lines(lines.objects())
    else:
        output.table(lines.rows())
