"""A model that knows every scalar value leaves none unknown, and is a model like any other."""

from functools import cache
from math import log2

import numpy as np
import pytest

import charlm
from charlm.api.names import SequenceName
from charlm.arrays import Float64s
from charlm.coding import archive, compression, frequencies
from charlm.coding.archive import Archive
from charlm.coding.arithmetic import Encoder
from charlm.errors import CompressedFileError
from charlm.evaluation.identification import identify
from charlm.ngram.config import NgramConfig
from charlm.ngram.model import NgramModel
from charlm.ngram.tables import Tables
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.units import SCALAR_VALUES
from charlm.text.vocabulary import UNKNOWN, Vocabulary
from charlm.trained import TrainedModel
from tests.support.models import TEXT

each_sequence = pytest.mark.parametrize(
    "sequence", ["file", pytest.param("line", marks=pytest.mark.slow)]
)
SAID = "To be 中 or\n"


@cache
def everything(sequence: str) -> charlm.Model:
    """All symbols are equally likely, UNKNOWN and END among them."""
    characters = map(chr, (*range(0xD800), *range(0xE000, 0x110000)))
    symbols = tuple(c for c in characters if sequence == "file" or c != "\n")
    tokenizer = Tokenizer(TextPolicy(sequence=sequence), Vocabulary(symbols))
    size = tokenizer.vocab_size
    uniform = np.full(size, 1 / size, np.float32)
    keys = (np.empty(0, np.uint32),)
    model = NgramModel(NgramConfig(0), Tables(size, tokenizer.end, keys, (uniform,), ()))
    return charlm.Model(TrainedModel(model, tokenizer))


@cache
def small(sequence: SequenceName) -> charlm.Model:
    return charlm.train_ngram(TEXT[:500], order=2, sequence=sequence)


@each_sequence
def test_nothing_is_unknown(sequence: SequenceName) -> None:
    model = everything(sequence)
    assert model.trained.tokenizer.unknown_values == 0
    bits = log2(model.trained.model.vocab_size)
    assert model.score(SAID).bits == pytest.approx(len(SAID) * [bits], rel=1e-6)
    assert model.perplexity(SAID) == pytest.approx(2**bits, rel=1e-5)
    assert model.next_symbols("中", top=3).keys() == {"<unk>", "\0", "\1"}
    assert len(model.sample(length=5, seed=1)) <= 5


@each_sequence
@pytest.mark.parametrize("turned", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_model_that_knows_every_character_is_mixed(sequence: str, turned: bool) -> None:
    """On the union a text costs each member what it costs it alone."""
    members = [small(sequence), everything(sequence)][:: -1 if turned else 1]
    mixed = charlm.mix(members, SAID)
    weights = [row["weight"] for row in mixed.info["members"]]

    def probs(model: charlm.Model) -> Float64s:
        return 2.0 ** -model.score(SAID).bits

    expected = sum(w * probs(m) for w, m in zip(weights, members, strict=True))
    np.testing.assert_allclose(probs(mixed), expected, rtol=1e-6)
    log_probs = mixed.trained.model.log_probs(mixed.trained.model.initial_state())
    assert np.exp(log_probs).sum() == pytest.approx(1, abs=1e-5)


@each_sequence
def test_a_model_that_knows_every_character_compresses_and_identifies(sequence: str) -> None:
    model, data = everything(sequence), SAID.encode()
    for adaptive in (False, True):
        assert model.decompress(model.compress(data, adaptive=adaptive)) == data
    found = identify([small(sequence).trained, model.trained], [TEXT[:40] + "\n中中"] * 2)
    assert found.best.tolist()[-1] == 1


def test_a_forged_file_with_an_unknown_symbol_leads_nowhere() -> None:
    """There is no letter to spell it with."""
    trained, encoder = everything("file").trained, Encoder()
    encoder.encode(frequencies.of(trained.model, adaptive=False).cumulative(), UNKNOWN)
    forged = Archive(archive.fingerprint(trained), False, False, 1, 0, "", encoder.finish())
    with pytest.raises(CompressedFileError, match="leads to no symbol"):
        compression.decompress(trained, forged)


@pytest.mark.parametrize("known", ["", "a", "abc"])
def test_what_is_not_known_is_counted(known: str) -> None:
    tokenizer = Tokenizer.fit([known], TextPolicy())
    assert tokenizer.unknown_values == SCALAR_VALUES - len(known)
    assert tokenizer.spelling([]).tolist() == []
    assert tokenizer.spelling(["z"])[0] == log2(SCALAR_VALUES - len(known))


def test_the_only_unknown_character_costs_nothing_to_spell() -> None:
    """One value alone is unknown, and so which one costs nothing."""
    symbols = everything("file").trained.tokenizer.vocabulary.symbols
    tokenizer = Tokenizer(TextPolicy(), Vocabulary(symbols[:-1]))
    assert tokenizer.spelling(["\U0010ffff"]).tolist() == [0]


def test_bytes_are_mixed_and_restored() -> None:
    """Their vocabulary is all there are, too."""
    data = b"\xff\x00" + TEXT[:300].encode()
    a, b = (charlm.train_ngram(TEXT[:500], order=n, unit="byte") for n in (0, 2))
    mixed = charlm.mix([a, b], TEXT[500:700])
    assert mixed.decompress(mixed.compress(data)) == data
    assert mixed.perplexity(TEXT[:300]) < a.perplexity(TEXT[:300])
