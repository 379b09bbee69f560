"""`--resume` as the README says it: with no option that a user would not give."""

import os
import re
import shlex
import signal
from pathlib import Path

import pytest

from charlm.cli.resuming import Keeper
from charlm.rnn.cells import CELLS
from charlm.text.tokenizer import SEQUENCES
from tests.cli.conftest import Charlm, Result

NAMES = ["book.txt", 'it\'s my "$book"; 中.txt']
LENGTHS = [(), ("--preset", "tiny"), ("--steps", "6"), ("--epochs", "0.5"), ("--max-time", "2s")]


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch, number: int = signal.SIGINT) -> None:
    """Have this process be sent a signal when a training reaches a step."""

    def save_in_time(self: Keeper, run: object, task: object) -> None:
        if getattr(run, "step", 0) == step:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(Keeper, "save_in_time", save_in_time)


def as_printed(result: Result) -> list[str]:
    """The words that a shell makes of the command that was printed."""
    (line,) = re.findall(r"^To go on: charlm (.*)$", result.err, flags=re.M)
    return shlex.split(line)


@pytest.mark.parametrize("length", LENGTHS, ids=" ".join)
def test_what_is_printed_goes_on(
    length: tuple[str, ...], charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped twice, for the whole of such a training may take a minute."""
    interrupt_at(2, monkeypatch)
    first = charlm("train", "rnn", "book.txt", *length)
    assert first.code == 130
    interrupt_at(4, monkeypatch, signal.SIGTERM)
    second = charlm(*as_printed(first))
    assert second.code == 143
    assert re.match(r"Going on at step 2 of [\d,]+\.\n", second.err)
    assert as_printed(second) == as_printed(first)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("cell", CELLS)
def test_going_on_ends_in_the_same_bytes(
    cell: str, sequence: str, name: str, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(name).write_bytes(Path("book.txt").read_bytes())
    model = Path(name).with_suffix(".rnn.charlm")
    command = ("train", "rnn", name, "--cell", cell, "--sequence", sequence, "--steps", "5")
    assert charlm(*command).code == 0
    whole = model.read_bytes()
    with monkeypatch.context() as patch:
        interrupt_at(2, patch)
        result = charlm(*command)
        assert result.code == 130
    assert charlm(*as_printed(result)).code == 0
    assert model.read_bytes() == whole
