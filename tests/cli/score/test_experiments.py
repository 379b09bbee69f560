"""Sentences of an experiment, as a psycholinguist would type it."""

import csv
import io
import json
from pathlib import Path

import pandas
import pytest

from charlm import load
from charlm.text.units import UNITS
from tests.cli.conftest import Charlm, Maker

ITEMS = (
    'item,condition,sentence,word\n1,a,"The horse raced, past the barn.",x\n'
    '2,"b, c","He said ""no"" to NA.",NA\n3,a,,\n'
)
WORDS = ["The", "horse", "raced,", "past", "the", "barn.", "He", "said", '"no"', "to", "NA."]
TABLE = ("--text-column", "sentence", "--id-column", "item")


@pytest.fixture
def sentences(charlm: Charlm, made: Maker) -> Charlm:
    Path("items.csv").write_text(ITEMS)
    for name in ("file", "line"):
        made(("train", "book.txt", "--order", "3", "--sequence", name, "-o", f"{name}.charlm"))
    made(("train", "rnn", "book.txt", "--hidden", "8", "--steps", "3", "-o", "rnn.charlm"))
    return charlm


def test_several_models_go_into_one_long_table(sentences: Charlm) -> None:
    models = ("file.charlm", "line.charlm", "rnn.charlm")
    result = sentences("score", *models, "items.csv", *TABLE, "--by", "word", "-o", "out.csv")
    assert (result.code, result.out) == (0, "")
    assert result.err.startswith("Wrote out.csv (")
    frame = pandas.read_csv("out.csv")
    names = ["model", "item", "number", "word", "characters", "bits", "unknown", "condition"]
    assert list(frame.columns) == [*names, "input_word"]
    assert frame["word"].tolist() == WORDS * 3
    assert frame["model"].tolist() == [m for m in models for _ in WORDS]
    assert frame["item"].tolist() == [1] * 6 + [2] * 5 + [1] * 6 + [2] * 5 + [1] * 6 + [2] * 5
    assert frame["number"].tolist() == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5] * 3
    assert frame["characters"].tolist() == list(map(len, WORDS)) * 3
    assert frame["condition"].tolist() == (["a"] * 6 + ["b, c"] * 5) * 3
    assert (frame["bits"] > 0).all()


def test_an_item_costs_what_it_costs_alone(sentences: Charlm) -> None:
    """Beside `perplexity`, with a line end before where the model reads whole files."""
    out = sentences("score", "line.charlm", "items.csv", *TABLE, "--blank", "trailing", "--csv").out
    rows = list(csv.DictReader(io.StringIO(out)))
    for item, text in (("1", "The horse raced, past the barn."), ("2", 'He said "no" to NA.')):
        found = sentences("perplexity", "line.charlm", "-", "--json", stdin=text.encode()).out
        total = json.loads(found)["totals"][0]["total_bits"]
        bits = sum(float(row["bits"]) for row in rows if row["item"] == item)
        assert bits == pytest.approx(total, abs=1e-4)


def test_no_item_knows_of_another(sentences: Charlm) -> None:
    """The order of items makes no difference, and the same words cost the same."""
    Path("twice.csv").write_text("sentence\nIt is the end\nSo be it\nIt is the end\n")
    out = sentences("score", "file.charlm", "twice.csv", "--text-column", "sentence", "--csv").out
    rows = list(csv.DictReader(io.StringIO(out)))
    bits = {n: [r["bits"] for r in rows if r["item"] == n] for n in ("1", "2", "3")}
    assert bits["1"] == bits["3"] != bits["2"]
    result = sentences(
        "score", "file.charlm", "twice.csv", "--text-column", "sentence", "--reset", "never"
    )
    rows = list(csv.DictReader(io.StringIO(result.out), delimiter="\t"))
    bits = {n: [r["bits"] for r in rows if r["item"] == n] for n in ("1", "2", "3")}
    assert bits["1"] != bits["3"]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("blank", ["leading", "trailing", "own"])
@pytest.mark.parametrize("by", ["symbol", "character", "word", "line"])
def test_every_unit_scores_items(unit: str, blank: str, by: str, sentences: Charlm) -> None:
    sentences("train", "book.txt", "--order", "1", "--unit", unit, "-o", "u.charlm")
    words = ("score", "u.charlm", "items.csv", *TABLE, "--by", by, "--blank", blank, "--json")
    result = sentences(*words)
    if unit == "token" and blank == "trailing" and by == "word":
        assert result.code == 2
        assert "u.charlm: its tokens have the blank before them" in result.err
        return
    assert result.code == 0, result.err
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert {row["item"] for row in rows} == {"1", "2"}
    shown = "".join(row[by] for row in rows if row["item"] == "2")
    assert shown.replace(" ", "") == 'Hesaid"no"toNA.'


def test_lines_of_a_text_begin_afresh_if_told(sentences: Charlm) -> None:
    text = b"It is the end\nIt is the end\n"
    by_line = ("score", "file.charlm", "-", "--by", "line", "--json")
    for options, alike, warned in (
        ((), False, True), (("--reset", "line"), True, False), (("--reset", "never"), False, False),
    ):  # fmt: skip
        result = sentences(*by_line, *options, stdin=text)
        first, second = (json.loads(line)["bits"] for line in result.out.splitlines())
        assert (first == pytest.approx(second)) == alike
        assert ("Warning: file.charlm reads on from line to line" in result.err) == warned
    result = sentences("score", "line.charlm", "-", "--by", "line", stdin=text)
    assert (result.code, result.err) == (0, "")


def test_an_item_may_have_a_context(sentences: Charlm) -> None:
    """What is given is read before each item: what it costs is what Python says of it."""
    given = "It is "
    words = ("--given", given, "--by", "symbol", "--json")
    Path("items.csv").write_text("sentence\nthe end\nof it\n")
    result = sentences("score", "line.charlm", "items.csv", *TABLE[:2], *words)
    rows = [json.loads(line) for line in result.out.splitlines()]
    model = load("line.charlm")
    for item, text in (("1", "the end"), ("2", "of it")):
        bits = [row["bits"] for row in rows if row["item"] == item]
        assert bits == pytest.approx(model.score(text, given=given).bits.tolist(), abs=1e-5)


def test_rows_are_texts_in_every_format(sentences: Charlm) -> None:
    texts = ["It is the end\nof it\n", "no end"]
    lines = "".join(json.dumps({"t": text}) + "\n" for text in texts)
    Path("rows.jsonl").write_text(lines)
    words = ("--column", "t", "--by", "line", "--reset", "line", "--given", "a", "--csv")
    result = sentences("score", "file.charlm", "rows.jsonl", *words)
    rows = list(csv.DictReader(io.StringIO(result.out, newline="")))
    assert "".join(row["content"] for row in rows) == "".join(texts)
    assert [row["text"] for row in rows] == ["rows.jsonl:1", "rows.jsonl:1", "rows.jsonl:2"]
    piped = sentences("score", "file.charlm", "-", *words, stdin=lines.encode())
    assert piped.out == result.out.replace("rows.jsonl:", "standard input:")
    refused = sentences("score", "file.charlm", "rows.jsonl", "--text-column", "t")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "are read by --column; --text-column reads CSV." in refused.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--text-column", "sentense"), "items.csv: has no column 'sentense', only 'item', "),
        (("--id-column", "item"), "--id-column is one of a table: give --text-column NAME too."),
        ((*TABLE, "--html", "a.html"), "A table of texts gives rows"),
        ((*TABLE, "--rank", "3"), "A table of texts gives rows"),
        ((*TABLE, "--adaptive"), "learns from line to line, so no line begins afresh; try --reset"),
        ((*TABLE, "-o", "out.html"), "out.html: what is written is no .html file; name it out.tsv"),
        ((*TABLE, "--csv", "-o", "out.tsv"), "out.tsv: what is written is no .tsv file; name it"),
        ((*TABLE, "--csv", "--json"), "--csv and --json are two formats; choose one."),
        ((*TABLE, "-o", "items.csv"), "items.csv: would be replaced"),
    ],
)
def test_what_cannot_be_is_one_line(
    words: tuple[str, ...], message: str, sentences: Charlm
) -> None:
    result = sentences("score", "file.charlm", "items.csv", *words)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err
    assert Path("items.csv").read_text() == ITEMS


def test_a_table_in_another_encoding(sentences: Charlm) -> None:
    Path("items.csv").write_bytes("sentence\ncafé\n".encode("latin-1"))
    result = sentences("score", "file.charlm", "items.csv", "--text-column", "sentence")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "items.csv: byte 12 (line 2) is not valid utf-8; try --encoding" in result.err
    words = ("score", "file.charlm", "items.csv", "--text-column", "sentence", "--csv")
    assert "café" in sentences(*words, "--encoding", "latin-1").out


def test_an_adaptive_model_may_read_on(sentences: Charlm) -> None:
    words = ("score", "file.charlm", "items.csv", *TABLE, "--adaptive", "--reset", "never")
    assert sentences(*words).code == 0
