import json
import re
import sys
from pathlib import Path

import pytest

from charlm.text.units import UNITS
from tests.cli.conftest import Charlm, Maker

MIXED = "abab\nxyxy\n\n[b]\ta\\b\x1b[31m\n" + 16 * "xy" + 20 * "中"
ESCAPE = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def models(charlm: Charlm, made: Maker) -> Charlm:
    Path("ab.txt").write_text("abababab\n" * 20)
    Path("xy.txt").write_text("xyxyxyxy\n" * 20)
    for name, unit in (("ab", "char"), ("xy", "byte")):
        made(("train", f"{name}.txt", "--order", "2", "--unit", unit, "-o", f"{name}.charlm"))
    Path("mixed.txt").write_text(MIXED)
    return charlm


def test_a_pipe_gets_a_table_of_tab_separated_values(models: Charlm) -> None:
    result = models("identify", "ab.charlm", "xy.charlm", "mixed.txt")
    heads, *rows = [line.split("\t") for line in result.out.splitlines()]
    assert heads == ["line", "best", "margin_bits", "ab.charlm", "xy.charlm", "text"]
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [row[1] for row in rows[:3]] == ["ab.charlm", "xy.charlm", ""]
    assert rows[3][-1] == "[b]\\ta\\\\b\\x1b[31m"
    for row in rows:
        assert float(row[2]) == pytest.approx(abs(float(row[3]) - float(row[4])), abs=0.002)
    assert "ab.charlm " in result.err
    assert "Undecided, blank or equally likely: 1." in result.err


def test_json_has_an_object_a_line(models: Charlm) -> None:
    result = models("identify", "ab.charlm", "xy.charlm", "mixed.txt", "--json")
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert [row["line"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["text"] for row in rows] == MIXED.split("\n")
    first, blank = rows[0], rows[2]
    assert set(first) == {"schema", "line", "best", "margin_bits", "models", "text"}
    assert (first["schema"], first["best"], blank["best"]) == (1, "ab.charlm", None)
    bits = [model["bits"] for model in first["models"]]
    assert first["margin_bits"] == pytest.approx(bits[1] - bits[0])
    assert first["models"][0]["bits_per_byte"] == pytest.approx(bits[0] / 4)
    assert blank["models"][0] == {"model": "ab.charlm", "bits": 0, "bits_per_byte": None}


def test_identify_prints_the_summary_alone(models: Charlm) -> None:
    arguments = ("identify", "ab.charlm", "xy.charlm", "mixed.txt", "--summary")
    figures = json.loads(models(*arguments, "--json").out)
    assert (figures["schema"], figures["lines"], figures["undecided"]) == (1, 5, 1)
    assert sum(row["share"] for row in figures["models"]) == pytest.approx(1)
    out = models(*arguments).out
    for row in figures["models"]:
        assert f"{row['lines']} line" in out
        assert f"{row['bits_per_byte']:.3f} bits/byte" in out
    assert f"The text as a whole: {figures['best']}, by {figures['margin_bits']:,.1f} bits." in out


def test_a_terminal_gets_lines_that_fit(models: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True, raising=False)
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("TERM", "xterm")
    out = models("identify", "ab.charlm", "xy.charlm", "mixed.txt").out
    lines = ESCAPE.sub("", out).splitlines()
    assert lines[0].split() == ["line", "best", "margin"]
    assert lines[1].split()[:2] == ["1", "ab.charlm"]
    assert lines[3].split() == ["3", "-"]
    assert lines[4].endswith("[b] a\\b\\x1b[31m")
    assert lines[5].rstrip().endswith("…")
    assert max(map(len, lines[:6])) <= 50
    assert "The text as a whole: " in out


def test_standard_input_and_impossible_lines(charlm: Charlm) -> None:
    for letters in ("ab", "xy"):
        Path(letters).write_text(20 * letters)
        charlm("train", letters, "--smoothing", "mle", "-o", f"{letters}.charlm")
    arguments = ("identify", "ab.charlm", "xy.charlm", "-")
    text = "中文\n".encode()
    (row,) = map(json.loads, charlm(*arguments, "--json", stdin=text).out.splitlines())
    assert (row["best"], row["margin_bits"], row["models"][0]["bits"]) == (None, 0, None)
    assert "impossible" in charlm(*arguments, "--summary", stdin=text).out
    (row,) = map(json.loads, charlm(*arguments, "--json", stdin=b"abab").out.splitlines())
    assert (row["best"], row["margin_bits"]) == ("ab.charlm", None)
    summary = charlm(*arguments, "--summary", stdin=b"abab").out
    assert "The text as a whole: ab.charlm, the others cannot." in summary


def test_an_empty_text_has_no_lines(models: Charlm) -> None:
    arguments = ("identify", "ab.charlm", "xy.charlm", "-")
    assert len(models(*arguments).out.splitlines()) == 1
    assert json.loads(models(*arguments, "--summary", "--json").out)["best"] is None
    for nothing in (b"", b"\n\r\n"):
        summary = models(*arguments, "--summary", stdin=nothing).out
        assert "0 lines" in summary
        assert "impossible" not in summary


def test_its_own_training_text_is_warned_about(models: Charlm) -> None:
    result = models("identify", "ab.charlm", "xy.charlm", "ab.txt")
    assert "Warning: ab.charlm was trained on ab.txt" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("ab.charlm", "mixed.txt"), 2, "at least two models"),
        (("ab.charlm",), 2, "Missing argument 'MODEL...'"),
        (("ab.charlm", "ab.txt", "mixed.txt"), 1, "ab.txt: looks like a text, not a model"),
        (("ab.charlm", "xy.charlm", "none"), 1, "none: "),
    ],
)
def test_mistakes(arguments: tuple[str, ...], code: int, message: str, models: Charlm) -> None:
    result = models("identify", *arguments)
    assert (result.code, message in result.err) == (code, True), result.err


# A file, how it is to be decoded, and its text as the models are to read it.
ODD = {
    "marked": ("\ufeffgood line\nna\u00efve\n".encode(), (), "good line\nna\u00efve\n"),
    "mixed": (
        b"good\ncaf\xe9\ncaf\xc3\xa9\n", ("--errors", "replace"),
        "good\ncaf\ufffd\ncaf\u00e9\n",
    ),
    "ignored": (b"good\ncaf\xe9\n", ("--errors", "ignore"), "good\ncaf\n"),
    "latin-1": (b"caf\xe9\n", ("--encoding", "latin-1"), "caf\u00e9\n"),
    "utf-16": ("caf\u00e9\n".encode("utf-16"), ("--encoding", "utf-16"), "caf\u00e9\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_models_of_all_units_read_the_same(name: str, charlm: Charlm) -> None:
    data, options, text = ODD[name]
    Path("odd").write_bytes(data)
    Path("even").write_text(text)
    models = [f"{unit}.charlm" for unit in UNITS]
    for unit, model in zip(UNITS, models, strict=True):
        charlm("train", "book.txt", "--unit", unit, "--order", "2", "-o", model)
    for named in (models, models[::-1]):
        found, expected = (
            charlm("identify", *named, file, "--json", *more)
            for file, more in (("odd", options), ("even", ()))
        )
        assert (found.code, found.out) == (0, expected.out)
    if options:
        for command in ("perplexity", "score"):
            result = charlm(command, "byte.charlm", "odd", "--against", "char.charlm", *options)
            assert result.code == 0, result.err
        result = charlm("identify", "byte.charlm", "byte.charlm", "odd", *options)
        assert "reads bytes as they are" in result.err


GIBBERISH = "qzx vkj wpq xxz kkq zzv\n"


@pytest.fixture
def english(charlm: Charlm) -> Charlm:
    """A model that knows what is typical of its kind, one that does not, and lines to judge."""
    charlm("train", "book.txt", "--order", "3", "--valid-fraction", "0.3", "-o", "e.charlm")
    charlm("train", "other.txt", "--order", "2", "-o", "o.charlm")
    Path("lines.txt").write_text(Path("book.txt").read_text().split("\n")[1] + "\n" + GIBBERISH)
    return charlm


def test_lines_of_no_kind_are_left_to_nobody(english: Charlm) -> None:
    found = english("identify", "e.charlm", "lines.txt", "--open")
    heads, mine, other = [line.split("\t") for line in found.out.splitlines()]
    assert heads == ["line", "best", "margin_bits", "z", "e.charlm", "text"]
    assert (mine[1], other[1]) == ("e.charlm", "")
    assert float(mine[3]) < float(other[3])
    assert "Of none of these kinds: 1." in found.err
    rows = [
        json.loads(line)
        for line in english(
            "identify", "e.charlm", "lines.txt", "--open", "--json"
        ).out.splitlines()
    ]
    assert [row["best"] for row in rows] == ["e.charlm", None]
    assert rows[1]["z"] == pytest.approx(float(other[3]), abs=1e-3)
    assert rows[0]["margin_bits"] is None  # nothing stands beside it
    summary = english("identify", "e.charlm", "lines.txt", "--open", "--summary", "--json").out
    assert json.loads(summary)["refused"] == 1


def test_held_out_texts_say_what_is_typical(english: Charlm) -> None:
    Path("held.txt").write_text(Path("book.txt").read_text()[::-1][:9000][::-1])
    missing = english("identify", "e.charlm", "o.charlm", "lines.txt", "--open")
    assert (missing.code, missing.out) == (2, "")
    assert missing.err == (
        "Error: o.charlm: does not know what is typical of its kind; `charlm train "
        "--valid-fraction 0.1` makes one that does, or give --held-out TEXT for each model\n"
    )
    both = ("--held-out", "held.txt", "--held-out", "held.txt")
    assert english("identify", "e.charlm", "o.charlm", "lines.txt", *both).code == 0
    uneven = english("identify", "e.charlm", "o.charlm", "lines.txt", *both[:2])
    assert (
        uneven.code,
        "there are 2 models and held-out text for 1; give a text" in uneven.err,
    ) == (2, True)
    seen = ("--held-out", "other.txt", "--held-out", "other.txt")
    told = english("identify", "e.charlm", "o.charlm", "lines.txt", *seen).err
    assert "o.charlm was trained on other.txt; what is typical is then not known." in told
