"""Texts whose lines end in CR LF: said, and with `--newlines lf` the same as any other."""

import json
from pathlib import Path

import pytest

from charlm.text.tokenizer import SEQUENCES
from charlm.text.units import UNITS
from tests.cli.conftest import SMALL_RNN, Charlm

FAMILIES = {"ngram": ("--order", "2"), "rnn": SMALL_RNN}
LINES = ["anna", "hanna", "johanna", "é", "", "a b"] * 20
LF, CRLF = (end.join([*LINES, ""]).encode() for end in ("\n", "\r\n"))
NOTE = "crlf.txt: lines end in CR LF; --newlines lf reads them as LF.\n"
FIGURES = ("symbols", "chars", "bytes", "unknown_symbols", "total_bits")


@pytest.fixture
def lists(charlm: Charlm) -> Charlm:
    """A list of names, written here and on Windows."""
    Path("lf.txt").write_bytes(LF)
    Path("crlf.txt").write_bytes(CRLF)
    return charlm


@pytest.mark.parametrize("family", FAMILIES)
def test_crlf_is_mentioned_once_where_it_is_learnt(family: str, lists: Charlm) -> None:
    train = ("train", family, "-o", "m.charlm", *FAMILIES[family])
    assert lists(*train, "crlf.txt").err.count(NOTE) == 1
    assert lists(*train, "lf.txt", "--valid", "crlf.txt").err.count(NOTE) == 1
    for words in (("lf.txt",), ("crlf.txt", "--newlines", "lf"), ("crlf.txt", "--unit", "byte"),
                  ("crlf.txt", "-q")):  # fmt: skip
        assert NOTE not in lists(*train, *words).err


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("unit", [unit for unit in UNITS if UNITS[unit].encoding is None])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_list_is_the_same_wherever_it_was_written(
    family: str, unit: str, sequence: str, lists: Charlm
) -> None:
    found = []
    for name in ("lf", "crlf"):
        options = ("--unit", unit, "--sequence", sequence, "--newlines", "lf", *FAMILIES[family])
        assert lists("train", family, f"{name}.txt", "-o", f"{name}.charlm", *options).code == 0
        sample = lists("sample", f"{name}.charlm", "--seed", "1", "--length", "300").out
        assert "\r" not in sample
        for text in ("lf.txt", "crlf.txt"):
            result = lists("perplexity", f"{name}.charlm", text, "--json")
            (row,) = json.loads(result.out)["totals"]
            assert row["signature"].count("|newlines:lf|") == 1
            found.append((sample, *(row[figure] for figure in FIGURES)))
    assert found == [found[0]] * 4
    assert found[0][3] == len(LF)


def test_bits_are_those_of_the_text_without_them(lists: Charlm) -> None:
    """A model of LF text costs the same on a CR LF copy, and is comparable with its like alone."""
    lists("train", "lf.txt", "-o", "keep.charlm")
    lists("train", "crlf.txt", "-o", "lf.charlm", "--newlines", "lf")
    lists("train", "crlf.txt", "-o", "short.charlm", "--newlines", "lf", "--order", "1")
    keep, lf = (
        json.loads(lists("perplexity", f"{name}.charlm", f"{text}.txt", "--json").out)["totals"][0]
        for name, text in (("keep", "lf"), ("lf", "crlf"))
    )
    assert [keep[figure] for figure in FIGURES] == [lf[figure] for figure in FIGURES]
    table = lists("perplexity", "lf.charlm", "crlf.txt", "--against", "short.charlm").out
    assert "lf.charlm is better than short.charlm by " in table
    assert f"unigram ({len(CRLF):,} bytes)" in table
    result = lists("perplexity", "lf.charlm", "crlf.txt", "--against", "keep.charlm")
    assert "not comparable: one model reads bytes that are no part of the text" in result.out
    assert "crlf.txt: lines end in CR LF, and keep.charlm has never seen a CR.\n" in result.err
    assert (
        "better than" in lists("perplexity", "lf.charlm", "lf.txt", "--against", "short.charlm").out
    )
    assert "never seen" not in lists("perplexity", "keep.charlm", "lf.txt").err


def test_places_are_those_of_what_was_read(lists: Charlm) -> None:
    lists("train", "crlf.txt", "-o", "lf.charlm", "--newlines", "lf")
    result = lists("score", "lf.charlm", "crlf.txt")
    assert result.out == lists("score", "lf.charlm", "lf.txt").out
    assert "lf.charlm changes crlf.txt before it reads it" in result.err


def test_held_out_lines_are_counted_without_cr(lists: Charlm) -> None:
    options = ("--newlines", "lf", "--sequence", "line", "--valid-fraction", "0.2")
    found = []
    for name in ("lf", "crlf"):
        told = lists("train", f"{name}.txt", "-o", f"{name}.charlm", *options).err
        found += [line for line in told.splitlines() if line.startswith("Held-out text: ")]
    assert found == [found[0]] * 2


def test_the_treatment_of_line_ends_goes_with_the_model(lists: Charlm) -> None:
    lists("train", "rnn", "crlf.txt", "-o", "base.charlm", "--newlines", "lf", *SMALL_RNN)
    tuned = ("train", "rnn", "crlf.txt", "-o", "tuned.charlm", "--init-from", "base.charlm")
    assert NOTE not in lists(*tuned, "--steps", "3").err
    assert "--newlines lf" in lists(*tuned, "--steps", "3", "--newlines", "keep").err
    result = lists("compress", "base.charlm", "lf.txt", "-o", "out")
    assert (result.code, "alters texts (CR LF to LF)" in result.err) == (2, True)
    lists("train", "crlf.txt", "-o", "keep.charlm")
    result = lists("mix", "base.charlm", "keep.charlm", "--tune", "other.txt")
    assert "train them with the same --newlines" in result.err
    result = lists("identify", "base.charlm", "keep.charlm", "crlf.txt", "--summary")
    assert result.code == 0  # to whom no line end matters
