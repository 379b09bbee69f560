"""`charlm compress` and `charlm decompress`, as a user types them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Charlm, Maker

SMALL_RNN = ("--hidden", "12", "--steps", "20")
DATA = b"\xef\xbb\xbfIt was, \r\nin truth, \xe4\xb8\xad\xe6\x96\x87, a truth"


@pytest.fixture
def trained(charlm: Charlm, made: Maker) -> Charlm:
    """With book.charlm, an n-gram model, and new.txt to compress."""
    made(("train", "ngram", "--order", "3", "book.txt", "-o", "book.charlm"))
    Path("new.txt").write_bytes(DATA)
    return charlm


def test_a_text_comes_back_and_the_sizes_are_told(trained: Charlm) -> None:
    result = trained("compress", "book.charlm", "other.txt", "-o", "other.clm")
    size = Path("other.clm").stat().st_size
    assert result.code == 0
    assert result.out == ""
    assert result.err.startswith(f"3,000 bytes -> {size:,} bytes, {8 * size / 3000:.3f} bits/char")
    assert "; xz: " in result.err
    result = trained("decompress", "book.charlm", "other.clm", "-o", "back.txt")
    assert (result.code, result.err) == (0, "3,000 symbols -> 3,000 bytes, as they were.\n")
    assert Path("back.txt").read_bytes() == Path("other.txt").read_bytes()


def test_an_adaptive_model_needs_less_and_the_file_remembers(trained: Charlm) -> None:
    Path("twice.txt").write_bytes(DATA * 20)
    for name, flags in (("a.clm", ["--adaptive"]), ("b.clm", [])):
        assert trained("compress", "book.charlm", "twice.txt", "-o", name, *flags).code == 0
        assert trained("decompress", "book.charlm", name, "-o", f"{name}.txt").code == 0
        assert Path(f"{name}.txt").read_bytes() == DATA * 20
    assert Path("a.clm").stat().st_size < Path("b.clm").stat().st_size / 2


def test_an_empty_file_comes_back(trained: Charlm) -> None:
    Path("none.txt").touch()
    assert trained("compress", "book.charlm", "none.txt", "-o", "none.clm").code == 0
    assert trained("decompress", "book.charlm", "none.clm", "-o", "back.txt").code == 0
    assert Path("back.txt").read_bytes() == b""


def test_pipes(trained: Charlm) -> None:
    """Standard input and output are bytes, untouched."""
    command = [sys.executable, "-m", "charlm"]
    packed = subprocess.run(
        [*command, "compress", "book.charlm", "-", "-o", "-"], input=DATA, capture_output=True,
        check=True,
    ).stdout  # fmt: skip
    done = subprocess.run(
        [*command, "decompress", "book.charlm", "-", "-o", "-"], input=packed, capture_output=True,
        check=True,
    )  # fmt: skip
    assert done.stdout == DATA


def test_a_network_warns_where_its_numbers_may_differ(
    trained: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained("train", "rnn", "book.txt", *SMALL_RNN, "-o", "rnn.charlm")
    assert trained("compress", "rnn.charlm", "new.txt", "-o", "new.clm").code == 0
    assert "Warning" not in trained("decompress", "rnn.charlm", "new.clm", "-o", "back.txt").err
    monkeypatch.setattr("charlm.coding.archive.machine", lambda: "elsewhere")
    result = trained("decompress", "rnn.charlm", "new.clm", "-o", "back.txt", "--force")
    assert result.code == 0
    assert result.err.startswith("Warning: new.clm was made on ")
    assert Path("back.txt").read_bytes() == DATA


def bad_files() -> None:
    """What a user may come with."""
    packed = Path("new.clm").read_bytes()
    Path("short.clm").write_bytes(packed[:-1])
    Path("flipped.clm").write_bytes(packed[:-4] + bytes([packed[-4] ^ 1]) + packed[-3:])
    Path("latin.txt").write_bytes(b"caf\xe9")


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("decompress book.charlm other.txt", 1, "other.txt: is not a file that charlm compress"),
        ("decompress book.charlm short.clm", 1, "short.clm: is damaged or cut short"),
        ("decompress book.charlm flipped.clm", 1, "flipped.clm: is damaged or cut short"),
        ("decompress other.charlm new.clm", 1, "new.clm: was compressed with another model"),
        ("decompress book.charlm none.clm", 1, "none.clm: no such file"),
        ("decompress none.charlm new.clm", 1, "none.charlm: no such file"),
        ("compress book.charlm latin.txt", 1, "latin.txt: byte 3 is not valid utf-8; a model"),
        ("compress book.charlm .", 1, ".: is a directory"),
        ("compress lower.charlm new.txt", 2, "the model alters texts (lowercase)"),
    ],
)
def test_failures_are_one_line_and_nothing_is_written(
    command: str, code: int, message: str, trained: Charlm
) -> None:
    trained("train", "other.txt", "-o", "other.charlm")
    trained("train", "other.txt", "--lowercase", "-o", "lower.charlm")
    trained("compress", "book.charlm", "new.txt", "-o", "new.clm")
    bad_files()
    before = sorted(Path.cwd().iterdir())
    result = trained(*command.split(), "-o", "out")
    assert result.code == code
    assert result.err.startswith(f"Error: {message}")
    assert result.err.count("\n") == 1
    assert sorted(Path.cwd().iterdir()) == before


@pytest.mark.parametrize("output", ["book.charlm", "new.txt", "./new.txt"])
def test_what_is_read_is_never_replaced(output: str, trained: Charlm) -> None:
    result = trained("compress", "book.charlm", "new.txt", "-o", output)
    assert result.code == 2
    assert "would be replaced" in result.err
    assert Path("new.txt").read_bytes() == DATA
