"""`charlm score`, as a user would type it."""

import ast
import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from charlm.text.units import UNITS
from tests.cli.conftest import Charlm, Maker, Result
from tests.surprisal.test_scores import FOREIGN

Rows = list[dict[str, str]]


def rows(result: Result) -> Rows:
    assert result.code == 0, result.err
    return list(csv.DictReader(io.StringIO(result.out), delimiter="\t"))


def total_bits(charlm: Charlm, *arguments: str) -> float:
    figures = json.loads(charlm("perplexity", *arguments, "--json").out)
    return float(figures["totals"][0]["total_bits"])


@pytest.fixture
def model(charlm: Charlm, made: Maker) -> str:
    made(("train", "--order", "3", "book.txt", "-o", "m.charlm"))
    Path("foreign.txt").write_text(FOREIGN)
    return "m.charlm"


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("sequence", ["file", "line"])
def test_rows_add_up_to_the_perplexity_s_bits(unit: str, sequence: str, charlm: Charlm) -> None:
    Path("foreign.txt").write_text(FOREIGN)
    options = ("--unit", unit, "--sequence", sequence, "--order", "2")
    charlm("train", "book.txt", "-o", "m.charlm", *options)
    expected = total_bits(charlm, "m.charlm", "foreign.txt")
    for by in ("symbol", "character", "word", "line"):
        found = rows(charlm("score", "m.charlm", "foreign.txt", "--by", by))
        assert sum(float(row["bits"]) for row in found) == pytest.approx(expected, abs=1e-3)
    lines = charlm("score", "m.charlm", "foreign.txt", "--json").out.splitlines()
    assert sum(json.loads(line)["bits"] for line in lines) == pytest.approx(expected)


def test_what_is_given_costs_nothing(model: str, charlm: Charlm) -> None:
    """P(given and text) = P(given) P(text | given), by bits."""
    for name, text in (
        ("given.txt", "To b"),
        ("text.txt", "e or not"),
        ("both.txt", "To be or not"),
    ):
        Path(name).write_text(text)
    given, both = (total_bits(charlm, model, name) for name in ("given.txt", "both.txt"))
    for typed in ((), ("--by", "word"), ("--against", model), ("--top", "2")):
        found = rows(charlm("score", model, "text.txt", "--given", "To b", *typed))
        bits = sum(float(row["bits"]) for row in found)
        assert bits == pytest.approx(both - given, abs=1e-3)
    found = rows(charlm("score", model, "text.txt", "--given", "To b", "--top", "1"))
    alone = rows(charlm("score", model, "text.txt", "--top", "1"))
    assert found[0]["expected_1"] != alone[0]["expected_1"]


def test_adaptive_rows_add_up(model: str, charlm: Charlm) -> None:
    expected = total_bits(charlm, model, "other.txt", "--adaptive")
    found = rows(charlm("score", model, "other.txt", "--adaptive"))
    assert sum(float(row["bits"]) for row in found) == pytest.approx(expected, abs=1e-2)


def test_symbols_can_be_read_back(model: str, charlm: Charlm) -> None:
    found = rows(charlm("score", model, "foreign.txt"))
    symbols = [ast.literal_eval('"' + r["symbol"].replace('"', '\\"') + '"') for r in found]
    assert "".join(symbols) == FOREIGN
    data = FOREIGN.encode()
    for row, symbol in zip(found, symbols, strict=True):
        assert data[int(row["offset"]) :].startswith(symbol.encode())
        assert FOREIGN.split("\n")[int(row["line"]) - 1][int(row["column"]) - 1 :][:1] in symbol


def test_rows_of_several_texts_name_them(model: str, charlm: Charlm) -> None:
    found = rows(charlm("score", model, "other.txt", "foreign.txt", "--by", "line"))
    assert {row["text"] for row in found} == {"other.txt", "foreign.txt"}
    assert found[0]["content"] == "PRIDE AND PREJUDICE\\n"
    assert found[0]["symbols"] == "20"


def test_the_likeliest_symbols_are_named(model: str, charlm: Charlm) -> None:
    found = rows(charlm("score", model, "foreign.txt", "--top", "2"))
    objects = charlm("score", model, "foreign.txt", "--top", "2", "--json").out.splitlines()
    for row, line in zip(found, objects, strict=True):
        expected = json.loads(line)["expected"]
        assert len(expected) == 2
        assert float(row["probability_1"]) == pytest.approx(expected[0]["probability"], abs=1e-6)
        assert expected[0]["probability"] >= expected[1]["probability"]
        if row["symbol"] == row["expected_1"]:
            assert float(row["bits"]) == pytest.approx(expected[0]["bits"], abs=1e-5)


def test_two_models_are_laid_side_by_side(model: str, charlm: Charlm) -> None:
    charlm("train", "--unit", "byte", "--order", "2", "book.txt", "-o", "b.charlm")
    found = rows(charlm("score", model, "foreign.txt", "--against", "b.charlm"))
    for name, column in ((model, "bits"), ("b.charlm", "against")):
        total = sum(float(row[column]) for row in found)
        assert total == pytest.approx(total_bits(charlm, name, "foreign.txt"), abs=1e-3)
    for row in found:
        difference = float(row["bits"]) - float(row["against"])
        assert float(row["difference"]) == pytest.approx(difference, abs=2e-6)
    (first, *_) = charlm(
        "score", model, "foreign.txt", "--against", "b.charlm", "--json"
    ).out.split("\n")
    assert {"bits", "against", "difference"} < json.loads(first).keys()


def test_impossible_symbols_have_no_number_in_json(charlm: Charlm) -> None:
    charlm("train", "--smoothing", "mle", "--order", "1", "book.txt", "-o", "m.charlm")
    result = charlm("score", "m.charlm", "-", "--json", stdin="T中".encode())
    assert [json.loads(line)["bits"] is None for line in result.out.splitlines()] == [False, True]
    result = charlm("score", "m.charlm", "-", stdin="T中".encode())
    assert [row["bits"] == "inf" for row in rows(result)] == [False, True]


def test_nothing_has_no_rows(model: str, charlm: Charlm) -> None:
    assert charlm("score", model, "-").out == "offset\tline\tcolumn\tsymbol\tbits\n"
    assert charlm("score", model, "-", "--json").out == ""


def test_a_page_and_a_picture_are_written(model: str, charlm: Charlm) -> None:
    arguments = ("--html", "a.html", "--svg", "a.svg", "--top", "2", "--against", model)
    result = charlm("score", model, "foreign.txt", *arguments)
    assert result.code == 0
    assert result.out == ""
    assert re.fullmatch(r"Wrote a\.svg \(.* MB\)\.\nWrote a\.html \(.* MB\)\.\n", result.err)
    assert "Difference in surprisal" in Path("a.html").read_text()
    assert charlm("score", model, "foreign.txt", "--html", "-").out.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("units", "named"),
    [(("char", "word"), "Words"), (("word", "char"), "Words"), (("byte", "char"), "Characters")],
)
def test_a_page_of_two_units_names_the_longer_one(
    units: tuple[str, str], named: str, charlm: Charlm
) -> None:
    for unit in units:
        charlm("train", "book.txt", "--unit", unit, "--order", "1", "-o", f"{unit}.charlm")
    first, second = (f"{unit}.charlm" for unit in units)
    page = charlm("score", first, "other.txt", "--against", second, "--html", "-").out
    assert f"{named} by difference in bits" in page


def test_pictures_need_nothing_from_outside(model: str, charlm: Charlm) -> None:
    charlm("score", model, "foreign.txt", "--svg", "a.svg", "--lines", "3")
    source = Path("a.svg").read_text()
    picture = ET.fromstring(source)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert "http" not in source.replace("http://www.w3.org/2000/svg", "")
    drawn = re.sub(r"\s", "", "".join(picture.itertext()))
    assert "1THESONNETS↵2byWilliamShakespeare↵" in drawn
    assert "line3of15" in drawn


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("other.txt", "--top", "2", "--by", "word"), "--top names symbols"),
        (("other.txt", "book.txt", "--html", "a.html"), "shows one text"),
        (("other.txt", "--html", "a", "--svg", "./a"), "a page and a picture need a file each"),
        (("other.txt", "--html", "a.html", "--json"), "--json prints rows"),
        (("other.txt", "--html", "./other.txt"), "./other.txt: would be replaced"),
        (("other.txt", "--svg", "m.charlm"), "m.charlm: would be replaced"),
        (("other.txt", "--against", "lower.charlm"), "do not read the same text"),
    ],
)
def test_what_cannot_be_shown_is_one_line(
    arguments: tuple[str, ...], message: str, model: str, charlm: Charlm
) -> None:
    charlm("train", "--order", "1", "--lowercase", "book.txt", "-o", "lower.charlm")
    before = Path("other.txt").read_bytes()
    result = charlm("score", model, *arguments)
    assert result.code == 2
    assert message in result.err
    assert result.err.count("\n") == 1
    assert Path("other.txt").read_bytes() == before


def test_known_texts_are_pointed_out(model: str, charlm: Charlm) -> None:
    assert "Warning: m.charlm was trained on book.txt" in charlm("score", model, "book.txt").err


def test_places_in_changed_texts_are_pointed_out(charlm: Charlm) -> None:
    charlm("train", "--order", "1", "--lowercase", "book.txt", "-o", "lower.charlm")
    result = charlm("score", "lower.charlm", "-", stdin=b"ABC\n")
    assert [row["symbol"] for row in rows(result)] == ["a", "b", "c", "\\n"]
    assert "lower.charlm changes standard input before it reads it" in result.err
    assert charlm("score", "lower.charlm", "-", stdin=b"abc\n").err == ""


def on_terminal(*arguments: str, **environment: str) -> str:
    """What a real process writes to a real terminal of 80 columns."""
    shown, terminal = pty.openpty()
    kept = {
        n: v for n, v in os.environ.items() if n not in ("NO_COLOR", "FORCE_COLOR", "COLORTERM")
    }
    variables = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "30", **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "charlm", "score", *arguments],
        stdout=terminal, stderr=terminal, env={**kept, **variables},
    )  # fmt: skip
    os.close(terminal)
    written = b""
    try:
        while piece := os.read(shown, 1 << 16):
            written += piece
    except OSError:  # the other end is closed
        pass
    os.close(shown)
    assert process.wait() == 0
    return written.decode().replace("\r\n", "\n")


def test_a_terminal_shows_the_text_in_colours(model: str, charlm: Charlm) -> None:
    out = on_terminal(model, "foreign.txt", "--top", "1", "--lines", "9")
    assert "\x1b[38;5;" in out
    assert "48;5;" in out
    plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", out)
    assert "\n 1 THE SONNETS↵\n" in plain
    assert "12 bits" in plain
    assert "Most surprising:" in plain
    assert re.search(r"\d bits +\d+:\d+ .*expected '", plain)
    assert "unknown:spelt" in plain


def test_a_terminal_without_colours_shows_marks(model: str, charlm: Charlm) -> None:
    out = on_terminal(model, "foreign.txt", "--lines", "40", NO_COLOR="1", TERM="dumb")
    lines = out[out.index("foreign.txt\n") :].split("\n")
    text = next(i for i, line in enumerate(lines) if "jumps over" in line)
    assert re.fullmatch("   [ ▁▂▃▄▅▆▇█]+", lines[text + 1])
    assert len(lines[text + 1]) <= len(lines[text])
    assert "\x1b" not in "".join(lines)
