"""`charlm perplexity`: how many bits models need for texts."""

import json
from typing import TYPE_CHECKING, Any

import click

from charlm.cli.console import print_table, printable, progress_bar, say
from charlm.cli.options import GroupedCommand, decoding_options, grouped, texts_argument

if TYPE_CHECKING:
    from charlm.comparison import Judged
    from charlm.evaluation import Evaluation
    from charlm.storage import ModelFile
    from charlm.text.corpus import Document

LONGEST_BAR = 16


@click.command(cls=GroupedCommand)
@click.argument("model")
@texts_argument()
@grouped(
    "Comparison",
    "--against",
    multiple=True,
    metavar="MODEL",
    help="Compare with this model; may be repeated.",
)
@grouped("Comparison", "--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@decoding_options()
def perplexity(
    model: str,
    texts: tuple[str, ...],
    against: tuple[str, ...],
    as_json: bool,
    encoding: str,
    errors: str,
) -> None:
    """Score texts with a model: bits per character, and how that compares.

    Lower is better. The ladder (uniform, unigram, gzip, xz) shows what simple means reach on the
    same text.

    \b
    Examples:
      charlm perplexity book.ngram.charlm other.txt
      charlm perplexity book.ngram.charlm other.txt --against book.rnn.charlm
      charlm perplexity book.ngram.charlm other.txt --json
    """  # fmt: skip
    from charlm import storage
    from charlm.comparison import Judged, compare
    from charlm.evaluation import evaluate, signature
    from charlm.text import corpus

    documents = corpus.read(texts)
    judged = []
    with progress_bar() as report:
        for name in (model, *against):
            contents = storage.load(name)
            _warn_if_seen(name, contents, documents)
            evaluations = [
                evaluate(
                    contents, document, document.text(contents.tokenizer.unit, encoding, errors),
                    report,
                )
                for document in documents
            ]  # fmt: skip
            kind = contents.model.kind
            judged.append(Judged(name, kind, signature(contents), evaluations))
    figures = compare(judged, [document.name for document in documents])
    ladders = [_ladder(document, encoding, errors) for document in documents]
    if as_json:
        click.echo(json.dumps({**figures, "ladders": ladders}, ensure_ascii=False, indent=2))
        return
    for i, document in enumerate(documents):
        _show_text(document, judged, i, ladders[i])
    _show_summary(figures)


def _warn_if_seen(name: str, contents: "ModelFile", documents: list["Document"]) -> None:
    seen = {text["sha256"] for text in contents.training.get("texts", [])}
    for document in documents:
        if document.sha256 in seen:
            say(f"Warning: {name} was trained on {document.name}; its figure there flatters.")


def _ladder(document: "Document", encoding: str, errors: str) -> dict[str, float]:
    """Give the rungs, for texts that have characters."""
    from charlm.errors import TextError
    from charlm.ladder import ladder
    from charlm.text import units

    try:
        return ladder(document.text(units.get("char"), encoding, errors))
    except TextError:  # bytes that only the byte unit reads
        return {}


def _show_text(
    document: "Document", judged: list["Judged"], i: int, rungs: dict[str, float]
) -> None:
    """Draw the models' figures among the rungs of the ladder, best last."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    size = judged[0].evaluations[i]
    chars = "" if size.chars is None else f"{size.chars:,} characters, "
    table = Table(
        box=box.SIMPLE_HEAD,
        title=Text(printable(f"{document.name}: {chars}{size.bytes:,} bytes")),
        title_justify="left",
    )
    table.add_column("")
    for heading in ("bits/char", "bits/byte", "perplexity", "unknown"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    rows: list[tuple[float, str, Evaluation | None]]
    rows = [(bits, name, None) for name, bits in rungs.items()]
    rows += [(_bits(j.evaluations[i]), j.model, j.evaluations[i]) for j in judged]
    longest = max((bits for bits, _, _ in rows if bits != float("inf")), default=1) or 1
    for bits, name, evaluation in sorted(rows, key=lambda row: -row[0]):
        bar = "━" * round(LONGEST_BAR * min(bits, longest) / longest)
        figures = [""] * 3 if evaluation is None else _cells(evaluation)
        style = "" if evaluation is None else "bold"
        table.add_row(Text(printable(name)), f"{bits:.3f}", *figures, bar, style=style)
    print_table(table)


def _bits(evaluation: "Evaluation") -> float:
    bits = evaluation.bits_per_char
    return float("nan") if bits is None else float(bits)


def _cells(evaluation: "Evaluation") -> list[str]:
    figures = (evaluation.bits_per_byte, evaluation.perplexity)
    return [*("" if f is None else f"{f:.3f}" for f in figures), f"{evaluation.unknown_symbols:,}"]


def _show_summary(figures: dict[str, Any]) -> None:
    """Print differences, reasons and signatures."""
    for row in figures["differences"]:
        if row["bits_per_char"] is not None:
            less = "less" if row["bits_per_char"] < 0 else "more"
            difference = f"{abs(row['bits_per_char']):.3f} bits per character {less}"
            click.echo(printable(f"{row['model']} needs {difference} than {row['against']}."))
    for row in figures["totals"]:
        if "reason" in row:
            click.echo(printable(f"{row['model']}: {row['reason']}."))
        click.echo(printable(f"{row['model']}: {row['signature']}"))
