"""`charlm filter`: documents are kept by how many bits a character they cost a model."""

import re
from typing import Any

import click

from charlm.cli.options import (
    FILE,
    GroupedCommand,
    Number,
    force_option,
    grouped,
    model_argument,
    texts_argument,
)

KEPT = "Keep what"


class Best(click.ParamType[tuple[float, bool]]):
    """A share such as 30%, or a number of documents; and whether it is a share."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the share, or the number."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%|(\d+)", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no share, as 30%, and no number of documents", param, ctx)
        return (float(found[1]) / 100, True) if found[1] else (float(found[2]), False)


@click.command("filter", cls=GroupedCommand)
@model_argument()
@texts_argument()
@grouped(
    KEPT, "--below", type=Number(min=0), metavar="BITS", help="Needs fewer bits per character."
)
@grouped(KEPT, "--above", type=Number(min=0), metavar="BITS", help="Needs more bits per character.")
@grouped(KEPT, "--best", type=Best(), metavar="SHARE",
         help="Is among so many that need fewest: a share, as 30%, or a number.")  # fmt: skip
@grouped("Text", "--column", metavar="NAME",
         help="Where the texts stand in JSON lines and Parquet; what begins with { is then JSON "
         "lines whatever it is called.  [default: text]")  # fmt: skip
@grouped("Text", "--whole", is_flag=True,
         help="Take plain files whole, and not each line as a document.")  # fmt: skip
@grouped("Text", "--skip-bad", is_flag=True,
         help="Pass over rows that are not JSON or have no text, and count them.")  # fmt: skip
@grouped("Output", "-o", "--output", type=FILE, metavar="FILE",
         help="Where the kept documents go; .gz, .bz2, .xz and .zst compress.  "
         "[default: standard output]")  # fmt: skip
@grouped("Output", "--scores", type=FILE, metavar="FILE",
         help="Write the score of every document: .tsv, .csv or .jsonl.")  # fmt: skip
@grouped("Output", "--add-score", metavar="FIELD",
         help="Add the score to each kept row, by this name.")  # fmt: skip
@force_option(None)
def filter_(**given: Any) -> None:
    """Keep the documents of a corpus that a model finds likely.

    A model of good text needs few bits per character for more of it, and many for lists, menus,
    spam and other languages. Each document is scored by itself: a row of JSON lines or Parquet, a
    line of a plain text, or a whole file. What is kept is written in its order: lines as they
    stand, to the byte, rows of Parquet and whole files as JSON lines. Texts are in UTF-8. --best
    reads them twice. Documents without any text are never kept.

    \b
    Examples:
      charlm filter good.charlm docs.jsonl --below 2.5 -o kept.jsonl
      charlm filter good.charlm 'crawl/*.jsonl.gz' --best 30% -o kept.jsonl.gz
      charlm filter good.charlm docs.parquet --column content --best 1000 --add-score bits
      charlm filter good.charlm docs.jsonl --scores scores.tsv
      zcat docs.jsonl.gz | charlm filter good.charlm - --column text --below 2.5 > kept.jsonl
    """  # fmt: skip
    from charlm.cli.filter.session import Request, run

    run(Request(**given))
