"""`charlm score`: what each symbol of a text cost, as a heat map, a page, or rows for programs."""

from typing import Any

import click

from charlm.cli.options import (
    COUNT,
    FILE,
    NATURAL,
    GroupedCommand,
    RegistryChoice,
    adaptive_option,
    force_option,
    grouped,
    model_argument,
    reading_options,
    texts_argument,
)

ON_TERMINAL, ON_PAGE = 8, 24  # places listed


@click.command(cls=GroupedCommand)
@model_argument()
@texts_argument()
@grouped(
    "Comparison",
    "--against",
    type=FILE,
    metavar="MODEL",
    help="Show how many bits fewer or more than this model's.",
)
@grouped(
    "Text",
    "--given",
    metavar="TEXT",
    default="",
    show_default=False,
    help="What the model has read before; it costs nothing.",
)
@adaptive_option()
@grouped(
    "View",
    "--by",
    type=RegistryChoice("charlm.surprisal.cells:BY"),
    default="symbol",
    help="What bits are summed over.",
)
@grouped(
    "View",
    "--top",
    type=NATURAL,
    default=0,
    help="How many of the likeliest symbols to name besides; slower.",
)
@grouped(
    "View",
    "--places",
    type=NATURAL,
    help=f"How many places to list.  [default: {ON_TERMINAL}, on a page {ON_PAGE}]",
)
@grouped(
    "View",
    "--lines",
    type=COUNT,
    help="Rows of the heat map.  [default: as many as the terminal has room for]",
)
@grouped("Output", "--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@grouped("Output", "--html", type=FILE, metavar="FILE", help="Write a page for a browser.")
@grouped("Output", "--svg", type=FILE, metavar="FILE", help="Write the heat map as a picture.")
@force_option("a page or a picture of charlm")
@reading_options()
def score(places: int | None, html: str | None, **given: Any) -> None:
    """Show how surprising each symbol of a text is.

    That is its bits, -log2 P. On a terminal the text itself is coloured, and the most surprising
    places are listed. Into a pipe go rows of tab-separated values, which pandas and R read as
    they are (keep_default_na=False keeps a word such as NA). Bits add up to what `charlm
    perplexity` reports: those of an unknown symbol also say which one it was. Offsets are in bytes
    of UTF-8.

    \b
    Examples:
      charlm score book.ngram.charlm other.txt
      charlm score book.ngram.charlm other.txt --against book.rnn.charlm
      charlm score book.ngram.charlm other.txt --html other.html
      charlm score book.ngram.charlm other.txt --by line | sort -t "$(printf '\\t')" -k6 -g
      charlm score book.ngram.charlm other.txt --json --top 3
      echo "be" | charlm score book.ngram.charlm - --given "To "
    """  # fmt: skip
    from charlm.cli.score.showing import Request, show

    if places is None:
        places = ON_PAGE if html else ON_TERMINAL
    show(Request(places=places, html=html, **given))
