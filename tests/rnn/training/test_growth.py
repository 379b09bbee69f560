"""What a network knows stays, when its vocabulary grows."""

import numpy as np
import pytest

from charlm.errors import UsageError
from charlm.rnn.config import RnnConfig
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import get
from charlm.rnn.training.growth import grow
from charlm.text.tokenizer import SEQUENCES, TextPolicy, Tokenizer
from charlm.text.units import UNITS
from charlm.text.vocabulary import UNKNOWN, Vocabulary
from tests.support.models import configurations

OWN, ALL = tuple("bdfh"), tuple("abcdefghi")
CONFIGURATIONS = {name: config for name, config in configurations(7) if not config.ngrams}


def tokenizers(sequence: str, symbols: tuple[str, ...] = ALL) -> tuple[Tokenizer, Tokenizer]:
    policy = TextPolicy(sequence=sequence)
    own = Tokenizer(policy, Vocabulary(OWN))
    return own, own.with_symbols_of(Tokenizer(policy, Vocabulary(symbols)))


def network(name: str, own: Tokenizer, reserve: float) -> RnnModel:
    config, rng = CONFIGURATIONS[name], np.random.default_rng(0)
    arrays = get(own.vocab_size, config).initialize(rng)
    arrays["c"] += rng.standard_normal(own.vocab_size)
    parameters = {letter: array.astype(np.float32) for letter, array in arrays.items()}
    return RnnModel(config, own.vocab_size, own.end, reserve, parameters)


@pytest.mark.parametrize("reserve", [0.0, 0.03])
@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_old_symbols_lose_only_the_share_that_new_ones_take(
    name: str, sequence: str, reserve: float
) -> None:
    """At every history of old symbols, the same of each; together what an average one has."""
    own, larger = tokenizers(sequence)
    old = network(name, own, reserve)
    ids = own.ids_in(larger)
    new = grow(old, ids, larger.vocab_size)
    added = np.setdiff1d(np.arange(larger.vocab_size), ids)
    known = np.arange(1 if reserve else 0, own.vocab_size)
    before, after = old.initial_state(), new.initial_state()
    for symbol in own.encode("bdd\nfhfbhd\nfb").tolist():
        expected, found = old.log_probs(before), new.log_probs(after)
        shares = np.exp(found[added]) / (1 - reserve)
        lost = np.log1p(-shares.sum())
        np.testing.assert_allclose(found[ids[known]], expected[known] + lost, atol=1e-5)
        if reserve:
            assert found[UNKNOWN] == expected[UNKNOWN]
        average = (found[ids[known]] - np.log1p(-reserve)).mean()
        assert np.log(shares.sum()) == pytest.approx(average, abs=1e-5)
        assert shares.sum() < 1 / len(known)
        assert np.ptp(shares) < 1e-7
        before, after = old.advance(before, symbol), new.advance(after, int(ids[symbol]))


def test_rows_for_ngrams_take_no_new_symbols() -> None:
    own, larger = tokenizers("file")
    config = RnnConfig(ngrams=3, rows=5)
    parameters = get(own.vocab_size, config).initialize(np.random.default_rng(0))
    old = RnnModel(config, own.vocab_size, own.end, 0.0, parameters)
    with pytest.raises(UsageError, match="takes no symbols that it lacks"):
        grow(old, own.ids_in(larger), larger.vocab_size)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_what_does_not_grow_is_the_same(name: str) -> None:
    own, larger = tokenizers("file", OWN)
    old = network(name, own, 0.03)
    assert grow(old, own.ids_in(larger), larger.vocab_size) is old


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_grown_networks_are_networks(name: str) -> None:
    own, larger = tokenizers("line")
    new = grow(network(name, own, 0.03), own.ids_in(larger), larger.vocab_size)
    assert new.end == larger.end
    loaded = RnnModel.from_arrays(new.settings(), new.arrays())
    assert np.isfinite(loaded.score(larger.encode("abacus hides\nin a cage"))[0]).all()


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_ids_lead_to_the_same_symbols(unit: str, sequence: str) -> None:
    policy = TextPolicy(unit=unit, sequence=sequence)
    texts = "To be or\nnot to be\n", "Être ou ne pas être,\nto be ç̌a\n"
    one, other = (
        Tokenizer.fit([text.encode().decode(policy_encoding(unit))], policy) for text in texts
    )
    both = one.with_symbols_of(other)
    ids = one.ids_in(both)
    assert ids[[UNKNOWN, one.start]].tolist() == [UNKNOWN, both.start]
    assert both.with_symbols_of(one) == both
    known = texts[0].encode().decode(policy_encoding(unit))
    np.testing.assert_array_equal(ids[one.encode(known)], both.encode(known))
    assert both.decode(ids[one.encode(known)]) == one.decode(one.encode(known))


def policy_encoding(unit: str) -> str:
    return UNITS[unit].encoding or "utf-8"
