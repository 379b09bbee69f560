"""Every file that a command writes: whole or not at all, whatever happens."""

import gzip
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from charlm.cli.options import FILE
from charlm.files.locking import alone, beside, lock
from charlm.files.writing import PART
from charlm.rnn.cells import CELLS
from tests.cli.conftest import Charlm, Maker
from tests.cli.walk import OPTIONS

FEW = ("--hidden", "8", "--steps", "3", "--batch", "2", "--window", "4")
READY = (
    ("train", "book.txt", "--order", "1", "-o", "a.charlm"),
    ("train", "book.txt", "--order", "0", "-o", "b.charlm"),
    ("export", "a.charlm", "-o", "a.arpa"),
    ("compress", "a.charlm", "other.txt", "-o", "a.clm"),
    ("train", "rnn", "book.txt", *FEW, "-o", "r.charlm", "--log", "run.jsonl"),
    ("count", "book.txt", "--order", "1", "-o", "a.counts"),
    ("count", "other.txt", "--order", "1", "-o", "b.counts"),
    ("merge", "a.counts", "b.counts", "-o", "ab.counts"),
)
OUTPUT = "out"
WRITERS = {
    "train ngram": ("train", "ngram", "book.txt", "-o", OUTPUT),
    "train rnn": ("train", "rnn", "book.txt", *FEW, "-o", OUTPUT),
    "export": ("export", "a.charlm", "-o", OUTPUT),
    "export --torch": ("export", "r.charlm", "--torch", OUTPUT),
    "import": ("import", "a.arpa", "-o", OUTPUT),
    "mix": ("mix", "a.charlm", "b.charlm", "--tune", "other.txt", "-o", OUTPUT),
    "compress": ("compress", "a.charlm", "other.txt", "-o", OUTPUT),
    "decompress": ("decompress", "a.charlm", "a.clm", "-o", OUTPUT),
    "count": ("count", "book.txt", "--order", "1", "-o", OUTPUT),
    "merge": ("merge", "a.counts", "b.counts", "-o", OUTPUT),
    "subtract": ("subtract", "ab.counts", "b.counts", "-o", OUTPUT),
    "score --html": ("score", "a.charlm", "other.txt", "--html", OUTPUT),
    "score": ("score", "a.charlm", "other.txt", "-o", OUTPUT),
    "identify": ("identify", "a.charlm", "b.charlm", "other.txt", "-o", OUTPUT),
    "perplexity": ("perplexity", "a.charlm", "other.txt", "-o", OUTPUT),
    "info": ("info", "a.charlm", "--text", "To be or not", "-o", OUTPUT),
    "info --svg": ("info", "a.charlm", "--matrix", "--svg", OUTPUT),
    "gradients flow": ("gradients", "flow", "r.charlm", "other.txt", "--lags", "40", "-o", OUTPUT),
    "gradients flow --svg": (
        "gradients",
        "flow",
        "r.charlm",
        "other.txt",
        "--lags",
        "40",
        "--svg",
        OUTPUT,
    ),
    "sample": ("sample", "a.charlm", "--length", "400", "--seed", "1", "-o", OUTPUT),
    "gradients check": ("gradients", "check", "-o", OUTPUT),
    "gradients trace": ("gradients", "trace", "--text", "abab", "-o", OUTPUT),
    "plot": ("plot", "run.jsonl", "-o", OUTPUT),
    "rank": ("rank", "a.charlm", "other.txt", "-o", OUTPUT),
    "score --figure": ("score", "a.charlm", "other.txt", "--figure", OUTPUT),
    "score --svg": ("score", "a.charlm", "other.txt", "--svg", OUTPUT),
    "continue": ("continue", "a.charlm", "--prompt", "To be, " * 34, "-o", OUTPUT),
    "filter": ("filter", "a.charlm", "other.txt", "--below", "9", "-o", OUTPUT),
    "filter --scores": ("filter", "a.charlm", "other.txt", "--scores", OUTPUT),
}
GROWING = {"train rnn --log": ("train", "rnn", "book.txt", *FEW, "-o", "m.charlm", "--log", OUTPUT)}
READS_NOTHING = {"gradients check", "gradients trace"}
ANY_FILE = {
    "continue",
    "decompress",
    "filter",
    "filter --scores",
    "sample",
    *GROWING,
}  # what they write may be any file, or is another run's


def writers() -> Iterator[str]:
    """The commands that write a file, with the option that names it where it is not -o."""
    for path, option in OPTIONS:
        if option.type is FILE and getattr(option, "group", None) in ("Output", "Run"):
            yield " ".join(path) + ("" if "-o" in option.opts else f" {option.opts[-1]}")


COMMANDS = [*writers()]
each_writer = pytest.mark.parametrize("command", sorted(WRITERS))


@pytest.fixture
def ready(charlm: Charlm, made: Maker, monkeypatch: pytest.MonkeyPatch) -> Charlm:
    """A folder with a small model and what can be made of it; few gradients are checked."""
    monkeypatch.setattr("charlm.rnn.gradients.check.CELLS", {"elman": CELLS["elman"]})
    made(*READY)
    return charlm


@pytest.fixture
def old(command: str, ready: Charlm, made: Maker) -> Charlm:
    """The same folder, with an output of the command's own that it may replace."""
    if command in ANY_FILE:
        Path(OUTPUT).touch()
    else:
        made(WRITERS[command])
    return ready


def test_every_command_that_writes_is_here() -> None:
    assert set(COMMANDS) == WRITERS.keys() | GROWING.keys()


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@each_writer
def test_a_full_disk_is_one_line_and_nothing_changes(command: str, old: Charlm) -> None:
    before = {path.name: path.read_bytes() for path in Path().iterdir()}
    with full_disk(200):
        result = old(*WRITERS[command])
    assert result.code == 1
    errors = [line for line in result.err.splitlines() if line.startswith("Error: ")]
    assert errors == [f"Error: {OUTPUT}: cannot be written: File too large"]
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == before


@each_writer
def test_what_another_run_is_writing_is_left_alone(command: str, old: Charlm) -> None:
    before = Path(OUTPUT).read_bytes()
    descriptor = lock(beside(Path(OUTPUT), PART))
    result = old(*WRITERS[command])
    os.close(descriptor)
    assert (result.code, result.err.count("Error: ")) == (1, 1)
    assert f"Error: {OUTPUT}: another run is writing it" in result.err
    assert Path(OUTPUT).read_bytes() == before


@pytest.mark.parametrize("command", ["train ngram", "train rnn", "mix", "import"])
def test_two_makers_of_one_model(command: str, ready: Charlm) -> None:
    with alone(Path(OUTPUT)):
        result = ready(*WRITERS[command])
    assert result.code == 1
    assert result.err == f"Error: {OUTPUT}: another run is writing it; give -o another name\n"


@each_writer
def test_what_is_read_is_never_replaced(command: str, ready: Charlm) -> None:
    inputs = [word for word in WRITERS[command] if word != OUTPUT and Path(word).is_file()]
    assert inputs or command in READS_NOTHING
    for name in inputs:
        before = Path(name).read_bytes()
        result = ready(*[f"./{name}" if word == OUTPUT else word for word in WRITERS[command]])
        assert result.code in (1, 2)
        assert result.err.count("Error: ") == 1
        assert Path(name).read_bytes() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_text_is_replaced_by_force_alone(command: str, ready: Charlm) -> None:
    text = "Not a byte of it may go.\n" * 99
    Path(OUTPUT).write_text(text)
    words = (WRITERS | GROWING)[command]
    result = ready(*words)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert result.err.startswith(f"Error: {OUTPUT}: is ")
    assert result.err.endswith("; --force overwrites it all the same\n")
    assert Path(OUTPUT).read_text() == text
    assert ready(*words, "--force").code == 0
    assert text.encode() not in Path(OUTPUT).read_bytes()


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - ANY_FILE))
def test_a_file_of_its_own_kind_is_replaced(command: str, old: Charlm) -> None:
    before = Path(OUTPUT).read_bytes()
    assert old(*WRITERS[command]).code == 0
    assert Path(OUTPUT).read_bytes() == before
    Path(OUTPUT).write_bytes(b"")  # nothing is lost
    assert old(*WRITERS[command]).code == 0


def kind_of(command: str, kinds: Mapping[str, str]) -> str:
    """What it writes: what its option says, or else its first word; all pictures are one kind."""
    if "--" in command:
        return command.split()[-1].replace("--figure", "--svg")
    return kinds.get(command.split()[0], command)


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - ANY_FILE))
def test_other_kinds_are_no_kind_of_its_own(command: str, ready: Charlm, made: Maker) -> None:
    """What one command wrote no other one replaces, but for one that writes the same."""
    kinds = dict.fromkeys(("train", "import", "mix"), "model")
    kinds |= dict.fromkeys(("count", "merge", "subtract"), "counts")
    kinds["plot"] = "--svg"
    kinds |= dict.fromkeys(
        ("score", "identify", "perplexity", "info", "gradients", "rank"), "table"
    )
    for other in sorted(set(COMMANDS) - ANY_FILE):
        kind, others = (kind_of(words, kinds) for words in (command, other))
        if kind != others:
            made(WRITERS[other])
            before = Path(OUTPUT).read_bytes()
            assert ready(*WRITERS[command]).code == 1
            assert Path(OUTPUT).read_bytes() == before
            Path(OUTPUT).unlink()


@pytest.mark.parametrize("suffix", [".gz", ""])
def test_compressed_arpa_files_are_arpa_files(suffix: str, ready: Charlm) -> None:
    name = f"again.arpa{suffix}"
    assert ready("export", "a.charlm", "-o", name).code == 0
    assert ready("export", "a.charlm", "-o", name).code == 0
    Path(name).write_bytes(gzip.compress(b"a text, compressed"))
    assert ready("export", "a.charlm", "-o", name).code == 1
    Path(name).write_bytes(b"\x1f\x8b and no more")
    assert ready("export", "a.charlm", "-o", name).code == 1


@each_writer
def test_an_output_is_a_device_if_so_named(command: str, ready: Charlm, null_device: Path) -> None:
    words = [str(null_device) if word == OUTPUT else word for word in WRITERS[command]]
    result = ready(*words)
    assert (result.code, result.out) == (0, "")
    assert null_device.is_char_device()


@each_writer
def test_what_a_killed_run_left_goes_with_the_next(command: str, old: Charlm) -> None:
    left = beside(Path(OUTPUT), PART)
    left.write_bytes(bytes(10**6))
    assert old(*WRITERS[command]).code == 0
    assert not left.exists()
    assert 0 < Path(OUTPUT).stat().st_size < 10**6


ENDLESS = """
from charlm.cli.main import run
from charlm.ngram import estimation
estimate = estimation.estimate
def endless(*arguments, **options):
    print("at work", flush=True)
    while True:
        estimate(*arguments, **options)
estimation.estimate = endless
run()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_ngram_training_leaves_everything_as_it_was(
    number: int, code: int, ready: Charlm
) -> None:
    Path(OUTPUT).write_bytes(Path("b.charlm").read_bytes())
    before = sorted(path.name for path in Path().iterdir())
    old = Path(OUTPUT).read_bytes()
    command = [sys.executable, "-c", ENDLESS, "train", "book.txt", "-o", OUTPUT]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert err.strip() in ("Error: interrupted", "Error: terminated")
    assert sorted(path.name for path in Path().iterdir()) == before
    assert Path(OUTPUT).read_bytes() == old


def test_a_log_that_cannot_be_written_does_not_stop_training(charlm: Charlm) -> None:
    result = charlm("train", "rnn", "book.txt", *FEW, "--log", "/dev/full", "-o", "m.charlm")
    assert result.code == 0
    assert result.err.count("Warning: /dev/full: cannot be written: No space left on device") == 1
    assert Path("m.charlm").exists()


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000, '{"step": "5", "seconds": 1.0}', '{"step": 5, "seconds": 1e999}', "null",
        '{"step": 1, "seconds": [1]}', '{"step": true, "seconds": 1.0}', "9" * 5000,
        '{"step": 1, "seconds": NaN}',
    ],
)  # fmt: skip
def test_what_is_no_log_is_left_alone(line: str, charlm: Charlm) -> None:
    Path("run.jsonl").write_text(line + "\n")
    result = charlm("train", "rnn", "book.txt", *FEW, "--log", "run.jsonl", "-o", "m.charlm")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "run.jsonl: is not a log of training; --force overwrites it" in result.err
    assert Path("run.jsonl").read_text() == line + "\n"


def test_a_log_may_go_through_a_pipe(charlm: Charlm) -> None:
    os.mkfifo("pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE, text=True) as reader:
        code = charlm("train", "rnn", "book.txt", *FEW, "--log", "pipe", "-o", "m.charlm").code
        assert reader.stdout is not None
        assert (code, len(reader.stdout.read().splitlines())) == (0, 3)
