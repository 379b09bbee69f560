"""Commands whose work others do, held at a place that a test names, and Dask clusters for them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

HELD = Path(__file__).parent / "held"
PROGRAM = (sys.executable, "-m", "charlm")
PATIENCE = 300.0  # seconds, on a busy machine


def wait_for(there: object, what: str) -> None:
    """Wait until a function tells that something is so."""
    until = time.monotonic() + PATIENCE
    while not there():  # type: ignore[operator]
        assert time.monotonic() < until, f"in vain waited for: {what}"
        time.sleep(0.01)


@dataclass
class Held:
    """A folder by which programs are held (`held/sitecustomize.py`)."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are to be held."""
        one = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        return {**os.environ, **one, "CHARLM_HELD": str(self.folder), "PYTHONPATH": str(HELD)}

    def at(self, name: str) -> None:
        """Hold the next who begins to write a file of a name that begins so."""
        part = self.folder / "hold.part"
        part.write_text(name)
        part.rename(self.folder / "hold")

    def process(self) -> int:
        """Wait until one is held; return its number."""
        wait_for((self.folder / "held").exists, "a task that is held")
        return int((self.folder / "held").read_text())

    def holds_before_the_end_of(self, command: "Command") -> bool:
        """Wait until one is held, or a command has ended; tell which."""
        found = self.folder / "held"
        wait_for(
            lambda: found.exists() or command.process.poll() is not None, "a task that is held"
        )
        return found.exists()

    def release(self) -> None:
        """Let go on whoever is held, and hold nobody."""
        for name in ("hold", "held"):
            (self.folder / name).unlink(missing_ok=True)

    def kill(self, then: str | None = None) -> None:
        """Kill who is held, and hold the next at another name."""
        os.kill(self.process(), signal.SIGKILL)
        self.release()
        if then is not None:
            self.at(then)


@dataclass
class Command:
    """A command that runs."""

    process: subprocess.Popen[str]
    workers: list[psutil.Process] = field(default_factory=list)

    def end(self) -> tuple[int, str]:
        """Wait for its end; return its code, and what it said."""
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def kill(self) -> None:
        """Kill it, but not its workers."""
        self.workers = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def assert_nobody_is_left(self) -> None:
        """Of its workers; one that has ended may wait, as a zombie, for who is to know of it."""
        wait_for(lambda: not any(map(is_alive, self.workers)), "the end of all workers")


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process has not ended."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def begin(held: Held, *arguments: str, program: Sequence[str] = PROGRAM, **more: str) -> Command:
    """Start a command in this folder, in a session of its own as a terminal has it."""
    process = subprocess.Popen(
        [*program, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env={**held.environment, **more},
        start_new_session=True,
    )
    return Command(process)


def run(held: Held, *arguments: str, **more: object) -> tuple[int, str]:
    """Run a command to its end."""
    return begin(held, *arguments, **more).end()  # type: ignore[arg-type]


@dataclass
class Cluster:
    """A Dask scheduler and its workers, each with a nanny that starts it anew."""

    file: Path
    processes: list[subprocess.Popen[bytes]]

    @property
    def address(self) -> str:
        """tcp://..."""
        address: str = json.loads(self.file.read_text())["address"]
        return address


@contextmanager
def cluster(held: Held, folder: Path, workers: int = 2, **more: str) -> Iterator[Cluster]:
    """Start a scheduler and workers that only this machine can reach, and end them."""
    file = folder / "scheduler.json"
    common = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    found = Cluster(file, [])

    def start(name: str, *options: str, **more: str) -> None:
        with (folder / f"{name}-{len(found.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_" + name, *common, *options],
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={**held.environment, **more},
                cwd=folder,
                start_new_session=True,
            )
        found.processes.append(process)

    try:
        start("scheduler", "--port", "0")
        wait_for(file.exists, "the scheduler's file")
        for _ in range(workers):
            start("worker", "--nthreads", "1", **more)
        yield found
    finally:
        for process in reversed(found.processes):
            process.terminate()
        for process in found.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
