"""Work that others do: the same bytes, whoever they are and whatever becomes of them."""

import os
import random
import resource
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster import PROGRAM, Cluster, Command, Held, begin, cluster, run
from tests.support.models import SHAKESPEARE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are held and counted otherwise"),
]

TRAIN = ("train", "ngram", "book.txt", "--order", "5", "-o", "m.charlm")
SPOOL = Path(".m.charlm.spool")
STAGES = ("symbols", "run", "ordered", "events", "gathered", "weighed", "interpolated", "laid")
SOME_STAGES = ("symbols", "run", "ordered", "gathered", "interpolated", "laid")
# Where the command may be killed.
DRIVER = ("symbols", "run", "plan", "ordered", "weighed", "laid", "all-lay out", "model")
MPI = (str(Path(sys.executable).with_name("mpiexec")), "-n", "3", sys.executable,
       "-m", "mpi4py.futures", "-m", "charlm")  # fmt: skip
GO_ON = "; the same command with --resume goes on with what was done"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a text and a model that this machine made alone."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "book.txt").write_text(SHAKESPEARE[:60_000])
    (folder / "held").mkdir()
    return folder


@pytest.fixture(scope="module")
def whole(folder: Path) -> bytes:
    """The model of this machine alone."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        code, said = run(Held(folder / "held"), *TRAIN)
    finally:
        os.chdir(before)
    assert code == 0, said
    return (folder / "m.charlm").read_bytes()


@pytest.fixture
def held(folder: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """By which commands in the folder are held; none of them has run."""
    monkeypatch.chdir(folder)
    Path("m.charlm").unlink(missing_ok=True)
    shutil.rmtree(SPOOL, ignore_errors=True)
    held = Held(folder / "held")
    yield held
    held.release()


@pytest.fixture(scope="module")
def dask(folder: Path) -> Iterator[Cluster]:
    """A cluster of two workers that are started anew when they are killed."""
    with cluster(Held(folder / "held"), folder / "held") as found:
        yield found


def finishes(held: Held, whole: bytes, *options: str, program: tuple[str, ...] = PROGRAM) -> str:
    """Run a command to its end: the model is that of one machine, and nothing else is left."""
    code, said = run(held, *TRAIN, *options, program=program)
    assert code == 0, said
    assert Path("m.charlm").read_bytes() == whole
    assert {path.name for path in Path().iterdir()} == {"book.txt", "m.charlm", "held"}
    return said


def error(said: str) -> str:
    """Return the one line of an error; besides there is progress alone."""
    progress = ("reading", "counting", "estimating")
    lines = [line for line in said.splitlines() if line and not line.startswith(progress)]
    assert len(lines) == 1, said
    return lines[0].removeprefix("Error: ")


@pytest.mark.parametrize("name", ["threads:2", "processes:2", "loky:2"])
def test_pools_make_the_same_bytes(name: str, held: Held, whole: bytes) -> None:
    finishes(held, whole, "--executor", name, "--spool", "spool")


def test_ranks_of_mpi_make_the_same_bytes(held: Held, whole: bytes) -> None:
    if not Path(MPI[0]).exists():
        pytest.skip("no mpiexec is installed here")
    finishes(held, whole, "--executor", "mpi", program=MPI)


def test_a_cluster_makes_the_same_bytes(held: Held, whole: bytes, dask: Cluster) -> None:
    finishes(held, whole, "--scheduler", dask.address)
    finishes(held, whole, "--scheduler", str(dask.file))


def test_a_cluster_started_here_makes_the_same_bytes(held: Held, whole: bytes) -> None:
    finishes(held, whole, "--scheduler", "local:2")


def test_workers_of_a_cluster_killed_in_every_stage_change_nothing(
    held: Held, whole: bytes, dask: Cluster
) -> None:
    held.at(STAGES[0])
    command = begin(held, *TRAIN, "--scheduler", dask.address)
    for stage in (*STAGES[1:], None):
        held.kill(then=stage)
    code, said = command.end()
    assert code == 0, said
    assert Path("m.charlm").read_bytes() == whole


def test_a_worker_that_stalls_is_not_waited_for(held: Held, whole: bytes, dask: Cluster) -> None:
    held.at("gathered")
    command = begin(held, *TRAIN, "--scheduler", dask.address, CHARLM_STALLED="1")
    process = held.process()
    os.kill(process, signal.SIGSTOP)
    try:
        code, said = command.end()
    finally:
        os.kill(process, signal.SIGKILL)
        held.release()
    assert code == 0, said
    assert Path("m.charlm").read_bytes() == whole


@pytest.mark.parametrize("name", ["processes:2", "loky:2"])
def test_a_process_that_is_killed_is_one_line_and_the_run_goes_on(
    name: str, held: Held, whole: bytes
) -> None:
    resume: tuple[str, ...] = ()
    for stage in SOME_STAGES if name == "processes:2" else ("run",):
        held.at(stage)
        command = begin(held, *TRAIN, "--executor", name, *resume)
        held.kill()
        code, said = command.end()
        assert code == 1
        assert error(said) == f"a worker has ended, perhaps for want of memory{GO_ON}"
        resume = ("--resume",)
    finishes(held, whole, "--executor", name, "--resume")


@pytest.mark.parametrize(
    ("option", "name", "places"),
    [
        ("--executor", "processes:2", DRIVER),
        ("--executor", "loky:2", ("weighed",)),
        ("--scheduler", "local:2", ("weighed",)),
    ],
)
def test_a_killed_command_leaves_no_worker_and_goes_on(
    option: str, name: str, places: tuple[str, ...], held: Held, whole: bytes
) -> None:
    resume: tuple[str, ...] = ()
    for place in places:
        held.at(place)
        command = begin(held, *TRAIN, option, name, *resume)
        held.process()
        command.kill()
        command.assert_nobody_is_left()
        held.release()
        resume = ("--resume",)
    finishes(held, whole, "--executor", "processes:2", "--resume")


@pytest.mark.parametrize(
    ("option", "name"),
    [("--executor", "processes:2"), ("--executor", "loky:2"), ("--scheduler", "local:2")],
)
def test_control_c_is_one_line_that_says_how_to_go_on(
    option: str, name: str, held: Held, whole: bytes
) -> None:
    held.at("gathered")
    command = begin(held, *TRAIN, option, name)
    held.process()
    os.killpg(command.process.pid, signal.SIGINT)  # as a terminal does
    code, said = command.end()
    held.release()
    assert code == 130
    assert error(said) == f"interrupted{GO_ON}"
    finishes(held, whole, "--executor", "threads:1", "--resume")


def test_a_scheduler_that_ends_is_one_line_and_the_run_goes_on(
    folder: Path, held: Held, whole: bytes
) -> None:
    (folder / "held" / "own").mkdir()
    with cluster(held, folder / "held" / "own", workers=1) as found:
        held.at("gathered")
        command = begin(held, *TRAIN, "--scheduler", found.address)
        held.process()
        found.processes[0].kill()
        code, said = command.end()
        held.release()
    assert code == 1
    assert error(said) == f"the scheduler of the workers cannot be reached{GO_ON}"
    finishes(held, whole, "--executor", "processes:2", "--resume")


@pytest.mark.endurance
@pytest.mark.parametrize("seed", range(20))
def test_five_kills_at_random_moments_change_nothing(
    seed: int, held: Held, whole: bytes, dask: Cluster
) -> None:
    """Each time a worker is killed, and once in four the command, too."""
    chance = random.Random(seed)
    moments = sorted(chance.choices(STAGES, k=5), key=STAGES.index)
    typed = (*TRAIN, "--scheduler", dask.address)
    held.at(moments[0])
    command = begin(held, *typed)
    for then in (*moments[1:], None):
        while not held.holds_before_the_end_of(command):
            assert_can_go_on(command)
            command = begin(held, *typed, "--resume")
        if chance.random() < 0.25:
            command.process.kill()
        held.kill(then)
    while command.process.wait() != 0:
        assert_can_go_on(command)
        command = begin(held, *typed, "--resume")
    command.end()
    assert Path("m.charlm").read_bytes() == whole
    assert not SPOOL.exists()


def assert_can_go_on(command: Command) -> None:
    """It was killed, or Dask gave a task up that several workers had died of."""
    code, said = command.end()
    if code != -signal.SIGKILL:
        assert code == 1
        assert error(said) == f"a worker has ended, perhaps for want of memory{GO_ON}"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"CHARLM_VERSION": "0.0.7"}, "has charlm 0.0.7 and NumPy"),
        ({"CHARLM_BLIND": "1"}, "does not see "),
    ],
    ids=["version", "folder"],
)
def test_a_worker_that_cannot_is_named_before_the_work(
    fault: dict[str, str], said: str, folder: Path, held: Held
) -> None:
    own = folder / "held" / next(iter(fault))
    own.mkdir()
    with cluster(held, own, workers=1, **fault) as found:
        code, found_said = run(held, *TRAIN, "--scheduler", found.address)
    assert code == 1
    assert error(found_said).startswith("worker tcp://127.0.0.1:")
    assert said in found_said
    assert not SPOOL.exists()


def test_a_full_disk_is_one_line_and_the_run_goes_on(held: Held, whole: bytes) -> None:
    limited = (sys.executable, "-c", LIMITED)
    code, said = run(held, *TRAIN, "--executor", "processes:1", program=limited)
    assert code == 1
    assert error(said) == f"{SPOOL.absolute()}: File too large{GO_ON}"
    finishes(held, whole, "--executor", "processes:1", "--resume")


LIMITED = f"""
import resource, signal
from charlm.cli.main import run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, {resource.RLIM_INFINITY}))
if __name__ == "__main__":
    run()
"""


def test_what_is_left_behind_is_gone_on_with_or_begun_anew(held: Held, whole: bytes) -> None:
    two = ("--executor", "processes:2")
    held.at("weighed")
    command = begin(held, *TRAIN, *two)
    held.process()
    command.kill()
    held.release()
    code, said = run(held, *TRAIN, *two)
    assert code == 1
    both = "is of a run broken off; --resume goes on with it, --force begins anew"
    assert error(said) == f"{SPOOL.absolute()}: {both}"
    code, said = run(held, *TRAIN, *two, "--lowercase", "--resume")
    assert code == 2
    assert "is of other texts or options; type the command as it was, or begin" in error(said)
    Path("book.txt").write_text(SHAKESPEARE[:60_001])
    try:
        code, said = run(held, *TRAIN, *two, "--resume")
    finally:
        Path("book.txt").write_text(SHAKESPEARE[:60_000])
    assert code == 2
    assert "is of other texts or options" in error(said)
    finishes(held, whole, *two, "--force")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--executor", "mpi"), "mpi works under `mpiexec -n N python"),
        (("--executor", "many"), "'many' is nobody to work; there are threads:N, "),
        (("--executor", "threads:1", "--spool", "nowhere/spool"), "nowhere: is no folder"),
        (("--executor", "threads:1", "--spool", "held"), "held: holds other files; name a new"),
        (("--resume",), "to resume is for work by others"),
        (("--executor", "threads:1", "--smoothing", "katz"), "katz takes all n-grams in memory"),
    ],
)
def test_what_cannot_be_is_one_line(options: tuple[str, ...], said: str, held: Held) -> None:
    code, found = run(held, *TRAIN, *options)
    assert code in (1, 2)
    assert said in error(found)
    assert not SPOOL.exists()
