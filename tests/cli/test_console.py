import io
import sys

import pytest

from charlm.cli.console import progress_bar, text_writer
from charlm.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bytes_are_shown_as_the_text_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    write = text_writer("latin-1")
    for byte in "中\x1bé".encode():
        write(chr(byte))
    assert terminal.getvalue() == "中\\x1bé"


def test_progress_is_drawn_where_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    with progress_bar() as report:
        for step in range(3):
            report(Progress("training", step + 1, 3, {"loss": 2.5, "held out": 2.25}))
    assert "training" in terminal.getvalue()
    assert "loss 2.500  held out 2.250 bits" in terminal.getvalue()


def test_progress_is_silent_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as report:
        report(Progress("training", 1, 2))
    assert capsys.readouterr() == ("", "")
