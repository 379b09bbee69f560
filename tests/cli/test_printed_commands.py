"""What is printed to be typed next works when it is pasted into a shell, for files of any name."""

import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from charlm.api.checkpoints import CheckpointKeeper, UnfinishedTraining
from charlm.cli import shell
from charlm.cli.console import one_line
from tests.cli.conftest import SMALL_RNN, Charlm, Result

NAMES = [
    "my book.txt", "-dash.txt", "--help", "it's.txt", "$(echo).txt", "$HOME`id`.txt", "~tilde.txt",
    "*.txt", "!!.txt", '"quoted".txt', "#hash.txt", "a;b&c|d>e.txt", "back\\slash.txt", "中é.txt",
    "two\nlines.txt", "ends\n", "tab\t.txt", "\x1b[31mred.txt", "\u202ereversed.txt", "\u2028.txt",
    os.fsdecode(b"caf\xe9.txt"), os.fsdecode(b"\xff\xfe9a"), " blanks ",
]  # fmt: skip
EVERY_NAME = pytest.mark.parametrize("name", NAMES, ids=ascii)
OUTPUTS = re.compile(r"^(?:Next|To go on): (charlm .*)$", re.MULTILINE)


def as_a_shell_reads(line: str, **variables: str) -> list[str]:
    """The words that a program called charlm is given."""
    script = f'charlm() {{ printf "%s\\0" "$@"; }}\n{line}'
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, check=True, env={**os.environ, **variables}
    )
    return [os.fsdecode(word) for word in done.stdout.split(b"\0")[:-1]]


def pasted(result: Result, charlm: Charlm) -> Result:
    """What comes of the command that was printed."""
    (line,) = OUTPUTS.findall(result.err)
    return charlm(*as_a_shell_reads(line))


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_a_shell_reads_what_was_meant(locale: str) -> None:
    words = [*NAMES, "", "plain", "\x7f", "'", "\\", "\u00a0", "👩‍👩‍👧", "x" * 999]
    assert as_a_shell_reads(shell.line(["charlm", *words]), LC_ALL=locale) == words
    assert one_line(shell.line(["charlm", *words])) == shell.line(["charlm", *words])


def test_bytes_stand_as_shells_write_them() -> None:
    assert shell.line(["a b", os.fsdecode(b"caf\xe9.txt")]) == r"'a b' $'caf\xe9.txt'"


def test_notes_that_cannot_hold_a_letter_name_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert shell.line(["中 a"]) == r"$'\xe4\xb8\xad a'"


@EVERY_NAME
def test_what_was_trained_speaks(name: str, charlm: Charlm) -> None:
    Path(name).write_text("some text\n" * 9)
    for words in (
        ("train",),
        ("train", "rnn", *SMALL_RNN),
        ("train", "--order", "1", "--prune", "0,1"),
    ):
        assert pasted(charlm(*words, "--", name), charlm).code == 0


@EVERY_NAME
def test_what_was_mixed_or_imported_speaks(name: str, charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "1", "-o", f"./{name}")
    mixed = charlm("mix", "--tune", "other.txt", "--", name, name)
    assert pasted(mixed, charlm).code == 0
    charlm("export", "-o", f"./{name}.arpa", "--", name)
    assert pasted(charlm("import", "--", f"{name}.arpa"), charlm).code == 0


@EVERY_NAME
def test_what_was_stopped_goes_on(
    name: str, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_in_time(self: CheckpointKeeper, unfinished: UnfinishedTraining) -> None:
        if unfinished.checkpoint.run.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(CheckpointKeeper, "save_in_time", save_in_time)
    Path(name).write_text("some text\n" * 9)
    stopped = charlm(
        "train", "rnn", "--hidden", "8", "--steps", "3", "--log", f"{name}.log", "--", name
    )
    assert stopped.code == 130
    gone_on = pasted(stopped, charlm)
    assert gone_on.code == 0
    assert "Going on at step 2 of 3." in gone_on.err


@pytest.mark.parametrize("where", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "-"])
def test_what_has_no_name_counts_as_standard_input(where: str, tmp_path: Path) -> None:
    told = _in_bash(f"echo abc | {sys.executable} -m charlm train {where}", tmp_path)
    assert told.endswith("Next: charlm sample stdin.ngram.charlm\n")
    assert (tmp_path / "stdin.ngram.charlm").exists()


def test_a_part_of_a_shell_has_no_name_either(tmp_path: Path) -> None:
    told = _in_bash(f"{sys.executable} -m charlm train <(echo abc)", tmp_path)
    assert told.endswith("Next: charlm sample stdin.ngram.charlm\n")


def _in_bash(line: str, folder: Path) -> str:
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_what_came_through_a_pipe_is_to_come_again(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        CheckpointKeeper,
        "save_in_time",
        lambda self, unfinished: os.kill(os.getpid(), signal.SIGINT),
    )
    result = charlm("train", "rnn", "-", "--hidden", "8", "--steps", "3", stdin=b"some text\n" * 9)
    assert result.code == 130
    last = result.err.splitlines()[-1]
    assert last == "To go on: the same command again, with the same texts and --resume."
