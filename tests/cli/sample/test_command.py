"""`charlm sample`, as a user would type it, on a terminal and into a pipe."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from charlm.cli.console import console
from charlm.cli.palette import Palette
from charlm.cli.sample.as_text import TextView
from charlm.sampling.samples import Generator, Piece
from charlm.surprisal.colours import Scale
from charlm.text.units import UNITS
from tests.cli.conftest import Charlm, Maker
from tests.cli.test_console import Terminal
from tests.support.models import CORPORA, make, ngram

MODEL = "book.ngram.charlm"
COMMANDS = re.compile(r"\x1b\[[\d;]+m")


@pytest.fixture
def book(charlm: Charlm, made: Maker) -> Charlm:
    made(("train", "book.txt"))
    return charlm


def watch(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make standard output a terminal that knows colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    return terminal


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("stops", [("th",), ("\n",), (", ", "and"), ("never there",)])
def test_samples_end_before_a_stop_text(stops: tuple[str, ...], book: Charlm) -> None:
    options = ["--seed", "1", "--json"]
    (whole,) = objects(book("sample", MODEL, *options).out)
    for stop in stops:
        options += ["--stop", stop]
    (stopped,) = objects(book("sample", MODEL, *options).out)
    kept = min((whole["text"].split(stop)[0] for stop in stops), key=len)
    assert stopped["text"] == kept
    assert stopped["ending"] == ("length" if kept == whole["text"] else "stop")


def test_the_length_is_that_of_the_library(book: Charlm) -> None:
    assert len(book("sample", MODEL, "--null").out) == Generator.length + 1


def test_stop_texts_that_the_model_cannot_say_are_named(book: Charlm) -> None:
    result = book("sample", MODEL, "--stop", "中", "--stop", "e", "--length", "5")
    assert result.code == 0
    assert result.err.count("never stop there") == 1
    assert "'中'" in result.err


def test_samples_can_be_told_apart_by_programs(book: Charlm) -> None:
    options = ("sample", MODEL, "-n", "3", "--seed", "2", "--prompt", "A\n", "--length", "90")
    texts = ["A\n" + sample["text"] for sample in objects(book(*options, "--json").out)]
    assert len(set(texts)) == 3
    assert book(*options, "--null").out == "".join(text + "\0" for text in texts)
    assert book(*options).out == "".join(text.removesuffix("\n") + "\n" for text in texts)


def test_json_says_what_a_sample_cost(book: Charlm) -> None:
    options = ("--json", "--surprisal", "--seed", "3", "--prompt", "My ", "--length", "40")
    (sample,) = objects(book("sample", MODEL, *options).out)
    assert (sample["schema"], sample["sample"], sample["symbols"]) == (1, 1, 40)
    assert "".join(item["symbol"] for item in sample["surprisal"]) == sample["text"]
    bits = [item["bits"] for item in sample["surprisal"]]
    assert sum(bits) == pytest.approx(sample["total_bits"])
    assert sample["total_bits"] / 40 == pytest.approx(sample["bits_per_symbol"])
    inside = book("info", MODEL, "--json", "--text", "My " + sample["text"]).out
    chain = json.loads(inside)["chain"]["symbols"][3:]
    assert bits == pytest.approx([row["bits"] for row in chain])


def test_the_end_of_a_line_is_a_symbol_without_text(charlm: Charlm) -> None:
    Path("names.txt").write_bytes((CORPORA / "us_first_names.txt").read_bytes())
    charlm("train", "names.txt", "--sequence", "line")
    result = charlm("sample", "names.ngram.charlm", "--json", "--surprisal", "-n", "4")
    for sample in objects(result.out):
        assert sample["ending"] == "end"
        assert sample["symbols"] == len(sample["text"]) + 1 == len(sample["surprisal"])


def test_bytes_that_are_no_text_come_as_base64(charlm: Charlm) -> None:
    Path("raw.bin").write_bytes(b"\xff\xfe" * 99)
    charlm("train", "raw.bin", "--unit", "byte", "--order", "1")
    options = ("--json", "--greedy", "--length", "4", "--prompt", "é")
    (sample,) = objects(charlm("sample", "raw.ngram.charlm", *options).out)
    assert (sample["prompt"], sample["text"]) == ("é", None)
    assert base64.b64decode(sample["text_base64"]) == b"\xff\xfe" * 2


def test_text_is_there_as_soon_as_it_is_drawn(book: Charlm) -> None:
    command = [sys.executable, "-m", "charlm", "sample", MODEL, "--length", "1000000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as endless:
        assert endless.stdout is not None
        assert len(endless.stdout.read(1)) == 1
        endless.kill()


def test_a_terminal_shows_where_samples_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watch(monkeypatch)
    view = TextView(Generator(make("mle-1-file"), prompt="<"), 2)
    for place, text in enumerate(["one\x1b\n", "two"], start=1):
        view.show(place, iter([Piece([], [text]), Piece([], [], "length")]))
    rules = [f"── {i} of 2 ".ljust(40, "─") for i in (1, 2)]
    assert terminal.getvalue() == f"{rules[0]}\n<one\\x1b\n{rules[1]}\n<two\n"


def test_lines_need_no_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watch(monkeypatch)
    view = TextView(Generator(make("mle-1-line")), 2)
    view.show(1, iter([Piece([], ["anna"], "end")]))
    assert terminal.getvalue() == "anna\n"


@pytest.mark.parametrize("unit", UNITS)
def test_colours_change_no_text(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A character of several bytes is coloured as one, by all its bits; END has no text."""
    trained = ngram("witten-bell", 1, "line", unit)
    generator = Generator(trained)
    unit_text = trained.tokenizer.unit.from_typed("be é 中")
    ids = trained.tokenizer.encode(unit_text).tolist()
    texts = trained.tokenizer.unit.written([generator.names[symbol] for symbol in ids])
    pieces = [Piece(ids[:3], texts[:3]), Piece(ids[3:], [*texts[3:-1], ""], "end")]
    terminal = watch(monkeypatch)
    TextView(generator, 1, palette=Palette(console(), Scale.usual())).show(1, iter(pieces))
    shown = COMMANDS.sub("", terminal.getvalue())
    assert shown == trained.tokenizer.unit.as_text("".join(texts))
    assert shown != terminal.getvalue()


def test_colours_on_demand(book: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    plain = book("sample", MODEL, "--seed", "1", "--surprisal")
    assert "--json lists the bits" in plain.err
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = book("sample", MODEL, "--seed", "1", "--surprisal")
    assert re.fullmatch("0 +12 bits\n", COMMANDS.sub("", coloured.err))
    assert coloured.out != plain.out == COMMANDS.sub("", coloured.out)


def test_novelty_says_what_of_a_sample_is_new(book: Charlm) -> None:
    prompt = "From fairest creatures"
    options = ("--greedy", "--length", "20", "--corpus", "book.txt", "--prompt", prompt)
    result = book("sample", MODEL, "--novelty", *options)
    assert result.out == f"{prompt} we desire increase,\n"
    assert result.err == (
        'Longest copy: 20 of 20 symbols, " we desire increase,".\n'
        "New: 0 % of 2-grams, 0 % of 4-grams, 0 % of 8-grams, 0 % of 16-grams.\n"
    )
    (sample,) = objects(book("sample", MODEL, "--json", *options).out)
    assert sample["novelty"] == {
        "longest_copy": 20,
        "copy": " we desire increase,",
        "share_new": {"2": 0.0, "4": 0.0, "8": 0.0, "16": 0.0, "32": None},
    }


def test_another_text_than_the_one_trained_on(book: Charlm) -> None:
    options = ("-n", "2", "--seed", "1", "--corpus", "other.txt")
    result = book("sample", MODEL, *options)
    assert "Note: the model was not trained on other.txt as it is." in result.err
    other = Path("other.txt").read_text()
    for sample in objects(book("sample", MODEL, "--json", *options).out):
        found, text = sample["novelty"], sample["text"]
        length = found["longest_copy"]
        assert found["copy"] in text
        assert found["copy"] in other
        assert not any(text[i : i + length + 1] in other for i in range(500 - length))


def test_names_that_are_there_already(charlm: Charlm) -> None:
    Path("names.txt").write_text("anna\nhanna\njohanna\n" * 9)
    charlm("train", "names.txt", "--sequence", "line")
    options = ("names.ngram.charlm", "-n", "40", "--seed", "1", "--corpus", "names.txt")
    samples = objects(charlm("sample", *options, "--json").out)
    known = [sample["novelty"]["is_a_line_of_the_corpus"] for sample in samples]
    assert known == [sample["text"] in ("anna", "hanna", "johanna") for sample in samples]
    assert 0 < sum(known) < 40
    told = charlm("sample", *options).err
    assert f"Lines of the corpus among the samples: {sum(known)} of 40." in told


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--novelty",), 2, "give --corpus TEXT"),
        (("--corpus", "missing.txt"), 1, "missing.txt: no such file"),
        (("--stop", ""), 2, "a stop text cannot be empty"),
    ],
)
def test_impossible_wishes(options: tuple[str, ...], code: int, message: str, book: Charlm) -> None:
    result = book("sample", MODEL, *options)
    assert (result.code, result.out) == (code, "")
    assert message in result.err
    assert result.err.count("\n") == 1
