"""`--resume` as the README says it: with no option that a user would not give."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import charlm as library
from charlm.api.checkpoints import CheckpointKeeper, UnfinishedTraining
from charlm.rnn.cells import CELLS
from charlm.rnn.training.run import Run
from charlm.text.tokenizer import SEQUENCES
from tests.cli.conftest import Charlm, Result
from tests.support.models import TEXT

NAMES = ["book.txt", 'it\'s my "$book"; 中.txt']
LENGTHS = [(), ("--preset", "tiny"), ("--steps", "6"), ("--epochs", "0.5"), ("--max-time", "1m")]


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch, number: int = signal.SIGINT) -> None:
    """Have this process be sent a signal when a training reaches a step."""

    def save_in_time(self: CheckpointKeeper, unfinished: UnfinishedTraining) -> None:
        if unfinished.checkpoint.run.step == step:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(CheckpointKeeper, "save_in_time", save_in_time)


PACED = f"""\
#!{sys.executable}
from pathlib import Path
from time import sleep
from charlm.cli import main
from charlm.api import checkpoints
checkpoints.SHORTEST_PAUSE, checkpoints.PAUSE_PER_COST = 0.0, 0
save = checkpoints.CheckpointKeeper.save
def save_and_wait(self, unfinished):
    save(self, unfinished)
    while Path("hold").exists():
        sleep(0.01)
checkpoints.CheckpointKeeper.save = save_and_wait
main.run()
"""


@dataclass(frozen=True)
class Shell:
    """Types commands as a user would; its charlm writes checkpoints all the time.

    After each it waits for as long as there is a file called `hold`.
    """

    folder: Path

    def __post_init__(self) -> None:
        program = self.folder / "bin" / "charlm"
        program.parent.mkdir()
        program.write_text(PACED)
        program.chmod(0o755)

    def start(self, line: str) -> "subprocess.Popen[str]":
        """Start a command in a process group of its own."""
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.Popen(
            f"exec {line}", shell=True, cwd=self.folder, text=True, start_new_session=True,
            stderr=subprocess.PIPE, env={**os.environ, "PATH": path},
        )  # fmt: skip

    def run(self, line: str) -> str:
        """Run a command to its end; give what it told."""
        process = self.start(line)
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        return err

    def stop(self, line: str, number: int, checkpoint: Path) -> str:
        """Stop a command once it has written a checkpoint of its own; give what it told."""
        before = checkpoint.stat().st_ino if checkpoint.exists() else 0
        (self.folder / "hold").touch()
        process = self.start(line)
        while not (checkpoint.exists() and checkpoint.stat().st_ino != before):
            assert process.poll() is None
            time.sleep(0.01)
        (os.kill if number == signal.SIGKILL else os.killpg)(process.pid, number)
        (self.folder / "hold").unlink()
        _, err = process.communicate(timeout=300)
        assert process.returncode == (128 + number if number != signal.SIGKILL else -number), err
        return err


def as_printed(result: Result) -> list[str]:
    """The words that a shell makes of the command that was printed."""
    (line,) = re.findall(r"^To go on: charlm (.*)$", result.err, flags=re.M)
    return shlex.split(line)


@pytest.mark.parametrize("length", LENGTHS, ids=" ".join)
def test_the_printed_command_resumes_the_training(
    length: tuple[str, ...], charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped twice, for the whole of such a training may take a minute."""
    interrupt_at(2, monkeypatch)
    first = charlm("train", "rnn", "book.txt", *length)
    assert first.code == 130
    interrupt_at(4, monkeypatch, signal.SIGTERM)
    second = charlm(*as_printed(first))
    assert second.code == 143
    assert re.match(r"Going on at step 2 of [\d,]+\.\n", second.err)
    assert as_printed(second) == as_printed(first)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("cell", CELLS)
def test_going_on_ends_in_the_same_bytes(
    cell: str, sequence: str, name: str, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(name).write_bytes(Path("book.txt").read_bytes())
    model = Path(name).with_suffix(".rnn.charlm")
    command = ("train", "rnn", name, "--cell", cell, "--sequence", sequence, "--steps", "5")
    assert charlm(*command).code == 0
    whole = model.read_bytes()
    with monkeypatch.context() as patch:
        interrupt_at(2, patch)
        result = charlm(*command)
        assert result.code == 130
    assert charlm(*as_printed(result)).code == 0
    assert model.read_bytes() == whole


# Sequences take turns.
CELLS_OF_SEQUENCES = [(cell, SEQUENCES[place % 2]) for place, cell in enumerate(CELLS)]


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "sequence"), CELLS_OF_SEQUENCES)
def test_stopped_and_killed_as_a_user_does_it(cell: str, sequence: str, tmp_path: Path) -> None:
    """Ctrl-C, SIGTERM, kill -9, each time on by the very line that was printed."""
    (tmp_path / "it's my book.txt").write_text(TEXT[:1000])
    model = tmp_path / "it's my book.rnn.charlm"
    checkpoint = model.with_name(f"{model.name}.checkpoint")
    shell = Shell(tmp_path)
    line = f'charlm train rnn "it\'s my book.txt" --cell {cell} --sequence {sequence}'
    shell.run(line)
    whole = model.read_bytes()
    for number in (signal.SIGINT, signal.SIGTERM):
        told = shell.stop(line, number, checkpoint)
        assert ("Going on at step " in told) == ("--resume" in line)
        (line,) = re.findall(r"^To go on: (.*)$", told, flags=re.M)
    model.unlink()
    shell.stop(line, signal.SIGKILL, checkpoint)
    assert "Going on at step " in shell.run(line)
    assert model.read_bytes() == whole
    assert not checkpoint.exists()


STRANGE = [b"it's.txt", b"\xff\xfe'\\.txt", b"two\nlines.txt", "中 \u202e.txt".encode(), b"-x.txt"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to read the lines")
@pytest.mark.parametrize("name", STRANGE)
def test_lines_to_type_name_files_of_any_bytes(
    name: bytes, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell takes the words of both lines for what was typed, and for the file there is."""
    text = os.fsdecode(name)
    Path(text).write_text(TEXT)
    typed = ("train", "rnn", f"./{text}", "--steps", "4")
    with monkeypatch.context() as patch:
        interrupt_at(2, patch)
        told = charlm(*typed).err
    assert words(told, "To go on: ") == ["charlm", *typed, "--resume"]
    *command, model = words(charlm(*typed, "--resume").err, "Next: ")
    assert command == ["charlm", "sample"]
    assert Path(model).is_file()


def words(told: str, label: str) -> list[str]:
    """The words that bash makes of the command in a line."""
    (line,) = (line for line in told.splitlines() if line.startswith(label))
    program = f"printf '%s\\0' {line.removeprefix(label)}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, check=True)
    return os.fsdecode(done.stdout).split("\0")[:-1]


def test_what_is_printed_keeps_texts_apart(charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("--odd.txt").write_text(TEXT)
    interrupt_at(2, monkeypatch)
    result = charlm("train", "rnn", "-o", "m.charlm", "--", "--odd.txt")
    assert as_printed(result) == ["train", "rnn", "-o", "m.charlm", "--resume", "--", "--odd.txt"]
    interrupt_at(3, monkeypatch)
    assert "Going on at step 2 of " in charlm(*as_printed(result)).err


QUICK = ("--steps", "9", "--hidden", "8")
MODEL, CHECKPOINT = Path("book.rnn.charlm"), Path("book.rnn.charlm.checkpoint")


def in_python(watch: Callable[[Run], bool] = lambda run: False) -> None:
    """Go on with the checkpoint of the command line."""
    options: Any = {"steps": 9, "hidden": 8, "checkpoint": CHECKPOINT, "resume": True}
    library.train_rnn(Path("book.txt"), watch=watch, **options)


@pytest.fixture
def stopped(charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A training of the command line that was stopped after two of nine steps."""
    with monkeypatch.context() as patch:
        interrupt_at(2, patch)
        assert charlm("train", "rnn", "book.txt", *QUICK).code == 130


@pytest.mark.usefixtures("stopped")
def test_a_command_is_refused_the_checkpoint_that_a_program_goes_on_with(charlm: Charlm) -> None:
    told: list[Result] = []

    def command(run: Run) -> bool:
        told.append(charlm("train", "rnn", "book.txt", *QUICK, "--resume"))
        return run.step == 4

    in_python(command)
    refused = f"Error: {CHECKPOINT}: another run is writing it; give -o another name\n"
    assert told == [Result(1, "", refused)] * 2
    assert charlm("train", "rnn", "book.txt", *QUICK, "--resume").code == 0


@pytest.mark.usefixtures("stopped")
def test_a_program_is_refused_the_checkpoint_that_a_command_goes_on_with(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def save_in_time(self: CheckpointKeeper, unfinished: UnfinishedTraining) -> None:
        with pytest.raises(library.OutputError) as error:
            in_python()
        told.append(str(error.value))

    monkeypatch.setattr(CheckpointKeeper, "save_in_time", save_in_time)
    assert charlm("train", "rnn", "book.txt", *QUICK, "--resume").code == 0
    refused = f"{CHECKPOINT}: another run is writing it; give checkpoint another name"
    assert set(told) == {refused}
    assert MODEL.exists()
    assert not CHECKPOINT.exists()
