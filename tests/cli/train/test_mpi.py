"""`mpiexec -n N charlm train rnn ...`, as it is typed; where MPI is installed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from charlm.api import checkpoints
from tests.cli.conftest import Charlm
from tests.cli.train.test_rnn import CHECKPOINT, MODEL, PATIENCE, wait_for
from tests.support.models import SHAKESPEARE

HERE = Path(sys.executable).parent
TRAIN = ("train", "rnn", "book.txt")
# Writes a checkpoint after each step, and lets a rank fail in the tenth, if one is named.
FAULTY = """
import os, signal, sys
from charlm.api import checkpoints
from charlm.cli.main import run
from charlm.parallel.launcher import place
from charlm.rnn.training import ranks
from charlm.rnn.training.reduction import LocalReduction
checkpoints.SHORTEST_PAUSE = checkpoints.PAUSE_PER_COST = 0
learn, steps = LocalReduction.learn, []
def failing(self, parts):
    steps.append(0)
    if len(steps) == 10 and place().rank == {rank}:
        {fault}
    return learn(self, parts)
LocalReduction.learn = failing
run()
"""


@cache
def launcher() -> str | None:
    """Return mpiexec, if it and mpi4py are installed, and are of the same MPI."""
    found = shutil.which("mpiexec", path=os.pathsep.join([str(HERE), os.environ.get("PATH", "")]))
    program = "from mpi4py.MPI import COMM_WORLD as world; assert world.size == 2"
    if found is None:
        return None
    try:
        tried = subprocess.run(
            [found, "-n", "2", sys.executable, "-c", program], capture_output=True, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found if tried.returncode == 0 else None


@pytest.fixture(autouse=True)
def mpi() -> None:
    if launcher() is None:
        pytest.skip("MPI is not installed: pip install 'charlm-cli[mpi]' mpich")


def command(ranks: int, *arguments: str, program: str = "") -> list[str]:
    how = ("-c", program) if program else ("-m", "charlm")
    return [str(launcher()), "-n", str(ranks), sys.executable, *how, *arguments]


def by_ranks(ranks: int, *arguments: str, program: str = "") -> "subprocess.CompletedProcess[str]":
    typed = command(ranks, *arguments, program=program)
    return subprocess.run(typed, capture_output=True, text=True, timeout=PATIENCE)


def errors(err: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith("Error")]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="defaults"),
        pytest.param(("--parts", "4", "--dropout", "0.2"), id="gru", marks=pytest.mark.slow),
        pytest.param(("--parts", "4", "--cell", "lstm", "--dropout", "0.2"), id="lstm"),
    ],
)
def test_ranks_change_no_byte(options: Sequence[str], charlm: Charlm) -> None:
    Path("book.txt").write_text(SHAKESPEARE[:120_000])  # long enough for two parts
    typed = (*TRAIN, "--steps", "4", *options)
    assert charlm(*typed).code == 0
    whole = MODEL.read_bytes()
    for ranks in (1, 2) if options else (2, 4):
        MODEL.unlink()
        done = by_ranks(ranks, *typed)
        assert done.returncode == 0
        assert done.stdout == ""
        assert done.stderr.count("Trained ") == done.stderr.count(f"Wrote {MODEL} ") == 1
        idle = "Warning: 2 of 4 processes have nothing to do" in done.stderr
        assert idle == (ranks == 4 and not options)
        assert MODEL.read_bytes() == whole


@pytest.mark.slow
def test_each_rank_may_have_threads(charlm: Charlm) -> None:
    typed = (*TRAIN, "--steps", "8", "--parts", "4", "--dropout", "0.1")
    assert charlm(*typed).code == 0
    whole = MODEL.read_bytes()
    assert by_ranks(2, *typed, "--threads", "2").returncode == 0
    assert MODEL.read_bytes() == whole


@pytest.mark.parametrize("rank", [pytest.param(0, marks=pytest.mark.slow), 1])
def test_a_rank_that_is_killed_leaves_a_whole_checkpoint(rank: int, charlm: Charlm) -> None:
    """By the signal that nobody can catch; with other ranks, or without, the run goes on."""
    typed = (*TRAIN, "--steps", "20", "--parts", "3", "--dropout", "0.2")
    assert charlm(*typed).code == 0
    whole = MODEL.read_bytes()
    MODEL.unlink()
    kill = "os.kill(os.getpid(), signal.SIGKILL)"
    done = by_ranks(2, *typed, program=FAULTY.format(rank=rank, fault=kill))
    assert done.returncode != 0
    assert errors(done.stderr) == []  # it is the launcher's to tell
    assert not MODEL.exists()
    assert 1 <= checkpoints.load(CHECKPOINT).checkpoint.run.step <= 9
    checkpoint = CHECKPOINT.read_bytes()
    for ranks in (3, 1):
        MODEL.unlink(missing_ok=True)
        CHECKPOINT.write_bytes(checkpoint)
        resumed = by_ranks(ranks, *typed, "--resume")
        assert (resumed.returncode, "Going on at step" in resumed.stderr) == (0, True)
        assert MODEL.read_bytes() == whole


def test_a_rank_that_fails_stops_all_in_one_line(charlm: Charlm) -> None:
    typed = (*TRAIN, "--steps", "20", "--parts", "3")
    program = FAULTY.format(rank=2, fault="raise MemoryError")
    done = by_ranks(3, *typed, program=program)
    assert done.returncode == 1
    (line,) = errors(done.stderr)
    assert line == "Error: rank 2: not enough memory for that; choose smaller sizes"
    assert checkpoints.load(CHECKPOINT).checkpoint.run.step == 9
    assert charlm(*typed, "--resume").code == 0
    resumed = MODEL.read_bytes()
    assert charlm(*typed).code == 0
    assert MODEL.read_bytes() == resumed


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        ((*TRAIN, "--cell", "brain"), 2, "Error: Invalid value for '--cell': 'brain' is not one"),
        ((*TRAIN, "--steps", "2", "--epochs", "1"), 2, "Error: Choose one of --steps"),
        (("train", "rnn", "none.txt"), 1, "Error: none.txt: no such file"),
    ],
)
@pytest.mark.usefixtures("charlm")
def test_mistakes_are_said_once(arguments: Sequence[str], code: int, line: str) -> None:
    done = by_ranks(3, *arguments)
    assert done.returncode == code
    (said,) = done.stderr.splitlines()
    assert said.startswith(line)


@pytest.mark.usefixtures("charlm")
def test_without_mpi4py_nothing_is_written_twice() -> None:
    program = "import sys; sys.modules['mpi4py'] = None; from charlm.cli.main import run; run()"
    done = by_ranks(3, *TRAIN, "--steps", "2", program=program)
    assert done.returncode == 2
    assert done.stderr == (
        "Error: MPI has started 3 processes, which work together by mpi4py: "
        "pip install 'charlm-cli[mpi]'\n"
    )
    assert not MODEL.exists()


@pytest.mark.usefixtures("charlm")
def test_other_trainings_say_how_ranks_work_for_them() -> None:
    """Nobody waits for a rank that has ended, as all that see another at work do."""
    done = by_ranks(2, "train", "ngram", "book.txt", "--executor", "mpi", "-o", "m.charlm")
    assert done.returncode != 0
    assert "mpi works under `mpiexec -n N python -m mpi4py.futures -m charlm" in done.stderr
    assert not Path("m.charlm").exists()


def test_ctrl_c_stops_all_in_good_order(charlm: Charlm) -> None:
    typed = (*TRAIN, "--steps", "100000", "--parts", "2")
    slow = FAULTY.format(rank=-1, fault="pass")
    process = subprocess.Popen(
        command(2, *typed, program=slow), stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for(CHECKPOINT)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    lines = [line for line in err.splitlines() if not line.startswith("[mpiexec@")]
    assert lines[0] == "Stopping after this step; again to leave at once."
    assert lines[1].startswith("Stopped after step ")
    assert lines[3] == f"To go on: charlm {' '.join(typed)} --resume"
    for _ in range(int(PATIENCE / 0.05)):
        if not left_over():
            break
        time.sleep(0.05)
    assert not left_over()
    assert charlm("sample", str(MODEL), "--length", "5").code == 0


def left_over() -> list[str]:
    """Return processes that still train in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if (process / "cwd").readlink() == Path.cwd() and int(process.name) != os.getpid():
                found.append(process.name)
    return found
