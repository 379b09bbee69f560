"""`charlm score`: what each symbol of a text cost, as a heat map, a page, or rows for programs."""

from typing import Any

import click

from charlm.cli.options import (
    COUNT,
    FILE,
    NATURAL,
    GroupedCommand,
    Number,
    RegistryChoice,
    adaptive_option,
    grouped,
    model_argument,
    reading_options,
    table_options,
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
    help="What bits are summed over.  [default: symbol; line with --rank]",
)
@grouped(
    "View",
    "--blank",
    type=RegistryChoice("charlm.surprisal.cells:BLANKS"),
    default="leading",
    help="Where the blank counts by word: with the word after it, the word before it, or alone.",
)
@grouped(
    "View",
    "--reset",
    type=RegistryChoice("charlm.evaluation.afresh:RESETS"),
    help="What a line knows of the lines before it: with `line` nothing.  [default: line for a "
    "table, else never]",
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
@grouped(
    "View",
    "--map",
    "is_map",
    is_flag=True,
    help="Show the heat map, whole, also into a pipe: for a pager, with --color always in colour.",
)
@grouped(
    "Table",
    "--text-column",
    metavar="NAME",
    help="Read a table of CSV, whose texts stand in this column, each for itself.",
)
@grouped("Table", "--id-column", metavar="NAME", help="What an item is called.  [default: numbers]")
@grouped(
    "Lines",
    "--above",
    type=Number(),
    metavar="BITS",
    help="Print only what costs more; lines of standard input as they come.",
)
@grouped("Lines", "--rank", type=COUNT, metavar="N", help="Print the N strangest lines.")
@grouped(
    "Lines",
    "--rank-by",
    type=RegistryChoice("charlm.surprisal.peaks:RANKS"),
    default="window",
    help="By the most expensive window, by bits per character, or by all bits of a line.",
)
@grouped("Lines", "--window", type=COUNT, default=16, help="Symbols of a window.")
@table_options("one JSON object a line", "one row a line", "a page, a picture or a table of charlm")
@grouped("Output", "--html", type=FILE, metavar="FILE", help="Write a page for a browser.")
@grouped("Output", "--svg", type=FILE, metavar="FILE", help="Write the heat map as a picture.")
@grouped(
    "Output",
    "--figure",
    type=FILE,
    metavar="FILE",
    help="Draw bars by word for a paper: .svg, or .pdf and .png by the extra `figures`.",
)
@grouped("Output", "--dark", is_flag=True, help="Draw the figure for a dark ground.")
@reading_options()
def score(places: int | None, html: str | None, **given: Any) -> None:
    """Show how surprising each symbol of a text is.

    That is its bits, -log2 P. On a terminal the text itself is coloured, and the most surprising
    places are listed. Into a pipe go rows of tab-separated values, or of CSV, which pandas and R
    read as they are (in pandas keep_default_na=False keeps a word such as NA). Bits add up to what
    `charlm perplexity` reports: those of an unknown symbol also say which one it was. Offsets are
    in bytes of UTF-8.

    For experiments: --text-column reads sentences from a table, each for itself, and several
    models, named one after the other, go into one long table. By word a blank counts with the word
    after it (leading), as most surprisals in print do. With the word before it (trailing), the
    probabilities of all words add up to one (Oh and Schuler 2024; Pimentel and Meister 2024).

    For logs: by line each row names the most surprising window. --rank by window does not let long
    lines win.

    \b
    Examples:
      charlm score book.ngram.charlm other.txt
      charlm score book.ngram.charlm other.txt --against book.rnn.charlm
      charlm score book.ngram.charlm other.txt --html other.html
      charlm score book.ngram.charlm other.txt --map --color always | less -R
      charlm score book.ngram.charlm other.txt --by line | sort -t "$(printf '\\t')" -k6 -g
      charlm score book.ngram.charlm other.txt --json --top 3
      echo "be" | charlm score book.ngram.charlm - --given "To "
      charlm score a.charlm b.charlm items.csv --text-column sentence --by word -o out.csv
      charlm score a.charlm b.charlm items.csv --text-column sentence --figure words.pdf
      tail -f app.log | charlm score log.charlm - --by line --above 60
      charlm score log.charlm app.log --rank 20
    """  # fmt: skip
    from charlm.cli.score.showing import show_given

    if places is None:
        places = ON_PAGE if html else ON_TERMINAL
    show_given(places=places, html=html, **given)
