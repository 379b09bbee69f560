"""What a stranger may hand over as a model: every command refuses it in one line."""

from pathlib import Path

import pytest

from charlm.cli.train import checkpoints
from tests.cli.conftest import Charlm
from tests.laws.test_mutants import bounded_memory, bounded_time
from tests.support.hostile import make_folder

COMMANDS = [
    ("info", "{}"),
    ("info", "{}", "--verify"),
    ("sample", "{}"),
    ("perplexity", "{}", "other.txt"),
    ("perplexity", "good.charlm", "other.txt", "--against", "{}"),
    ("score", "{}", "other.txt"),
    ("score", "good.charlm", "other.txt", "--against", "{}"),
    ("identify", "good.charlm", "{}", "other.txt"),
    ("gradients", "flow", "{}", "other.txt"),
    ("export", "{}", "-o", "out.arpa"),
    ("mix", "good.charlm", "{}", "--tune", "other.txt", "-o", "new.charlm"),
    ("compress", "{}", "other.txt", "-o", "new.clm"),
    ("decompress", "{}", "good.clm", "-o", "new.txt"),
    ("train", "rnn", "book.txt", "--init-from", "{}", "-o", "new.charlm"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_hostile_files_are_refused_in_one_line(command: tuple[str, ...], charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "2", "-o", "good.charlm")
    Path("hostile").mkdir()
    before = sorted(path.name for path in Path().iterdir())
    with bounded_memory():
        for path in make_folder(Path("hostile"), Path("good.charlm").read_bytes()):
            with bounded_time():
                result = charlm(*(str(path) if word == "{}" else word for word in command))
            assert (result.code, result.out) == (1, ""), path
            assert result.err.startswith(f"Error: {path}: "), result.err
            assert result.err.count("\n") == 1
            assert "\x1b" not in result.err
            assert len(result.err) < 1000
            assert "bug in charlm" not in result.err
    assert sorted(path.name for path in Path().iterdir()) == before


def test_hostile_files_are_no_compressed_ones(charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "2", "-o", "good.charlm")
    Path("hostile").mkdir()
    with bounded_memory():
        for path in make_folder(Path("hostile"), Path("good.charlm").read_bytes()):
            if path.is_fifo():  # waits for who writes, as it does for texts
                continue
            with bounded_time():
                result = charlm("decompress", "good.charlm", str(path), "-o", "new.txt")
            assert (result.code, result.err.count("\n")) == (1, 1), path
            assert result.err.startswith(f"Error: {path}: "), result.err
            assert not Path("new.txt").exists()


def test_hostile_files_are_no_checkpoints(charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "2", "-o", "good.charlm")
    Path("hostile").mkdir()
    for path in make_folder(Path("hostile"), Path("good.charlm").read_bytes()):
        keeper = checkpoints.keeper_of(Path("hostile") / "m", 0.0)
        keeper.path.unlink(missing_ok=True)
        keeper.path.symlink_to(path.name)
        with bounded_time():
            result = charlm("train", "rnn", "book.txt", "-o", "hostile/m", "--resume")
        assert result.code in (1, 2), path
        assert result.err.startswith(f"Error: {keeper.path}: "), result.err
        assert result.err.count("\n") == 1
