"""`make bench`: our speed beside that of others, on this machine, in this run."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line sets it

from rich.console import Console
from rich.table import Table

from tests.benchmarks import bench_ngram, bench_rnn


def main() -> None:
    """Run every benchmark and print one table."""
    table = Table("what", "charlm, characters/s", "other, characters/s", "times as fast")
    for column in table.columns[1:]:
        column.justify = "right"
    for module in (bench_ngram, bench_rnn):
        for row in module.rows():
            table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
