"""`charlm rank`: candidates in order, as the library ranks them."""

import json
from pathlib import Path

import pytest

import charlm as library
from tests.cli.conftest import Charlm

LINES = "the cat sat on the mat\nthe cat ran\na dog sat\n" * 20
CANDIDATES = "mat\ncat\n\ncatamaran\tx\ncat\r\n"


@pytest.fixture
def model() -> library.Model:
    made = library.train_ngram(LINES, order=4, sequence="line")
    made.save("m.charlm")
    Path("c.txt").write_text(CANDIDATES, newline="")
    return made


@pytest.mark.parametrize("typed", [(), ("--given", "the "), ("--given", "the ", "--per-char")])
def test_lines_are_ranked_as_by_the_library(
    typed: tuple[str, ...], charlm: Charlm, model: library.Model
) -> None:
    said = charlm("rank", "m.charlm", "c.txt", "--json", *typed).out
    rows = [json.loads(line) for line in said.splitlines()]
    lines = ["mat", "cat", "", "catamaran\tx", "cat"]
    given, per_char = "the " if typed else "", "--per-char" in typed
    found = model.rank(lines, given=given, per_char=per_char)
    assert [row["text"] for row in rows] == [one.text for one in found]
    assert [lines[row["line"] - 1] for row in rows] == [row["text"] for row in rows]
    assert {row["line"] for row in rows} == {1, 2, 3, 4, 5}
    for row, one in zip(rows, found, strict=True):
        assert row["bits"] == pytest.approx(one.bits)
        assert row["share"] == pytest.approx(one.share)
        assert row["characters"] == one.chars == len(row["text"])
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]
    key = "bits_per_char" if per_char else "bits"
    costs = [row[key] for row in rows if row[key] is not None]
    assert costs == sorted(costs)


def test_a_table_goes_into_a_pipe(charlm: Charlm, model: library.Model) -> None:
    header, *rows = charlm("rank", "m.charlm", "c.txt", "--given", "the ").out.splitlines()
    assert header == "rank\tline\tbits\tcharacters\tbits_per_char\tshare\ttext"
    assert [row.split("\t")[1] for row in rows][:3] == ["1", "2", "5"]
    assert rows[-1].endswith("catamaran\\tx")


def test_what_is_given_decides(charlm: Charlm, model: library.Model) -> None:
    Path("c.txt").write_text("dog\ncat\n")
    for given, first in (("a ", "dog"), ("the ", "cat")):
        said = charlm("rank", "m.charlm", "c.txt", "--given", given, "--json").out
        assert json.loads(said.splitlines()[0])["text"] == first


def test_bytes_are_shown_as_text(charlm: Charlm) -> None:
    library.train_ngram("é中" * 50, unit="byte").save("m.charlm")
    Path("c.txt").write_text("中\né\n")
    said = charlm("rank", "m.charlm", "c.txt", "--given", "é", "--json").out
    assert [json.loads(line)["text"] for line in said.splitlines()] == ["中", "é"]
