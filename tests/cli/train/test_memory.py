"""`--memory`: what does not fit goes to the disk, and the model is the same."""

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import charlm as library
from charlm.ngram.ranges import stages
from charlm.ngram.ranges.budget import Budget
from charlm.ngram.ranges.laid_out import LaidOut
from charlm.ngram.ranges.plan import Plan
from charlm.parallel.workers import Workers
from charlm.progress import Report
from tests.cli.conftest import Charlm
from tests.support.cluster import Held, begin
from tests.support.models import CORPORA

SHAKESPEARE = CORPORA / "shakespeare.txt"
DEEP = ("train", "ngram", str(SHAKESPEARE), "--order", "16")
SMALL = ("--memory", "200M")  # so that 16 symbols of context do not fit


def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let memory be so small that a short text does not fit."""
    monkeypatch.setattr(Budget, "windows", 1000)
    monkeypatch.setattr(Budget, "chunk", 5000)
    monkeypatch.setattr(Budget, "ranges", lambda self, windows: 5)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The model as it is made in memory."""
    path = tmp_path_factory.mktemp("whole") / "whole.charlm"
    library.train_ngram(SHAKESPEARE, order=16).save(path)
    return path.read_bytes()


def left() -> set[str]:
    return {path.name for path in Path().iterdir()} - {"book.txt", "other.txt"}


def test_the_model_is_the_same_and_nothing_is_left(charlm: Charlm, whole: bytes) -> None:
    found = charlm(*DEEP, *SMALL, "-o", "m.charlm")
    assert found.code == 0, found.err
    assert Path("m.charlm").read_bytes() == whole
    assert left() == {"m.charlm"}


def test_what_does_not_fit_goes_where_it_is_told_to(charlm: Charlm) -> None:
    assert charlm("train", "book.txt", "-o", "whole.charlm").code == 0
    with pytest.MonkeyPatch.context() as patch:
        tight(patch)
        Path("elsewhere").mkdir()
        seen = watched(patch)
        found = charlm("train", "ngram", "book.txt", "--temp", "elsewhere", "-o", "m.charlm")
    assert found.code == 0, found.err
    assert Path("m.charlm").read_bytes() == Path("whole.charlm").read_bytes()
    assert not list(Path("elsewhere").iterdir())
    assert {folder.parent.name for folder in seen} == {"elsewhere"}


def watched(patch: pytest.MonkeyPatch) -> set[Path]:
    """Return the folders in which estimations will go on."""
    seen: set[Path] = set()
    estimate = stages.estimate

    def watch(plan: Plan, workers: Workers, report: Report) -> LaidOut:
        seen.add(Path(plan.spool.folder))
        return estimate(plan, workers, report)

    patch.setattr(stages, "estimate", watch)
    return seen


def test_as_a_library(tmp_path: Path) -> None:
    text = SHAKESPEARE.read_text()[:50_000]
    library.train_ngram(text).save(tmp_path / "whole.charlm")
    (tmp_path / "temp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        tight(patch)
        seen = watched(patch)
        model = library.train_ngram(text, memory="300M", temp=tmp_path / "temp")
    assert {folder.parent for folder in seen} == {tmp_path / "temp"}
    assert not list((tmp_path / "temp").iterdir())
    model.save(tmp_path / "again.charlm")
    assert (tmp_path / "again.charlm").read_bytes() == (tmp_path / "whole.charlm").read_bytes()


PEAK = """
import re, sys
from charlm.cli.main import run
try:
    run()
finally:
    print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise")
def test_memory_is_not_exceeded(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PEAK, *DEEP[:], *SMALL, "-o", str(tmp_path / "m.charlm")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 100e6 < int(done.stdout) * 1024 < 200e6


# A command for which memory is as small as `tight` makes it.
TIGHT = """
from charlm.cli.main import run
from charlm.ngram.ranges.budget import Budget
Budget.windows, Budget.chunk, Budget.ranges = 1000, 5000, lambda self, windows: 5
run()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_what_a_broken_run_left_is_taken_away(
    number: signal.Signals,
    charlm: Charlm,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """At once, or by the next run where there was no time."""
    typed = ("train", "ngram", "book.txt", "-o", "m.charlm")
    assert charlm(*typed).code == 0
    whole = Path("m.charlm").read_bytes()
    Path("m.charlm").unlink()
    held = Held(tmp_path_factory.mktemp("held"))
    held.at("counted-")
    command = begin(held, *typed, program=(sys.executable, "-c", TIGHT))
    held.process()  # or a worker of it, is at work
    assert Path(".m.charlm.spool").is_dir()
    command.process.send_signal(number)
    held.release()
    assert command.end()[0] != 0
    assert left() == ({".m.charlm.spool", ".m.charlm.lock"} if number == signal.SIGKILL else set())
    tight(monkeypatch)
    found = charlm(*typed)
    assert found.code == 0, found.err
    assert Path("m.charlm").read_bytes() == whole
    assert left() == {"m.charlm"}


def test_a_full_disk_is_one_line_and_nothing_is_left(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    tight(monkeypatch)
    limit = resource.RLIMIT_FSIZE
    before = resource.getrlimit(limit)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(limit, (100_000, before[1]))
        found = charlm("train", "ngram", "book.txt", "-o", "m.charlm")
    finally:
        resource.setrlimit(limit, before)
    assert found.code == 1
    error = [line for line in found.err.splitlines() if line.startswith("Error")]
    assert len(error) == 1, found.err
    assert "--temp" in error[0]
    assert left() == set()


def test_a_disk_that_is_too_small_is_refused_before(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    tight(monkeypatch)
    usage = type("Usage", (), {"free": 1_000})
    monkeypatch.setattr("charlm.ngram.ranges.disk.shutil.disk_usage", lambda folder: usage)
    found = charlm("train", "ngram", "book.txt", "-o", "m.charlm")
    assert found.code == 1
    assert "and 0.0 GB are free" in found.err
    assert left() == set()


def test_a_disk_that_turns_out_too_small_is_refused(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N-grams are known once they are counted: a text may have many more than its windows say."""
    tight(monkeypatch)
    monkeypatch.setattr("charlm.ngram.ranges.disk.A_WINDOW", 0)
    monkeypatch.setattr("charlm.ngram.ranges.disk.AN_NGRAM", 1 << 40)
    found = charlm("train", "ngram", "book.txt", "-o", "m.charlm")
    assert found.code == 1
    assert ".book.txt" not in found.err
    assert "GB are free; try --temp FOLDER" in found.err
    assert left() == set()


def test_a_small_machine_trains_what_fits(charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of its memory is less than training asks for where memory is said."""
    monkeypatch.setattr("charlm.parallel.memory.usable", lambda: 100_000_000)
    found = charlm("train", "book.txt", "-o", "m.charlm")
    assert found.code == 0, found.err
    assert len(library.train_ngram("to be or not to be", order=2).info["orders"]) == 3


def test_what_fits_needs_no_temporary_file(charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr("tempfile.gettempdir", nowhere)
    monkeypatch.setattr("tempfile.mkdtemp", nowhere)
    assert library.train_ngram("to be or not to be", order=2).sample("to", length=1)
    assert charlm("train", "book.txt", "-o", "m.charlm").code == 0
    assert left() == {"m.charlm"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--memory", "10M"), "memory must be at least"),
        (("--memory", "much"), "'much' is no amount of memory, as 500M or 2G"),
        ((*SMALL, "--temp", "book.txt"), "book.txt: is no folder"),
        ((*SMALL, "--smoothing", "katz"), "katz takes all n-grams in memory"),
    ],
)
def test_what_cannot_be(
    options: tuple[str, ...], said: str, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "katz" in options:
        tight(monkeypatch)
    found = charlm("train", "ngram", "book.txt", *options, "-o", "m.charlm")
    assert found.code != 0
    assert said in found.err
    assert left() == set()


def test_what_pruning_cost_is_said_all_the_same(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = charlm("train", "ngram", "book.txt", "--prune", "0,0,0,0,1", "-o", "n.charlm")
    tight(monkeypatch)
    said = charlm("train", "ngram", "book.txt", "--prune", "0,0,0,0,1", "-o", "m.charlm")
    assert said.code == usual.code == 0, said.err
    assert Path("m.charlm").read_bytes() == Path("n.charlm").read_bytes()
    pruned = [[line for line in each.err.splitlines() if "prun" in line] for each in (said, usual)]
    assert pruned[0] == pruned[1] != []


def test_counts_that_do_not_fit(charlm: Charlm) -> None:
    """Counted, merged and trained on, also for smaller orders and without rare symbols."""
    Path("more.txt").write_text(Path("other.txt").read_text() + "ÄÖÜ" * 5)
    commands = {
        "a.counts": ("count", "book.txt", "--order", "5"),
        "b.counts": ("count", "more.txt", "--order", "4"),
        "ab.counts": ("merge", "a.counts", "b.counts"),
        "m.charlm": ("train", "ngram", "ab.counts", "--order", "4"),
        "n.charlm": ("train", "ngram", "b.counts", "a.counts", "--order", "3", "--min-count", "7"),
        "t.charlm": ("train", "ngram", "book.txt", "more.txt", "--order", "3", "--min-count", "7"),
    }
    for output, command in commands.items():
        found = charlm(*command, "-o", output)
        assert found.code == 0, found.err
    wanted = {output: Path(output).read_bytes() for output in commands}
    with pytest.MonkeyPatch.context() as patch:
        tight(patch)
        patch.setattr("charlm.ngram.counting.counted_windows.BLOCK", 777)
        seen = watched(patch)
        for output, command in commands.items():
            found = charlm(*command, "--force", "-o", output)
            assert found.code == 0, found.err
            assert Path(output).read_bytes() == wanted[output], output
    assert len(seen) == 3
    assert wanted["n.charlm"] == wanted["t.charlm"]
    assert left() == {"more.txt", *commands}
