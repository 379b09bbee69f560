"""Two runs on one output: the second is refused, and a killed one leaves no lock."""

import subprocess
import sys
from pathlib import Path

import pytest

from charlm.errors import OutputError
from charlm.files.locking import alone

HOLD = (
    "import sys; from pathlib import Path; from charlm.files.locking import alone\n"
    "with alone(Path(sys.argv[1])):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()"
)


def test_the_second_is_refused_and_the_third_is_not(tmp_path: Path) -> None:
    output = tmp_path / "m.charlm"
    with (
        alone(output),
        pytest.raises(OutputError, match="another run is writing it"),
        alone(output),
    ):
        pass
    with alone(output), alone(tmp_path / "other.charlm"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    output = tmp_path / "m.charlm"
    command = [sys.executable, "-c", HOLD, str(output)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(OutputError), alone(output):
            pass
        process.kill()
    assert len(list(tmp_path.iterdir())) == 1
    with alone(output):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="cannot be written: No such file"),
        alone(tmp_path / "a/b"),
    ):
        pass
