"""Samples of a kind, as somebody would type it who makes up names or passwords."""

import csv
import json
import re
from pathlib import Path

import pandas
import pytest

from charlm import load
from charlm.text.units import UNITS
from tests.cli.conftest import Charlm, Maker
from tests.support.models import CORPORA

NAMES = (CORPORA / "us_first_names.txt").read_text().splitlines()[:400]


@pytest.fixture
def names(charlm: Charlm, made: Maker) -> Charlm:
    Path("names.txt").write_text("\n".join(NAMES) + "\n")
    made(("train", "names.txt", "--order", "3", "--sequence", "line", "-o", "n.charlm"))
    made(("train", "book.txt", "--order", "3", "-o", "book.charlm"))
    return charlm


def test_names_are_as_they_are_wanted(names: Charlm) -> None:
    words = ("--regex", "[a-d].*[aeiou]", "--min-length", "5", "--unique", "--new")
    result = names(
        "sample", "n.charlm", *words, "--corpus", "names.txt", "--count", "40", "--seed", "1"
    )
    assert (result.code, result.err) == (0, "")
    drawn = result.out.splitlines()
    assert len(drawn) == len(set(drawn)) == 40
    assert all(re.fullmatch("[a-d].*[aeiou]", name) and len(name) >= 5 for name in drawn)
    assert not set(drawn) & set(NAMES)


def test_samples_begin_as_they_are_wanted(names: Charlm) -> None:
    result = names("sample", "n.charlm", "--starts-with", "mar", "--count", "9", "--seed", "2")
    assert all(name.startswith("mar") for name in result.out.splitlines())
    prompted = names("sample", "n.charlm", "--prompt", "mar", "--regex", "[aeiou].*", "-n", "5")
    assert all(re.match("mar[aeiou]", name) for name in prompted.out.splitlines())


def test_new_texts_stand_nowhere_in_the_corpus(names: Charlm) -> None:
    """Of a running text no part is a sample."""
    words = ("--length", "4", "--new", "--corpus", "book.txt", "-n", "30", "--json")
    result = names("sample", "book.charlm", *words)
    texts = [json.loads(line)["text"] for line in result.out.splitlines()]
    assert len(texts) == 30
    book = Path("book.txt").read_text()
    assert not [text for text in texts if text in book]


def test_rows_are_known_lines(names: Charlm) -> None:
    """A line of a row is known like one of a plain text, also where the row does not end it."""
    lines = [json.dumps({"name": name}) + "\n" for name in NAMES]
    Path("rows.jsonl").write_text("".join(lines))
    words = ("sample", "n.charlm", "--new", "--count", "40", "--seed", "1", "--corpus")
    plain, rows = names(*words, "names.txt"), names(*words, "rows.jsonl", "--column", "name")
    assert (rows.code, rows.out) == (0, plain.out)


def test_the_end_is_clear_where_nothing_matches(names: Charlm) -> None:
    result = names("sample", "n.charlm", "--regex", "[0-9]+")
    assert (result.code, result.out) == (2, "")
    assert result.err == "Error: no text that this model can write is such as is wanted\n"


def test_the_end_is_clear_where_nothing_more_matches(names: Charlm) -> None:
    Path("few.txt").write_text("ab\naab\n")
    names("train", "few.txt", "--order", "2", "--sequence", "line", "-o", "few.charlm")
    words = ("--regex", "a{1,2}b", "--unique", "--count", "9")
    result = names("sample", "few.charlm", *words)
    assert (result.code, sorted(result.out.splitlines())) == (0, ["aab", "ab"])
    assert result.err == "Warning: 2 of 9 samples: there are no more such as are wanted.\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--regex", "(a"), "'(a' is no regular expression"),
        (("--new",), "--new compares with a text: give --corpus TEXT."),
        (("--greedy", "--regex", "a"), "a temperature of 0 leaves one text to choose"),
        (("--prompt", "a", "--prompt-file", "names.txt"), "are both the prompt; give one."),
        (("--beam", "5", "--regex", "[0-9]"), "no text that was found is such as is wanted"),
        (("--csv", "--json"), "--csv and --json are two formats"),
        (("-o", "names.txt"), "names.txt: is there already; --force overwrites it"),
    ],
)
def test_what_cannot_be_wanted_is_one_line(
    words: tuple[str, ...], message: str, names: Charlm
) -> None:
    result = names("sample", "n.charlm", *words)
    assert result.code in (1, 2)
    assert (result.out, result.err.count("\n")) == ("", 1)
    assert message in result.err
    assert Path("names.txt").read_text().splitlines() == NAMES


def test_the_prompt_may_stand_in_a_file(names: Charlm) -> None:
    Path("begin.txt").write_text("To be\n")
    sampled = ("sample", "book.charlm", "--length", "20", "--seed", "1")
    typed = names(*sampled, "--prompt", "To be").out
    assert names(*sampled, "--prompt-file", "begin.txt").out == typed
    assert names(*sampled, "--prompt-file", "-", stdin=b"To be\n").out == typed
    missing = names(*sampled, "--prompt-file", "begin.tx")
    assert (missing.code, missing.err) == (
        1, "Error: begin.tx: no such file; did you mean begin.txt?\n"
    )  # fmt: skip


def test_the_likeliest_come_in_their_order(names: Charlm) -> None:
    result = names("sample", "n.charlm", "--beam", "60", "--count", "5", "--json")
    found = [json.loads(line) for line in result.out.splitlines()]
    bits = [sample["total_bits"] for sample in found]
    assert bits == sorted(bits)
    assert len({sample["text"] for sample in found}) == 5
    (one,) = names("sample", "n.charlm", "--beam", "60").out.splitlines()
    assert one == found[0]["text"]


@pytest.mark.parametrize("unit", UNITS)
def test_tables_of_samples_hold_the_samples(unit: str, names: Charlm) -> None:
    names("train", "book.txt", "--order", "2", "--unit", unit, "-o", "u.charlm")
    sampled = ("sample", "u.charlm", "--length", "30", "-n", "6", "--seed", "3", "--prompt", "\"'")
    assert names(*sampled, "-o", "s.csv").code == 0
    with Path("s.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = [json.loads(line) for line in names(*sampled, "--json").out.splitlines()]
    assert [row["text"] for row in rows] == [sample["text"] for sample in known]
    assert {row["prompt"] for row in rows} == {"\"'"}
    frame = pandas.read_csv("s.csv", keep_default_na=False)
    assert frame["text"].tolist() == [row["text"] for row in rows]
    assert frame["total_bits"].tolist() == pytest.approx([one["total_bits"] for one in known])


def test_samples_go_to_a_file_as_they_go_out(names: Charlm) -> None:
    for words in ((), ("--null",), ("--regex", "[a-m]+")):
        sampled = ("sample", "n.charlm", "-n", "5", "--seed", "3", *words)
        assert names(*sampled, "-o", "s.txt", "--force").code == 0
        assert Path("s.txt").read_text() == names(*sampled).out


def test_python_gives_what_the_command_line_gives(names: Charlm) -> None:
    model = load("n.charlm")
    words = ("--regex", "a.*", "--min-length", "4", "--unique", "--new", "--corpus", "names.txt")
    out = names("sample", "n.charlm", *words, "--count", "9", "--seed", "5").out
    drawn = model.samples(9, regex="a.*", min_length=4, unique=True, new=Path("names.txt"), seed=5)
    assert drawn == out.splitlines()
    one = names("sample", "n.charlm", "--starts-with", "jo", "-n", "1", "--seed", "8").out
    assert model.sample(starts_with="jo", seed=8) == one.rstrip("\n")
    likely = names("sample", "n.charlm", "--beam", "20", "--regex", "b.*", "-n", "3").out
    assert model.likeliest(beam=20, count=3, regex="b.*") == likely.splitlines()
