"""Progress where no terminal is watching, by a clock of the test."""

import pytest

from charlm.cli import progress_lines
from charlm.cli.console import progress_bar
from charlm.cli.progress_lines import EVERY, FIRST, ProgressLines
from charlm.progress import Progress, Report
from charlm.rnn.config import RnnConfig
from charlm.rnn.presets import configure
from charlm.rnn.training.loop import go_on, start
from charlm.rnn.training.run import Texts
from tests.cli.conftest import Charlm
from tests.support.models import training_set

SECONDS = 30


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.now = 0.0
        monkeypatch.setattr(progress_lines, "perf_counter", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def work(report: Report, clock: Clock, *, stage: str = "training", each: float = 0.1) -> None:
    """As many units as take the time."""
    total = round(SECONDS / each)
    for done in range(1, total + 1):
        clock.now += each
        report(Progress(stage, done, total, {"loss": 2.5, "norm": 9.0}))


@pytest.mark.parametrize("each", [0.001, 0.1, 1.5])
def test_a_line_every_few_seconds_tells_the_time_left(each: float, clock: Clock) -> None:
    times, lines = [0.0], []

    def say(line: str) -> None:
        times.append(clock.now)
        lines.append(line)

    work(ProgressLines(say), clock, each=each)
    pauses = [after - before for before, after in zip(times, [*times[1:], clock.now], strict=True)]
    assert max(pauses) < 4 + 2 * each < 5 + 2 * each
    assert min(pauses[1:-1]) >= EVERY - each
    for time, line in zip(times[1:], lines, strict=True):
        assert line.startswith("training: ")
        assert "loss 2.500 bits" in line
        assert "norm" not in line
        left = float(line.split()[-3])
        assert left == pytest.approx(SECONDS - time, abs=1 + each)


def test_what_takes_no_time_says_nothing(clock: Clock) -> None:
    lines: list[str] = []
    report = ProgressLines(lines.append)
    for done in (1, 2, 3):
        clock.now += FIRST / 4
        report(Progress("counting", done, 3))
    assert lines == []


def test_each_stage_has_a_time_of_its_own(clock: Clock) -> None:
    lines: list[str] = []
    report = ProgressLines(lines.append)
    work(report, clock, stage="reading", each=1.0)
    first = len(lines)
    work(report, clock, stage="counting", each=0.1)
    assert first > 3
    assert lines[first].startswith("counting: ")
    assert float(lines[first].split()[-3]) == pytest.approx(SECONDS, abs=EVERY + 1)


def test_every_command_and_training_tell_it(
    clock: Clock,
    charlm: Charlm,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Off a terminal, with no option; with --quiet nothing is said."""
    monkeypatch.setattr(progress_lines, "FIRST", 0.0)
    clock.now = 100.0
    with progress_bar() as report:
        work(report, clock)
    assert capsys.readouterr().err.count("left\n") >= SECONDS / EVERY - 1
    few = ("--steps", "3", "--hidden", "8", "--batch", "4", "--window", "8")
    assert "training: 2 of 3" in charlm("train", "rnn", "book.txt", *few).err
    assert charlm("train", "rnn", "book.txt", *few, "-q").err == ""


def test_a_run_from_a_checkpoint_tells_the_time_left(clock: Clock) -> None:
    """From where it stands, not as though its first steps had taken no time."""
    data, lines = training_set(), list[str]()
    texts = Texts.of(data)
    _, training = configure("tiny", {"steps": 40, "batch": 2, "window": 4})
    run = start(texts, RnnConfig(hidden=2), training)
    go_on(run, texts, watch=lambda run: run.step == 20)
    show = ProgressLines(lines.append)

    def report(progress: Progress) -> None:
        clock.now += 1.0
        show(progress)

    go_on(run, texts, report)
    assert lines[0].startswith("training: 22 of 40")
    assert lines[0].endswith("18 s left")
