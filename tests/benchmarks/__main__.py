"""`make bench`: our speed beside that of others, on this machine, in this run."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line sets it

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    bench_filter,
    bench_growth,
    bench_memory,
    bench_ngram,
    bench_processes,
    bench_rnn,
    bench_rnn_processes,
    bench_rnn_reading,
    bench_rnn_threads,
    bench_sampling,
    bench_strings,
    bench_text8,
)

SPEED = ("characters/s", "charlm", "other", "times as fast")
SECTIONS = (
    "ngram", "strings", "sampling", "processes", "growth", "memory", "filter",
    "text8",
    "rnn", "rnn-reading", "rnn-threads", "rnn-processes",
)  # fmt: skip
Rows = Callable[[], Iterable[Sequence[str]]]


@click.command()
@click.argument(
    "text", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--only", type=click.Choice(SECTIONS), multiple=True, help="Sections to run.")
def main(text: Path | None, only: tuple[str, ...]) -> None:
    """Run every benchmark and print a table for each; TEXT stands for the drawn text of growth."""
    sections: dict[str, tuple[str, Sequence[str], Rows]] = {
        "ngram": ("N-grams", SPEED, bench_ngram.rows),
        "strings": ("Short strings", bench_strings.COLUMNS, bench_strings.rows),
        "sampling": ("Sampling, one stream", SPEED, bench_sampling.rows),
        "processes": ("Whole processes", bench_processes.COLUMNS, bench_processes.rows),
        "growth": ("Growth", bench_growth.COLUMNS, partial(bench_growth.rows, text)),
        "memory": ("Little memory", bench_memory.COLUMNS, partial(bench_memory.rows, text)),
        "filter": ("Filtering", bench_filter.COLUMNS, bench_filter.rows),
        "text8": ("KenLM, recorded", bench_text8.COLUMNS, partial(bench_text8.rows, text)),
        "rnn": (bench_rnn.title(), bench_rnn.COLUMNS, bench_rnn.rows),
        "rnn-reading": ("Networks reading and drawing", SPEED, bench_rnn_reading.rows),
        "rnn-threads": ("Two cores, three ways", bench_rnn_threads.COLUMNS, bench_rnn_threads.rows),
        "rnn-processes": (
            "Networks as processes",
            bench_rnn_processes.COLUMNS,
            bench_rnn_processes.rows,
        ),
    }
    for name in only or SECTIONS:
        show(*sections[name])


def show(title: str, columns: Sequence[str], rows: Rows) -> None:
    """Print a section, unless it has nothing to say."""
    table = Table(*columns, title=title, title_justify="left", box=SIMPLE, pad_edge=False)
    for i, column in enumerate(table.columns):
        column.justify = "left" if i == 0 else "right"
        column.no_wrap = True
    for row in rows():
        table.add_row(*row)
    if table.row_count:
        Console().print(table)


if __name__ == "__main__":
    main()
