"""Texts of a gigabyte, through the real command: memory is bounded by the model."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.models import CORPORA

SIZE, MOST = 10**9, 1.5 * 10**9  # bytes of text, and of memory


def write_long_text(path: Path, line_end: bytes) -> None:
    """Write books one after the other until it is enough."""
    books = b"".join((CORPORA / f"{name}.txt").read_bytes() for name in ("austen", "shakespeare"))
    books = books.replace(b"\r", b"").replace(b"\n", line_end)
    with path.open("wb") as file:
        while file.tell() < SIZE:
            file.write(books)


@pytest.mark.endurance
@pytest.mark.parametrize("sequence", ["file", "line"])
@pytest.mark.parametrize("line_end", [b"\n", b" "], ids=["lines", "one line"])
def test_a_gigabyte_is_trained_in_bounded_memory(
    line_end: bytes, sequence: str, tmp_path: Path
) -> None:
    write_long_text(tmp_path / "text", line_end)
    command = [sys.executable, "-m", "charlm", "train", str(tmp_path / "text")]
    options = ["--sequence", sequence, "-o", str(tmp_path / "m.charlm")]
    with subprocess.Popen([*command, *options]) as running:
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    (tmp_path / "text").unlink()
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"{usage.ru_utime + usage.ru_stime:.0f} s of CPU, {peak / 1e9:.2f} GB")  # noqa: T201
    assert running.returncode == 0
    assert peak < MOST
