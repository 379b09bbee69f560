"""The command line, run in this process as a user would type it."""

import io
import sys
from collections.abc import Callable
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


@pytest.fixture
def models(charlm: Charlm) -> tuple[str, ...]:
    """One model of each family."""
    charlm("train", "book.txt", "--order", "2", "-o", "n.charlm")
    charlm("train", "rnn", "book.txt", "-o", "r.charlm", "--cell", "elman", *SMALL_RNN)
    return ("n.charlm", "r.charlm")
