"""The live view of a training, on terminals of every kind."""

import io
import re
import sys

import pytest

from charlm.cli.progress_lines import duration
from charlm.cli.train import live
from charlm.cli.train.live import live_view
from charlm.progress import Progress
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.training.loop import start
from charlm.rnn.training.run import Run, Texts
from tests.support.models import training_set

STEPS = 40


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class AsciiTerminal(Terminal):
    encoding = "ascii"


def a_run() -> Run:
    data = training_set()
    texts = Texts.of(data)
    return start(texts, RnnConfig(hidden=4), TrainingConfig(steps=STEPS, batch=4, window=8))


def shown(
    monkeypatch: pytest.MonkeyPatch, terminal: Terminal | None = None, **environment: str
) -> str:
    """What a terminal is sent during a training."""
    terminal = terminal or Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(live, "INTERVAL", 0.0)
    monkeypatch.setattr(live, "STEADY", 0.0)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    variables = {"TERM": "xterm", "COLUMNS": "90", "LINES": "30", **environment}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    figures = {"loss": 6.0, "norm": 0.5, "rate": 0.008}
    with live_view(a_run(), "char") as report:
        for step in range(1, STEPS + 1):
            figures["loss"] = 2 + 4 / step
            if step % 10 == 0:
                figures["held out"] = 2.5 + 4 / step
            report(Progress("training", step, STEPS, dict(figures)))
    return terminal.getvalue()


def last_picture(sent: str) -> str:
    """What is drawn after the picture before was erased, without colours."""
    drawn = sent.rsplit("\x1b[2K", 1)[1]
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn)


def test_everything_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = shown(monkeypatch)
    assert re.search(r"40 steps of 32 characters, about \d+ s\b", sent)
    picture = last_picture(sent)
    assert "━" * 30 + " 40 of 40 steps, 0 s left" in picture
    assert "2.100 bits a character in training, 2.600 held out" in picture
    assert re.search(r"[\d,]+ characters/s, learning rate 0.008, gradient norm 0.5", picture)
    assert "2.90 ┤█" in picture  # held out after 10 steps, above the loss by then
    assert "2.10 ┤" in picture
    assert picture.count("◆") == 4
    assert "\x1b[36m" in sent


def test_colours_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = shown(monkeypatch, NO_COLOR="1")
    assert "\x1b[36m" not in sent
    assert "◆" in sent


def test_dumb_terminals_get_the_estimate_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = shown(monkeypatch, TERM="dumb")
    assert re.fullmatch(r"40 steps of 32 characters, about \d+ s\n", sent)


@pytest.mark.parametrize(("columns", "lines"), [("20", "30"), ("90", "6"), ("1", "1")])
def test_small_terminals_get_no_curve(
    columns: str, lines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = shown(monkeypatch, COLUMNS=columns, LINES=lines)
    assert "┤" not in sent


def test_narrow_terminals_get_a_narrow_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = last_picture(shown(monkeypatch, COLUMNS="40"))
    assert "◆" in picture
    assert max(map(len, picture.splitlines())) <= 40


def test_terminals_without_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, AsciiTerminal()).isascii()


def test_silent_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with live_view(a_run(), "char") as report:
        report(Progress("training", 1, STEPS, {"loss": 1.0}))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (61, "61 s"), (119, "2 min"), (6400, "1 h 47 min")]
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said
