"""Lines of logs, as an engineer would watch them: through real pipes that stay open."""

import csv
import io
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Charlm, Maker, Result

LOG = [f"2026-11-29 12:{i % 60:02} GET /page/{i % 7} 200 {i % 9} ms\n" for i in range(400)]
ODD = "2026-11-29 12:09 GET /page/3 500 Segfault!! 4 ms\n"
LONG = LOG[3].strip() * 9 + "\n"  # long, and like all others
SOON = 120  # seconds; a slow machine is no failure, a line that never comes is


@pytest.fixture
def log(charlm: Charlm, made: Maker) -> Charlm:
    Path("old.log").write_text("".join(LOG))
    for name in ("file", "line"):
        made(("train", "old.log", "--order", "5", "--sequence", name, "-o", f"{name}.charlm"))
    Path("new.log").write_text("".join([*LOG[:50], ODD, *LOG[50:80], LONG, *LOG[80:99]]))
    return charlm


def rows(result: Result) -> list[dict[str, str]]:
    assert result.code == 0, result.err
    return list(csv.DictReader(io.StringIO(result.out), delimiter="\t"))


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real process, whose pipes stay open."""
    process = subprocess.Popen(
        [sys.executable, "-m", "charlm", "score", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[bytes]) -> str:
    """The next line that the process prints; a failure if none comes while the pipe is open."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], SOON)
    assert ready, "nothing came though the line was whole"
    found = b""
    while not found.endswith(b"\n"):
        byte = os.read(process.stdout.fileno(), 1)
        assert byte, "the program has ended"
        found += byte
    return found.decode()


def write(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(text.encode())
    process.stdin.flush()


@pytest.mark.parametrize("options", [(), ("--adaptive",), ("--reset", "line"), ("--window", "3")])
def test_each_line_is_printed_as_it_comes(options: tuple[str, ...], log: Charlm) -> None:
    with running("file.charlm", "-", "--by", "line", *options) as process:
        assert line(process).startswith("offset")
        for number, text in enumerate((LOG[5], ODD, LOG[6]), 1):
            write(process, text)
            cells = line(process).split("\t")
            assert cells[1] == str(number)
            assert cells[3].startswith("2026-11-29")
        write(process, "half a ")
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 0.2)[0] == []
        write(process, "line\n")
        assert "half a line" in line(process)


def test_only_what_costs_more_is_printed(log: Charlm) -> None:
    with running("line.charlm", "-", "--by", "line", "--above", "60") as process:
        line(process)
        write(process, "".join([*LOG[:9], ODD, LOG[9]]))
        cells = line(process).split("\t")
        assert cells[3] == ODD.replace("\n", "\\n")
        assert float(cells[5]) > 60
        assert "Seg" in cells[-1]  # the place of the surprise
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 0.2)[0] == []


@pytest.mark.parametrize("model", ["file.charlm", "line.charlm"])
@pytest.mark.parametrize("options", [(), ("--adaptive",), ("--reset", "line"), ("--json",)])
def test_what_comes_is_scored_as_a_file_is(
    model: str, options: tuple[str, ...], log: Charlm
) -> None:
    if options == ("--adaptive",) and model == "line.charlm":
        options += ("--above", "20")
    data = Path("new.log").read_bytes() + b"no end"
    Path("new.log").write_bytes(data)
    as_file = log("score", model, "new.log", "--by", "line", *options)
    piped = log("score", model, "-", "--by", "line", *options, stdin=data)
    assert as_file.code == piped.code == 0
    if options == ("--json",):
        for one, other in zip(as_file.out.splitlines(), piped.out.splitlines(), strict=True):
            known, found = json.loads(one), json.loads(other)
            assert found.pop("text") == "standard input"
            known.pop("text")
            assert found == known
    else:
        assert piped.out == as_file.out
        assert len(piped.out.splitlines()) > 2


def test_a_reader_that_goes_away_ends_it_without_a_word(log: Charlm) -> None:
    with running("line.charlm", "-", "--by", "line") as process:
        line(process)
        assert process.stdout is not None
        process.stdout.close()
        try:
            for _ in range(99):
                write(process, LOG[0])
        except BrokenPipeError:
            pass
        assert process.wait(SOON) == -signal.SIGPIPE
        assert process.stderr is not None
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("rank_by", "first"), [("window", ODD), ("total", LONG), ("character", ODD)]
)
def test_long_lines_do_not_win_by_length(rank_by: str, first: str, log: Charlm) -> None:
    found = rows(log("score", "line.charlm", "new.log", "--rank", "3", "--rank-by", rank_by))
    assert [row["rank"] for row in found] == ["1", "2", "3"]
    assert found[0]["content"] == first.replace("\n", "\\n")
    assert found[0]["line"] == ("51" if first == ODD else "82")
    key = {"window": "peak_bits", "total": "bits", "character": "bits_per_char"}[rank_by]
    values = [float(row[key]) for row in found]
    assert values == sorted(values, reverse=True)
    whole = rows(log("score", "line.charlm", "new.log", "--by", "line"))
    assert values == sorted((float(row[key]) for row in whole), reverse=True)[:3]


def test_the_strangest_of_several_files(log: Charlm) -> None:
    words = ("score", "line.charlm", "old.log", "new.log", "--rank", "1")
    (found,) = rows(log(*words))
    assert (found["text"], found["line"]) == ("new.log", "51")
    (told,) = log(*words, "--json").out.splitlines()
    assert json.loads(told)["text"] == "new.log"
    assert json.loads(told)["rank"] == 1


def test_the_peak_is_where_it_is_said_to_be(log: Charlm) -> None:
    for row in rows(log("score", "line.charlm", "new.log", "--by", "line", "--window", "5")):
        line_of_it = Path("new.log").read_text().splitlines(keepends=True)[int(row["line"]) - 1]
        peak = row["peak"].replace("\\n", "\n")
        column = int(row["peak_column"]) - 1
        assert line_of_it[column : column + 5] == peak
        assert float(row["peak_bits"]) <= float(row["bits"]) + 1e-5


def test_nothing_comes_of_nothing(log: Charlm) -> None:
    assert log("score", "line.charlm", "-", "--by", "line").out.count("\n") == 1
    assert log("score", "line.charlm", "-", "--rank", "3").out.count("\n") == 1
    result = log("score", "line.charlm", "-", "--by", "line", stdin=b"a\n\xff\n")
    assert result.code == 1
    assert "standard input: line 2 is not valid utf-8; try --encoding" in result.err
