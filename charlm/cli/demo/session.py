"""The commands of `charlm demo`, run one after the other as if they had been typed."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from charlm.cli import shell
from charlm.cli.console import say_next
from charlm.cli.settings import settings
from charlm.cli.shipped import made, write_text
from charlm.cli.tables import print_lines
from charlm.cli.train.checkpoints import CHECKPOINT
from charlm.text import shipped

LINES_LEARNT = 34_000  # of Shakespeare; the rest is for the comparison


def run_all(folder: str, steps: int, *, force: bool) -> None:
    """Run the demo in a folder; it ends where a command is interrupted.

    Raises:
        OutputError: a file of the folder is another, or cannot be written.
    """
    place = made(folder)
    lines = shipped.get("shakespeare").path.read_bytes().splitlines(keepends=True)
    parts = {"train.txt": lines[:LINES_LEARNT], "test.txt": lines[LINES_LEARNT:]}
    for name, part in parts.items():
        write_text(place / name, b"".join(part), force=force)
    context = click.get_current_context()
    typed = context.find_root().command
    said = sys.argv
    for words in commands(place, steps):
        print_lines([[(shell.line(["charlm", *words]), "bold")]], too_wide="leave")
        sys.stdout.flush()
        sys.argv = ["charlm", *words]  # which an interrupted command says how to go on with
        try:
            code = typed.main(words, "charlm", standalone_mode=False, obj=settings())
        finally:
            sys.argv = said
            sys.stdout.flush()  # before what is said next, on standard error
        if code:
            context.exit(code)
    say_next("continue", place / "both.charlm")


def commands(place: Path, steps: int) -> Iterator[list[str]]:
    """Yield the commands, each as its words."""
    train, test = str(place / "train.txt"), str(place / "test.txt")
    ngram, rnn, both = (str(place / f"{name}.charlm") for name in ("ngram", "rnn", "both"))
    speech = ["--prompt", "To be", "--length", "200", "--seed", "1"]
    yield ["train", "ngram", train, "--valid-fraction", "0.05", "-o", ngram]
    going_on = ["--resume"] * Path(rnn + CHECKPOINT).exists()  # a demo that was interrupted
    yield ["train", "rnn", train, "--steps", f"{steps}", "-o", rnn, *going_on]
    yield ["mix", ngram, rnn, "--held-out", train, "-o", both]
    for model in (ngram, rnn):
        yield ["sample", model, *speech]
    yield ["perplexity", both, test, "--against", ngram, "--against", rnn]
