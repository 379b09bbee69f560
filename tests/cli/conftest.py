"""The command line, run in this process as a user would type it."""

import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from charlm.cli.main import run
from tests.support.models import CORPORA, TEXT


@dataclass
class Result:
    code: int
    out: str
    err: str


Charlm = Callable[..., Result]


@pytest.fixture
def charlm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Charlm:
    """Run a command in a folder that holds book.txt (long) and other.txt."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("charlm.cli.main.die_quietly_of_broken_pipes", lambda: None)
    monkeypatch.setattr("charlm.cli.main.heed_termination", lambda: None)  # pytest must end
    Path("book.txt").write_text(TEXT * 4)
    Path("other.txt").write_text((CORPORA / "austen.txt").read_text()[:3000])

    def call(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["charlm", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as exit_:
            run()
        captured = capsys.readouterr()
        assert isinstance(exit_.value.code, int)
        return Result(exit_.value.code, captured.out, captured.err)

    return call


SMALL_RNN = ("--hidden", "8", "--steps", "5", "--valid-fraction", "0")


Maker = Callable[..., None]
_MADE: dict[object, dict[Path, bytes]] = {}


@pytest.fixture
def made(charlm: Charlm) -> Maker:
    """Have what commands write: the first test runs them, and the others are given a copy."""

    def make(*commands: Sequence[str]) -> None:
        given = {path: path.read_bytes() for path in Path().iterdir() if path.is_file()}
        made_of = (commands, frozenset(given.items()))
        if made_of not in _MADE:
            for command in commands:
                assert charlm(*command).code == 0, command
            written = {path for path in Path().iterdir() if path.is_file()} - given.keys()
            _MADE[made_of] = {path: path.read_bytes() for path in written}
        for path, contents in _MADE[made_of].items():
            path.write_bytes(contents)

    return make


@pytest.fixture
def models(made: Maker) -> tuple[str, ...]:
    """One model of each family."""
    made(
        ("train", "book.txt", "--order", "2", "-o", "n.charlm"),
        ("train", "rnn", "book.txt", "-o", "r.charlm", "--cell", "elman", *SMALL_RNN),
    )
    return ("n.charlm", "r.charlm")
