"""How many lines each model explains best, and which explains the text as a whole, in words."""

from collections.abc import Iterator

from charlm.cli.identify.names import padded, short
from charlm.cli.tables import width_of
from charlm.cli.tabular import Row
from charlm.evaluation.identification import Share, Summary


def in_words(summary: Summary) -> Iterator[str]:
    """Say the summary, a line for each model, and one for the text as a whole."""
    longest = max(width_of(short(one.model)) for one in summary.models)
    missing = "impossible" if summary.bytes else ""
    for one in summary.models:
        yield f"{padded(short(one.model), longest)}  {_share(one, missing)}".rstrip()
    if summary.undecided:
        yield f"Undecided, blank or equally likely: {summary.undecided:,}."
    if summary.refused is not None:
        yield f"Of none of these kinds: {summary.refused:,}."
    if summary.best is not None and summary.refused is None:
        margin = summary.margin_bits
        by = "the others cannot" if margin is None else f"by {margin:z,.1f} bits"
        yield f"The text as a whole: {summary.best}, {by}."


def table_of(summary: Summary) -> Iterator[Row]:
    """Yield the summary as rows, a model each, the headings first."""
    yield ["model", "lines", "share", "bits_per_byte"]
    for one in summary.models:
        yield [one.model, one.lines, one.share, one.bits_per_byte]


def _share(one: Share, missing: str) -> str:
    """Say how many lines are the model's; `missing` stands for bits that are infinite."""
    lines = f"{one.lines:>9,} line{' ' if one.lines == 1 else 's'}"
    share = "" if one.share is None else f"{100 * one.share:z5.1f} %"
    bits = missing if one.bits_per_byte is None else f"{one.bits_per_byte:z.3f} bits/byte"
    return f"{lines}  {share}  {bits}"
