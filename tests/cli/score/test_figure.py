"""`charlm score --figure`: bars by word, for a paper."""

import re
import sys
from pathlib import Path

import pytest

import charlm as library
from tests.cli.conftest import Charlm

TABLE = 'item,kind,sentence\nx,a,"To be, or not"\ny,b,"so ""they"" say"\n'


@pytest.fixture
def table(models: tuple[str, ...]) -> tuple[str, ...]:
    Path("items.csv").write_text(TABLE)
    return models


def shown_bits(svg: str) -> list[tuple[str, float]]:
    found = re.findall(r"<title>(.*?): ([\d.]+) bits</title>", svg)
    return [(word, float(bits)) for word, bits in found]


def test_it_shows_the_bits_of_the_table(table: tuple[str, ...], charlm: Charlm) -> None:
    typed = ("score", *table, "items.csv", "--text-column", "sentence", "--id-column", "item")
    assert charlm(*typed, "--figure", "f.svg").code == 0
    rows = [line.split("\t") for line in charlm(*typed).out.splitlines()[1:]]
    svg = Path("f.svg").read_text()
    assert sorted(bits for _, bits in shown_bits(svg)) == pytest.approx(
        sorted(float(row[5]) for row in rows), abs=0.006
    )
    assert all(f">{name}</text>" in svg for name in (*table, "x", "y"))


def test_it_shows_the_bits_of_a_text_that_is_read_on(
    models: tuple[str, ...], charlm: Charlm
) -> None:
    Path("t.txt").write_text("To be\n\nor not to\nbe")
    name = models[0]
    assert charlm("score", name, "t.txt", "--figure", "f.svg").code == 0
    rows = [
        line.split("\t") for line in charlm("score", name, "t.txt", "--by", "word").out.split("\n")
    ]
    words = [(row[3], float(row[5])) for row in rows[1:-1] if row[3] != "\\n"]
    found = shown_bits(Path("f.svg").read_text())
    assert [word for word, _ in found] == [word.strip() for word, _ in words]
    assert [bits for _, bits in found] == pytest.approx([bits for _, bits in words], abs=0.006)
    assert ">line 2<" not in Path("f.svg").read_text()


def test_python_draws_the_same(table: tuple[str, ...], charlm: Charlm) -> None:
    for dark in (False, True):
        typed = ("score", *table, "items.csv", "--text-column", "sentence", *["--dark"] * dark)
        assert charlm(*typed, "--figure", "f.svg", "--force").code == 0
        models = {name: library.load(name) for name in table}
        found = library.score_items(models, ["To be, or not", 'so "they" say'])
        assert found.figure(dark=dark) == Path("f.svg").read_text()


@pytest.mark.parametrize(("name", "magic"), [("f.pdf", b"%PDF"), ("f.png", b"\x89PNG")])
def test_other_formats_are_converted(
    name: str, magic: bytes, table: tuple[str, ...], charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cairosvg")
    typed = ("score", table[0], "items.csv", "--text-column", "sentence", "--figure", name)
    assert charlm(*typed).code == 0
    assert Path(name).read_bytes().startswith(magic)
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    done = charlm(*typed, "--force")
    assert done.code == 2
    assert "cairosvg is not installed; `pip install 'charlm-cli[figures]'`" in done.err


def test_what_it_does_not_show_is_said(table: tuple[str, ...], charlm: Charlm) -> None:
    typed = ("score", table[0], "items.csv", "--text-column", "sentence", "--figure", "f.svg")
    assert "f.svg shows 1 of 2 lines; --lines shows more." in charlm(*typed, "--lines", "1").err
    for wrong, message in (
        (("--html", "f.html"), "--figure draws one text or table"),
        (("--by", "line"), "--figure shows bits by word"),
        (("--json",), "choose one"),
    ):
        done = charlm(*typed, *wrong)
        assert (done.code, message in done.err) == (2, True), done.err
    assert "--dark is for a --figure" in charlm("score", table[0], "other.txt", "--dark").err
