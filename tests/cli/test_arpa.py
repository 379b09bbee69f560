"""`charlm import` and `charlm export`: what the files of other tools need, and what KenLM needs."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from charlm import storage
from charlm.arrays import Float64s
from charlm.evaluation import bits
from charlm.ngram.arpa.names import name_of
from charlm.ngram.model import NgramModel
from charlm.text.units import UNITS
from charlm.trained import TrainedModel
from tests.cli.conftest import Charlm
from tests.ngram.arpa.test_dialects import ABC, WORDS
from tests.support.models import CORPORA

FLAG = "🇨🇳"

# A file, its encoding, options that read it, and what is said without them.
FILES = {
    "words": (WORDS, "utf-8", ("--unit", "token"), "no symbol of the char unit; try --unit token"),
    "punctuation": (ABC.replace("c", "3.5,"), "utf-8", ("--unit", "token"), "try --unit token"),
    "graphemes": (ABC.replace("c", FLAG), "utf-8", ("--unit", "grapheme"), "try --unit grapheme"),
    "latin-1": (ABC.replace("c", "é"), "latin-1", ("--encoding", "latin-1"),
                "try --encoding NAME, --errors replace or --unit byte"),
    "raw bytes": (ABC.replace("c", "é"), "latin-1", ("--unit", "byte"), "--unit byte"),
    "a space in words": (ABC.replace(" c", " <space>").replace("\tc", "\t<space>"), "utf-8",
                         ("--space", "<space>"), "try --space '<space>' or --unit token"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_the_advice_reads_the_file(name: str, charlm: Charlm) -> None:
    text, encoding, options, message = FILES[name]
    Path("m.arpa").write_text(text, encoding)
    refused = charlm("import", "m.arpa")
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert message in refused.err
    assert charlm("import", "m.arpa", *options, "-o", "m.charlm").code == 0
    assert charlm("sample", "m.charlm", "--seed", "1", "--json").code == 0
    assert charlm("info", "m.charlm", "--verify").code == 0


def test_words_are_scored_as_kenlm_scores_them(charlm: Charlm) -> None:
    """KenLM's query on `the dog ran`: perplexity 5.9170, no OOV; 10.26 bits."""
    Path("w.arpa").write_text(WORDS)
    Path("query.txt").write_text("the dog ran\n")
    charlm("import", "w.arpa", "--unit", "token", "-o", "w.charlm")
    result = charlm("perplexity", "w.charlm", "query.txt", "--conventions", "--json")
    (total,) = json.loads(result.out)["totals"]
    assert total["unknown_symbols"] == 0
    assert total["total_bits"] == pytest.approx(10.2595, abs=1e-4)
    assert total["perplexity"] == pytest.approx(5.9170, abs=5e-5)
    assert total["conventions"]["log10_total"] == pytest.approx(-3.0884013, abs=1e-6)
    by_word = charlm("score", "w.charlm", "query.txt").out.splitlines()[1:]
    assert [line.split("\t")[3] for line in by_word] == ["the", " dog", " ran", "\\n"]
    drawn = charlm("sample", "w.charlm", "--seed", "1", "--prompt", "the dog ").out
    assert all(line.startswith("the dog") for line in drawn.splitlines())
    assert set(drawn.split()) <= {"the", "cat", "sat", "dog", "ran", "a", "home"}
    told = charlm("import", "w.arpa", "--unit", "word", "-o", "x.charlm").err
    assert told.startswith("Warning: w.arpa: no symbol stands for a space; words between spaces")


def test_an_arpa_file_that_is_no_distribution_is_warned_of(charlm: Charlm) -> None:
    Path("m.arpa").write_text(ABC.replace("-0.2\t<s> a b", "-0.01\t<s> a b"))
    Path("text.txt").write_text("abac\n")
    result = charlm("import", "m.arpa", "-o", "m.charlm", "-q")
    assert "Warning: m.arpa: after <s> a probabilities add up to 1." in result.err
    assert (
        "no distribution  probabilities add up to as much as 1." in charlm("info", "m.charlm").out
    )
    assert "|not-comparable:sums-to-1." in charlm("perplexity", "m.charlm", "text.txt").out
    charlm("train", "book.txt", "-o", "n.charlm", "--order", "2")
    both = charlm("perplexity", "n.charlm", "text.txt", "--against", "m.charlm").out
    assert "not comparable: probabilities of one model add up to 1." in both
    shown = json.loads(charlm("info", "m.charlm", "--history", "a", "--json").out)["next"]
    assert shown["rest"] + sum(row["probability"] for row in shown["symbols"]) > 1.04


def test_good_arpa_files_are_not_warned_of(charlm: Charlm) -> None:
    Path("m.arpa").write_text(ABC)
    result = charlm("import", "m.arpa", "-o", "m.charlm")
    assert "Warning" not in result.err
    assert "comparable" not in charlm("info", "m.charlm").out


def test_a_name_that_may_be_a_space_is_pointed_out(charlm: Charlm) -> None:
    Path("m.arpa").write_text(ABC.replace(" c", " ▁").replace("\tc", "\t▁"))
    note = "m.arpa: if '▁' stands for a space there, add --space '▁'."
    assert note in charlm("import", "m.arpa", "-o", "m.charlm").err.splitlines()
    assert note not in charlm("import", "m.arpa", "-o", "m.charlm", "--space", "▁").err


def test_what_an_import_mends_is_told(charlm: Charlm) -> None:
    text = ABC.replace("-0.5\tb a\t-0.4\n", "").replace("-1.5\t<unk>\n", "-0.4\td\n")
    Path("m.arpa").write_text(text.replace("-0.8\ta c\n", "-0.8\ta c\n-1\t</s> a\n"))
    told = charlm("import", "m.arpa", "-o", "m.charlm").err
    assert "were missing, 1 in all" in told
    assert "nothing asks for them; 1 in all" in told
    assert "has no <unk>, so what it does not know has probability 0." in told


@pytest.mark.parametrize("options", [(), ("--prune", "0,2,9,99"), ("--sequence", "line")], ids=str)
@pytest.mark.parametrize("unit", UNITS)
def test_exports_come_back_whatever_is_left_in_them(
    unit: str, options: tuple[str, ...], charlm: Charlm
) -> None:
    """Orders of which pruning has left nothing, too."""
    charlm("train", "book.txt", "-o", "m.charlm", "--unit", unit, "--order", "5", *options)
    charlm("export", "m.charlm", "-o", "m.arpa")
    result = charlm("import", "m.arpa", "--unit", unit, "-o", "back.charlm", "-q")
    assert (result.code, result.err) == (0, "")
    first, second = (storage.load(name).model for name in ("m.charlm", "back.charlm"))
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, second.arrays()[name])


def names(charlm: Charlm) -> str:
    """Train as README does."""
    Path("names.txt").write_text((CORPORA / "us_first_names.txt").read_text())
    charlm("train", "names.txt", "--sequence", "line")
    return "names.ngram.charlm"


def test_what_kenlm_cannot_read_is_said(charlm: Charlm) -> None:
    model = names(charlm)
    told = charlm("export", model, "-o", "n.arpa", "-q").err
    assert told.startswith("Warning: KenLM reads n-grams of up to 6 symbols")
    assert "these have 7; --order 5 writes what it reads." in told
    shorter = charlm("export", model, "--order", "5", "-o", "n.arpa").err
    assert "Warning" not in shorter
    assert "By itself a model trained with --order 5 does better." in shorter
    assert charlm("export", model, "--order", "7", "-o", "n.arpa").code == 2


@pytest.mark.parametrize("train", [(), ("--sequence", "line"), ("--unit", "token")], ids=str)
def test_kenlm_reads_the_default_model(
    train: tuple[str, ...], charlm: Charlm, tmp_path: Path
) -> None:
    kenlm = pytest.importorskip("kenlm", reason="takes a minute to compile; in the extra bench")
    charlm("train", "book.txt", *train, "-o", "b.charlm")
    charlm("export", "b.charlm", "--order", "5", "--space", "▁", "-o", "b.arpa")
    options = ("--unit", "token") if "token" in train else ("--space", "▁")
    charlm("import", "b.arpa", "-o", "back.charlm", *options)
    trained = storage.load("back.charlm")
    assert isinstance(trained.model, NgramModel)
    reader = kenlm.Model(str(tmp_path / "b.arpa"))
    has_end = trained.tokenizer.end is not None
    for line in filter(None, Path("other.txt").read_text().splitlines()[:40]):
        symbols = trained.tokenizer.cut(line)[: -1 if has_end else None]
        named = " ".join("▁" if symbol == " " else name_of(symbol) for symbol in symbols)
        found = [score for score, _, _ in reader.full_scores(named, bos=True, eos=has_end)]
        ours = trained.model.score(trained.tokenizer.encode(line))[0] / np.log(10)
        np.testing.assert_allclose(found, ours, atol=1e-5)


def test_a_space_may_have_another_name(charlm: Charlm) -> None:
    charlm("train", "book.txt", "-o", "m.charlm", "--order", "3")
    assert charlm("export", "m.charlm", "--space", "|", "-o", "m.arpa").code == 0
    assert "<U+0020>" not in Path("m.arpa").read_text()
    charlm("import", "m.arpa", "--space", "|", "-o", "back.charlm")
    first, second = (storage.load(name) for name in ("m.charlm", "back.charlm"))
    assert first.tokenizer == second.tokenizer
    for name, array in first.model.arrays().items():
        np.testing.assert_array_equal(array, second.model.arrays()[name])
    for space, message in {
        "e": "is the name of another symbol", "<s>": "is the name of another symbol",
        " ": "holds what is not seen", "": "holds what is not seen", "\t": "holds what is not seen",
    }.items():  # fmt: skip
        result = charlm("export", "m.charlm", "--space", space, "-o", "x.arpa")
        assert (result.code, message in result.err) == (2, True)
    model = names(charlm)
    assert (
        "has no space among its symbols"
        in charlm("export", model, "--space", "|", "-o", "x.arpa").err
    )


def test_letters_and_the_unknown_are_called_as_a_recogniser_calls_them(charlm: Charlm) -> None:
    """Its labels are capitals, `|` and <UNK>; the numbers are those of the model."""
    charlm("train", "book.txt", "--lowercase", "-o", "m.charlm", "--order", "3")
    options = ("--space", "|", "--case", "upper", "--unk", "<UNK>")
    assert charlm("export", "m.charlm", *options, "-o", "m.arpa").code == 0
    text = Path("m.arpa").read_text()
    assert {"<unk>", " "}.isdisjoint(re.findall(r"^\S+\t(\S+)", text, re.M))
    assert not re.search("[a-z]", "".join(re.findall(r"\t(\S)\t", text)))
    charlm("import", "m.arpa", "--space", "|", "-o", "back.charlm")
    first, second = (storage.load(name) for name in ("m.charlm", "back.charlm"))
    upper = tuple(symbol.upper() for symbol in first.tokenizer.vocabulary.symbols)
    assert {*second.tokenizer.vocabulary.symbols} == {*upper}
    found, known = (charlm_bits(one, said) for one, said in ((first, "to be"), (second, "TO BE")))
    np.testing.assert_allclose(found, known, rtol=1e-6)


def charlm_bits(trained: TrainedModel, text: str) -> Float64s:
    return bits.score(trained, text).bits


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--case", "lower"), "two symbols would be called 'a'; train with --lowercase"),
        (("--unk", "e"), "'e' is the name of another symbol; choose another for the unknown"),
        (("--unk", "<s>"), "'<s>' is the name of another symbol"),
        (("--unk", "a b"), "holds what is not seen"),
        (("--unk", "|", "--space", "|"), "is the name of another symbol"),
    ],
)
def test_two_symbols_are_never_called_alike(
    options: tuple[str, ...], message: str, charlm: Charlm
) -> None:
    charlm("train", "book.txt", "-o", "m.charlm", "--order", "1")
    refused = charlm("export", "m.charlm", *options, "-o", "m.arpa")
    assert (refused.code, message in refused.err) == (2, True), refused.err
    assert not Path("m.arpa").exists()


def test_a_network_goes_to_torch_and_an_ngram_model_to_arpa(models: Any, charlm: Charlm) -> None:
    told = charlm("export", "r.charlm", "--torch", "r.safetensors").err
    assert told == (
        "Wrote r.safetensors (0.0 MB), and what its arrays and ids stand for in r.json.\n"
    )
    for words, message in {
        ("r.charlm", "-o", "r.arpa"): "only n-gram models have an ARPA form; --torch FILE writes",
        ("n.charlm", "--torch", "n.safetensors"): "only recurrent networks have a form in torch",
        ("r.charlm",): "give -o FILE for an ARPA file, or --torch FILE for a network",
        ("r.charlm", "-o", "a", "--torch", "b"): "give -o FILE for an ARPA file, or --torch FILE",
        ("r.charlm", "--order", "2", "--torch", "b"): "are for ARPA files, not for --torch",
        ("r.charlm", "--torch", "-"): "a network takes two files: give --torch a name",
        ("r.charlm", "--torch", "r.charlm"): "would be replaced, and it is read",
        ("r.charlm", "--torch", "r.csv"): "what is written is no .csv file; name it r.safetensors",
    }.items():
        refused = charlm("export", *words)
        assert (refused.code, message in refused.err) == (2, True), (words, refused.err)
