import io
import json
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.cli.console import progress_bar, shown_text, text_writer, to_json
from charlm.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext 中é", "plain\n\ttext 中é"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb\x7f\x9b", "a\\rb\\x7f\\x9b"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("no UTF-8: \udcff", "no UTF-8: \\xff"),
    ],
)
def test_terminals_are_not_commanded_by_texts(text: str, shown: str) -> None:
    assert shown_text(None)(text) == shown


def test_json_commands_no_terminal_and_keeps_what_stood_there() -> None:
    facts = {"text": "\x1b\x9b\u202e\udcff\n中"}
    shown = to_json(facts, indent=2)
    assert json.loads(shown) == facts
    assert re.findall(r"[^ -~\n]", shown) in ([], ["中"])


@given(text=st.text() | st.text("a\n\t\x1b\x7f\x9b\u200e\u202e\u2066中"))
def test_json_and_terminals_get_no_commands_and_nothing_is_lost(text: str) -> None:
    """Commands are the control characters of Unicode (Cc), line separators, and what turns text."""
    turns = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    for shown in (shown_text(None)(text), to_json(text)):
        assert not turns & set(map(unicodedata.bidirectional, shown))
        categories = {unicodedata.category(c) for c in shown if c not in "\n\t"}
        assert not categories & {"Cc", "Zl", "Zp"}
    assert json.loads(to_json(text)) == text


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
