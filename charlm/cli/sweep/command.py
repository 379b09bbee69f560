"""`charlm sweep`."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from charlm.cli.options import (
    COUNT,
    FOLDER,
    FRACTION,
    NATURAL,
    POSITIVE,
    Duration,
    GroupedCommand,
    RegistryChoice,
    force_option,
    grouped,
    text_options,
    texts_argument,
)

F = TypeVar("F", bound=Callable[..., Any])
NGRAM, NETWORK, RUN = "N-gram models", "Networks", "Run"
LONGEST = 1000  # values of one option


class Several(click.ParamType[tuple[Any, ...]]):
    """Values with commas between them; of whole numbers a..b stands for all from a to b."""

    def __init__(self, kind: Any):
        self.kind, self.name = kind, f"{kind.name}s"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show the names there are, or what is typed."""
        names = self.kind.get_metavar(param, ctx)
        return f"{names},..." if names else f"{self.kind.name.upper()},..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return all the values."""
        if isinstance(value, tuple):
            return value
        found: list[Any] = []
        for part in str(value).split(","):
            ends = re.fullmatch(r"(\d{1,9})\.\.(\d{1,9})", part.strip())
            words = [part.strip()]
            if ends and isinstance(self.kind, click.IntRange):
                numbers = range(int(ends[1]), int(ends[2]) + 1)
                if not 0 < len(numbers) <= LONGEST:
                    self.fail(
                        f"{part} is no range; it goes from a number up to another", param, ctx
                    )
                words = [*map(str, numbers)]
            found += [self.kind.convert(word, param, ctx) for word in words]
        return tuple(found)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
        """Complete the last of the names."""
        before, comma, last = incomplete.rpartition(",")
        found = self.kind.shell_complete(ctx, param, last)
        for item in found:
            item.value = f"{before}{comma}{item.value}"
        return found


def swept(group: str, name: str, kind: Any, text: str) -> Callable[[F], F]:
    """Add an option that takes several values."""
    return grouped(group, name, type=Several(kind), help=f"{text}  [default: as charlm train]")


@click.command(cls=GroupedCommand)
@texts_argument()
@swept(NGRAM, "--order", NATURAL, "Symbols of context, as 2..8 or 2,4,8.")
@swept(NGRAM, "--smoothing", RegistryChoice("charlm.ngram.smoothing:SMOOTHERS"), "Smoothers.")
@swept(
    NGRAM,
    "--discounts",
    RegistryChoice("charlm.ngram.smoothing.discounts:METHODS"),
    "How discounts are found.",
)
@swept(NETWORK, "--preset", RegistryChoice("charlm.rnn.presets:PRESETS"), "Sizes.")
@swept(NETWORK, "--pattern", RegistryChoice("charlm.rnn.networks:NETWORKS"), "Patterns.")
@swept(NETWORK, "--cell", RegistryChoice("charlm.rnn.cells:CELLS"), "Recurrent cells.")
@swept(NETWORK, "--hidden", COUNT, "Hidden units of a layer.")
@swept(NETWORK, "--layers", COUNT, "Layers.")
@swept(NETWORK, "--dropout", FRACTION, "Shares of outputs left out.")
@swept(NETWORK, "--learning-rate", POSITIVE, "Peak rates.")
@swept(NETWORK, "--steps", COUNT, "Updates of the parameters.")
@swept(NETWORK, "--max-time", Duration(), "Time for each, as 60s or 10m.")
@grouped(NETWORK, "--seeds", type=COUNT, default=1,
         help="Train each network by so many seeds, from 0.")  # fmt: skip
@text_options()
@grouped("Text", "--valid-fraction", type=FRACTION, default=0.05,
         help="Hold out this share of the texts, the same for all, and judge by it.")  # fmt: skip
@grouped("Output", "-o", "--output", type=FOLDER, metavar="FOLDER", default="runs",
         help="Models, figures, sweep.csv and sweep.svg go here.")  # fmt: skip
@force_option("a table or a picture of a sweep")
@grouped(RUN, "--workers", type=COUNT,
         help="Trainings side by side; no figure but seconds depends on it.  "
         "[default: the cores]")  # fmt: skip
def sweep(**given: Any) -> None:
    """Train all combinations of settings, and rank them.

    Where no option of a kind of model is given, none of that kind is trained; where none at all is,
    n-gram models of orders 0 to 8 are. What is done stays done: the same command goes on after
    Ctrl-C, and a longer list of values adds to what is there. The table grows in FOLDER/sweep.csv;
    FOLDER/sweep.svg shows bits against time and size.

    Two intervals come with each difference. That over seeds says what other seeds would give, and
    is what a claim about cells or sizes rests on. That over texts is of the two models of the first
    seed, on more text like this.

    \b
    Examples:
      charlm sweep book.txt --order 2..8 --smoothing witten-bell,modified-kneser-ney
      charlm sweep book.txt --cell gru,lstm --hidden 64,128 --seeds 3 -o cells
      charlm sweep book.txt --order 4..7 --preset tiny --valid other.txt
    """  # fmt: skip
    from charlm.cli.sweep.showing import show

    show(given)
