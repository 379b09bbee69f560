from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from charlm.errors import UsageError
from charlm.evaluation.bits import evaluate
from charlm.mixture import member, unite
from charlm.mixture.gate import Gate
from charlm.mixture.model import MixtureModel
from charlm.ngram import estimation
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences
from charlm.text.corpus import Document
from charlm.text.tokenizer import SEQUENCES, TextPolicy, Tokenizer
from charlm.text.training_set import prepare
from charlm.text.units import UNITS
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel
from tests.support.models import TEXT, UNSEEN, make

WIDER = TEXT[:2000] + UNSEEN[:20] + " Zq𝄞 "


def small(policy: TextPolicy) -> TrainedModel:
    data = prepare([Document("text", TEXT[:1500].encode())], policy)
    sequences = Sequences(data.train, data.tokenizer.vocab_size, data.tokenizer.end)
    return TrainedModel(estimation.fit(sequences, NgramConfig(2)), data.tokenizer)


def alone(trained: TrainedModel, union: Tokenizer) -> TrainedModel:
    """The only member of a mixture over a larger vocabulary."""
    only = member(trained.model, trained.tokenizer, union)
    one = Gate.constant(np.ones(1))
    return TrainedModel(MixtureModel(union.vocab_size, union.end, (only,), one), union)


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("unit", UNITS)
def test_a_larger_vocabulary_changes_no_bits(unit: str, sequence: str) -> None:
    trained = small(TextPolicy(unit, sequence))
    union = unite([trained.tokenizer, Tokenizer.fit([WIDER], TextPolicy(unit, sequence))])
    assert (len(union.vocabulary) > len(trained.tokenizer.vocabulary)) == (unit != "byte")
    text = (TEXT + UNSEEN).encode().decode("latin-1" if unit == "byte" else "utf-8")
    wider = alone(trained, union)
    expected, found = (evaluate(c, text) for c in (trained, wider))
    assert found.total_bits == pytest.approx(expected.total_bits, rel=1e-9)
    if unit != "byte":
        assert 0 < found.unknown_symbols < expected.unknown_symbols


@pytest.mark.parametrize("unit", UNITS)
def test_shares_of_the_unknown_add_up_to_one(unit: str) -> None:
    trained = small(TextPolicy(unit))
    union = unite([trained.tokenizer, Tokenizer.fit([WIDER], TextPolicy(unit))])
    only = member(trained.model, trained.tokenizer, union)
    assert only.shares[only.symbols == UNKNOWN].sum() == pytest.approx(1)
    assert np.exp(only.log_probs(only.model.initial_state())).sum() == pytest.approx(1, abs=1e-5)


def test_a_union_has_every_symbol_once() -> None:
    tokenizers = [Tokenizer.fit([text], TextPolicy()) for text in ("abc", "bcd", "é")]
    assert unite(tokenizers).vocabulary.symbols == ("a", "b", "c", "d", "é")


def test_the_order_of_models_makes_no_other_union() -> None:
    tokenizers = [
        Tokenizer.fit([text], TextPolicy(min_count=n)) for n, text in ((1, "a"), (2, "bb"))
    ]
    assert unite(tokenizers) == unite(tokenizers[::-1])


@pytest.mark.parametrize(
    "change",
    [
        {"unit": "word"},
        {"sequence": "line"},
        {"normalize": "NFC"},
        {"lowercase": True},
        {"newlines": "lf"},
    ],
)
def test_models_that_read_differently_are_not_mixed(change: dict[str, str]) -> None:
    one = make("mle-1-file").tokenizer
    other = replace(one, policy=replace(one.policy, **change))  # type: ignore[arg-type]
    (name,) = change
    with pytest.raises(UsageError, match=f"different {name} cannot be mixed .*--{name}"):
        unite([one, other])


def test_ids_ascend_together() -> None:
    trained = make("few-symbols-line")
    union = unite([trained.tokenizer, make("mle-1-line").tokenizer])
    symbols = member(trained.model, trained.tokenizer, union).symbols
    assert all(a < b for a, b in pairwise(symbols[symbols != UNKNOWN]))
    assert symbols[union.end] == trained.tokenizer.end
