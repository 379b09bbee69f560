"""kill -9 at random moments: files are the old or the new, and training goes on byte for byte."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import process_time

import pytest

from charlm import storage
from charlm.rnn.cells import CELLS
from charlm.text.tokenizer import SEQUENCES
from tests.cli.conftest import Charlm, charlm
from tests.support.models import CORPORA, make

__all__ = ["charlm"]

ROOT = Path(__file__).parent.parent
NETWORK = ("--hidden", "8", "--batch", "4", "--window", "8", "--validations", "4",
           "--dropout", "0.1", "--steps", "300")  # fmt: skip


def timed(charlm: Charlm, command: Sequence[str]) -> float:
    """Run a command; return the seconds of the processor that it took."""
    began = process_time()
    assert charlm(*command).code == 0
    return process_time() - began


def kills(number: int, seconds: float, *command: str) -> int:
    """How many of so many runs of a command were killed; see `killing.py`."""
    program = [sys.executable, "-m", "tests.support.killing", str(number), str(seconds), *command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(program, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.slow
def test_a_killed_save_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    for name in ("modified-kneser-ney-4-line", "hidden-lstm-tanh-file"):
        storage.save(tmp_path / name, make(name))
    models = [str(path) for path in tmp_path.iterdir()]
    target = tmp_path / "target.charlm"
    assert kills(100, 0.04, "save", *models, str(target)) == 100
    storage.save(target, make("mle-0-file"))
    assert {path.name for path in tmp_path.iterdir()} == {
        "target.charlm", *(Path(model).name for model in models)
    }  # fmt: skip


@pytest.mark.slow
def test_killed_ngram_training_leaves_nothing_half_written(charlm: Charlm) -> None:
    Path("long.txt").write_text((CORPORA / "shakespeare.txt").read_text())
    command = ("train", "ngram", "long.txt", "--order", "3", "-o", "m.charlm")
    seconds = timed(charlm, command)
    whole = Path("m.charlm").read_bytes()
    assert charlm("train", "book.txt", "--order", "2", "-o", "m.charlm").code == 0
    old = Path("m.charlm").read_bytes()
    assert kills(10, seconds, "charlm", *command) > 3
    assert Path("m.charlm").read_bytes() in (old, whole)
    assert charlm(*command).code == 0
    assert Path("m.charlm").read_bytes() == whole
    assert {p.name for p in Path().iterdir()} == {"m.charlm", "book.txt", "other.txt", "long.txt"}


# Each cell with each network; sequences take turns.
TRAININGS = [
    pytest.param(network, cell, SEQUENCES[(turn + place) % 2], id=f"{size}-{cell}")
    for turn, (size, network) in enumerate(
        {"small": NETWORK, "defaults": ("--steps", "20")}.items()
    )
    for place, cell in enumerate(CELLS)
]


@pytest.mark.slow
@pytest.mark.parametrize(("network", "cell", "sequence"), TRAININGS)
def test_killed_training_goes_on_byte_for_byte(
    network: tuple[str, ...], cell: str, sequence: str, charlm: Charlm
) -> None:
    """Killed while it trains and while it writes checkpoints, which it does all the time."""
    options = ("--cell", cell, "--sequence", sequence, *network, "-o", "m.charlm")
    command = ("train", "rnn", "book.txt", *options)
    seconds = timed(charlm, command)
    whole = Path("m.charlm").read_bytes()
    Path("m.charlm").unlink()
    assert kills(7, 0.4 * seconds, "charlm", *command) > 1  # two together do not see its end
    resume = ["--resume"] if Path("m.charlm.checkpoint").exists() else []
    assert charlm(*command, *resume).code == 0
    assert Path("m.charlm").read_bytes() == whole
    assert {path.name for path in Path().iterdir()} == {"m.charlm", "book.txt", "other.txt"}


@pytest.mark.endurance
def test_killed_a_thousand_times(tmp_path: Path) -> None:
    for name in ("modified-kneser-ney-4-line", "hidden-lstm-tanh-file"):
        storage.save(tmp_path / name, make(name))
    models = [str(path) for path in tmp_path.iterdir()]
    assert kills(1000, 0.1, "save", *models, str(tmp_path / "target.charlm")) == 1000
