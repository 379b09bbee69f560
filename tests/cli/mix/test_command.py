"""`charlm mix` and what its mixtures do in other commands."""

import json
from pathlib import Path

import numpy as np
import pytest

from charlm.storage import load
from charlm.text.holdout import split
from tests.cli.conftest import Charlm, Maker
from tests.support.models import TUNING

MIX = ("mix", "a.charlm", "b.charlm", "--tune", "tuning.txt")


@pytest.fixture
def members(charlm: Charlm, made: Maker) -> Charlm:
    """Two models and a tuning text stand ready."""
    Path("tuning.txt").write_text(TUNING)
    made(("train", "ngram", "book.txt", "--order", "3", "-o", "a.charlm"))
    made(("train", "rnn", "book.txt", "--hidden", "12", "--steps", "20", "-o", "b.charlm"))
    return charlm


def bits(charlm: Charlm, model: str, *options: str) -> float:
    result = charlm("perplexity", model, "other.txt", "--json", *options)
    found: float = json.loads(result.out)["totals"][0]["bits_per_char"]
    return found


@pytest.mark.parametrize("options", [(), ("--gate",)])
def test_a_mixture_is_a_model_like_any_other(options: tuple[str, ...], members: Charlm) -> None:
    result = members(*MIX, *options, "-o", "m.charlm")
    assert result.code == 0
    assert "The mixture: " in result.err
    assert "Next: charlm sample m.charlm" in result.err
    assert len(members("sample", "m.charlm", "--length", "30", "--seed", "1").out) >= 30
    assert bits(members, "m.charlm") > 0
    assert bits(members, "m.charlm", "--adaptive") < bits(members, "m.charlm")
    assert members("mix", "m.charlm", "a.charlm", "--tune", "tuning.txt").code == 0
    assert Path("m.mixture.charlm").exists()


@pytest.mark.slow
@pytest.mark.parametrize("flags", [[], ["--adaptive"]])
def test_a_mixture_compresses_to_the_bits_it_reports(flags: list[str], members: Charlm) -> None:
    members(*MIX, "--gate", "-o", "m.charlm")
    assert members("compress", "m.charlm", "other.txt", "-o", "other.clm", *flags).code == 0
    assert members("decompress", "m.charlm", "other.clm", "-o", "back.txt").code == 0
    text = Path("other.txt").read_bytes()
    assert Path("back.txt").read_bytes() == text
    reported = bits(members, "m.charlm", *flags) * len(text.decode()) / 8
    assert reported * 0.995 <= Path("other.clm").stat().st_size <= reported * 1.005 + 64


def test_members_are_stored_inside(members: Charlm) -> None:
    members(*MIX, "-o", "m.charlm")
    before = bits(members, "m.charlm")
    Path("a.charlm").unlink()
    Path("b.charlm").unlink()
    assert bits(members, "m.charlm") == before


def test_info_shows_members_and_weights(members: Charlm) -> None:
    members(*MIX, "-o", "m.charlm")
    shown = members("info", "m.charlm", "--verify").out
    for words in ("weight ", "ngram", "order 3", "rnn", "pattern hidden", "tuned on", "verified"):
        assert words in shown
    facts = json.loads(members("info", "m.charlm", "--json").out)
    assert [row["kind"] for row in facts["members"]] == ["ngram", "rnn"]
    assert sum(row["weight"] for row in facts["members"]) == pytest.approx(1)


def test_the_same_mixture_has_the_same_bytes(members: Charlm) -> None:
    for name in ("one", "two"):
        members(*MIX, "--gate", "-o", name)
    assert Path("one").read_bytes() == Path("two").read_bytes()


def test_a_text_that_a_model_has_seen_is_warned_about(members: Charlm) -> None:
    result = members("mix", "a.charlm", "b.charlm", "--tune", "book.txt", "-o", "m.charlm")
    assert "Warning: a.charlm was trained on book.txt" in result.err
    assert "Warning" not in members(*MIX, "-o", "m.charlm").err
    for text in ("book.txt", "tuning.txt"):
        assert f"trained on {text}" in members("perplexity", "m.charlm", text).err


def test_what_the_models_held_out_tunes_them(members: Charlm) -> None:
    """As if it had been cut out by hand."""
    members("train", "book.txt", "--order", "3", "--valid-fraction", "0.05", "-o", "a.charlm")
    text = Path("book.txt").read_bytes().decode()
    (blocks,) = split([[text]], 0.05, "file", np.random.default_rng(0))[1]
    Path("blocks.txt").write_bytes("".join(blocks).encode())
    pair = "mix", "a.charlm", "b.charlm"
    result = members(*pair, "--held-out", "book.txt", "-o", "one")
    assert (result.code, "Warning" in result.err) == (0, False)
    members(*pair, "--tune", "blocks.txt", "-o", "two")
    one, two = (load(name).model for name in ("one", "two"))
    np.testing.assert_equal(one.arrays(), two.arrays())
    assert "trained on book.txt" in members("perplexity", "one", "book.txt").err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "a.charlm has held nothing out of book.txt"),
        (["--valid-fraction", "0.1"], "held out different parts of book.txt"),
        (["--valid-fraction", "0.05", "other.txt"], "a.charlm has held nothing out of book.txt"),
    ],
)
def test_what_was_not_held_out_by_all_is_refused(
    options: list[str], message: str, members: Charlm
) -> None:
    members("train", "book.txt", "--order", "3", *options, "-o", "a.charlm")
    result = members("mix", "a.charlm", "b.charlm", "--held-out", "book.txt", "-o", "m.charlm")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert message in result.err


def test_what_was_held_out_is_decoded_as_it_was(members: Charlm) -> None:
    pair = "mix", "a.charlm", "b.charlm", "--held-out", "book.txt"
    for option in (("--encoding", "latin-1"), ("--errors", "replace")):
        result = members(*pair, *option, "-o", "m.charlm")
        assert (result.code, result.err.count("\n")) == (2, 1)
        assert "--held-out decodes texts as the models did" in result.err


def test_a_model_of_another_text_need_hold_nothing_out(members: Charlm) -> None:
    members("train", "other.txt", "--order", "3", "-o", "a.charlm")
    pair = "mix", "a.charlm", "b.charlm", "--held-out"
    assert members(*pair, "book.txt", "-o", "m.charlm").code == 0
    assert "no model was trained on tuning.txt" in members(*pair, "tuning.txt").err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mix", "a.charlm", "--tune", "tuning.txt"), "needs two models or more"),
        (("mix", "a.charlm", "b.charlm"), "either --tune or --held-out"),
        (("mix", "a.charlm", "bytes.charlm", "--tune", "tuning.txt"), "--unit"),
        (("mix", "a.charlm", "lines.charlm", "--tune", "tuning.txt"), "--sequence"),
        (("mix", "a.charlm", "a.charlm", "--tune", "empty.txt"), "tuning text is empty"),
        (("mix", "a.charlm", "missing.charlm", "--tune", "tuning.txt"), "no such file"),
    ],
)
def test_failures_are_one_line(arguments: tuple[str, ...], message: str, charlm: Charlm) -> None:
    Path("tuning.txt").write_text(TUNING)
    Path("empty.txt").write_text("")
    for name, options in (
        ("a", ()),
        ("bytes", ("--unit", "byte")),
        ("lines", ("--sequence", "line")),
    ):
        charlm("train", "book.txt", "--order", "1", *options, "-o", f"{name}.charlm")
    charlm("train", "rnn", "book.txt", "--hidden", "4", "--steps", "2", "-o", "b.charlm")
    result = charlm(*arguments)
    assert result.code in (1, 2)
    assert result.err.count("\n") == 1
    assert message in result.err
