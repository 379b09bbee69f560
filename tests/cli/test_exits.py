"""How commands end: exit codes, one line for a failure, and streams that fail."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pytest

from charlm.errors import ModelFileError
from tests.cli.conftest import Charlm
from tests.cli.forked import begin, end
from tests.cli.walk import LEAF_PATHS, SMALL, filled
from tests.support.models import CORPORA


@LEAF_PATHS
def test_missing_files_are_one_line(path: tuple[str, ...], charlm: Charlm) -> None:
    words = filled(path, "nowhere/m", "nowhere/t")
    if len(words) == len(path):
        pytest.skip("reads no file")
    result = charlm(*words)
    assert (result.code, result.out) == (1, "")
    (line,) = result.err.splitlines()
    assert line.startswith("Error: nowhere/")
    assert line.endswith("no such file") or "there is no folder" in line


@LEAF_PATHS
def test_nothing_given_is_wrong_usage(path: tuple[str, ...], charlm: Charlm) -> None:
    if len(filled(path, "m", "t")) == len(path) or path == ("gradients", "trace"):
        pytest.skip("needs nothing")
    result = charlm(*path)
    assert (result.code, result.out) == (2, "")
    assert f"See `charlm {' '.join(path)} --help`." in result.err


def ended(words: tuple[str, ...], out: IO[bytes]) -> tuple[int, bytes]:
    """Run a command with that output; return its exit code and its errors."""
    with TemporaryFile() as err, Path("/dev/null").open() as nothing:
        streams = (nothing.fileno(), out.fileno(), err.fileno())
        code = end(begin((*words, "--quiet"), streams, {**os.environ, **SMALL}))
        err.seek(0)
        return code, err.read()


@pytest.mark.slow
@LEAF_PATHS
def test_a_full_device_is_one_line(path: tuple[str, ...], models: tuple[str, ...]) -> None:
    for words in dict.fromkeys(tuple(filled(path, model, "other.txt")) for model in models):
        with TemporaryFile() as out:
            code, _ = ended(words, out)
            writes = os.fstat(out.fileno()).st_size > 0
        with Path("/dev/full").open("wb") as full:
            fails = ended(words, full)
        if writes:
            assert fails == (1, b"Error: standard output: No space left on device\n")
        else:
            assert fails[0] == code


def shell(command: str) -> subprocess.CompletedProcess[bytes]:
    command = command.replace("charlm ", f"{sys.executable} -m charlm ", 1)
    return subprocess.run(["bash", "-c", command], capture_output=True, check=False)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_closed_streams_do_not_harm_training(closed: str, charlm: Charlm) -> None:
    assert shell(f"charlm train book.txt -o m.model {closed}").returncode == 0
    assert charlm("info", "m.model").code == 0


def test_closed_streams_that_are_needed_are_one_line(charlm: Charlm) -> None:
    charlm("train", "book.txt", "-o", "m.model")
    done = shell("charlm sample m.model >&-")
    assert (done.returncode, done.stderr) == (1, b"Error: standard output: Bad file descriptor\n")
    done = shell("charlm train - <&-")
    assert done.returncode == 1
    assert done.stderr == b"Error: standard input: empty, there is nothing to learn\n"


@pytest.mark.parametrize(
    ("words", "code"), [("sample m.model", 0), ("sample gone", 1), ("train", 2), ("tarin", 2)]
)
def test_lost_messages_change_no_exit_code(words: str, code: int, charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "1", "-o", "m.model")
    assert shell(f"charlm {words} 2>/dev/full").returncode == code


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_have_their_exit_codes(number: int, code: int, charlm: Charlm) -> None:
    charlm("train", "book.txt", "-o", "m.charlm", "--order", "1")
    command = [sys.executable, "-m", "charlm", "sample", "m.charlm", "--length", "999999999", "-q"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.read(10)
        running.send_signal(number)
        lines = running.communicate()[1].splitlines()
        assert [line[:7] for line in lines if line] == [b"Error: "]
        assert running.returncode == code


@pytest.mark.parametrize("words", [("--debug", "sample", "no"), ("sample", "no", "--debug")])
def test_debug_lets_errors_through_wherever_it_stands(
    words: tuple[str, ...], charlm: Charlm
) -> None:
    with pytest.raises(ModelFileError):
        charlm(*words)


def test_debug_has_a_variable_and_no_accidents(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert charlm("sample", "no", "--prompt", "--debug").code == 1
    monkeypatch.setenv("CHARLM_DEBUG", "0")
    assert charlm("sample", "no").code == 1
    assert b"Traceback" in shell("CHARLM_DEBUG=1 charlm sample no").stderr


def truncated(path: Path) -> None:
    os.truncate(path, 1000)


def copied_over(path: Path) -> None:
    """As cp does it: the same file, with other bytes."""
    path.write_bytes(Path("b.charlm").read_bytes())


@pytest.mark.parametrize("change", [truncated, copied_over])
def test_a_model_that_is_replaced_meanwhile_is_used_as_it_was(
    change: Callable[[Path], object], charlm: Charlm
) -> None:
    """Of a file that is mapped the system would end the command: a bus error."""
    Path("long.txt").write_text((CORPORA / "shakespeare.txt").read_text())
    charlm("train", "long.txt", "-o", "m.charlm")
    charlm("train", "book.txt", "-o", "b.charlm")
    typed = ["sample", "m.charlm", "--length", "100000", "--seed", "1"]
    command = [sys.executable, "-m", "charlm", *typed]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.read(1)
        change(Path("m.charlm"))
        out, err = first + process.stdout.read(), process.stderr.read()
    assert (process.returncode, err) == (0, b"")
    charlm("train", "long.txt", "-o", "m.charlm", "--force")
    assert out.decode() == charlm(*typed).out
