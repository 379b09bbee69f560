import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest

from charlm.errors import ModelFileError, UsageError
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences
from charlm.ngram.estimation import fit
from charlm.ngram.inference import scoring
from charlm.ngram.model import NgramModel
from charlm.ngram.tables import key_type
from tests.support.models import NGRAMS, TEXT, UNSEEN, each, make, ngram

NAME = "witten-bell-4-file"


def test_state_is_the_contexts_that_were_seen() -> None:
    trained = make(NAME)
    model = trained.model
    assert model.initial_state() == (model.vocab_size,)
    _, state = model.score(trained.tokenizer.encode(TEXT[:100]))
    assert len(state) == 4
    assert len(model.advance(state, 0)) == 1  # an unseen symbol empties the context


@pytest.mark.parametrize("order", [0, 3])
def test_the_start_is_one_symbol_of_context(order: int) -> None:
    """The first symbol of a text is all that ever followed START."""
    trained = ngram("mle", order)
    first = trained.tokenizer.encode(TEXT[0])[0]
    probability = np.exp(trained.model.log_probs(trained.model.initial_state())[first])
    share = TEXT.count(TEXT[0]) / len(TEXT)
    assert probability == pytest.approx(1.0 if order else share)


def test_longer_contexts_fit_the_training_text_better() -> None:
    losses = []
    for order in range(6):
        trained = ngram("modified-kneser-ney", order)
        log_probs, _ = trained.model.score(trained.tokenizer.encode(TEXT))
        losses.append(-log_probs.mean())
    assert losses == sorted(losses, reverse=True)


def test_order_beyond_the_text() -> None:
    trained = ngram("modified-kneser-ney", 20, "line", "word")
    ids = trained.tokenizer.encode(TEXT[:200])
    log_probs, state = trained.model.score(ids)
    assert np.isfinite(log_probs).all()
    assert len(state) <= 20


@pytest.mark.parametrize("name", ["modified-kneser-ney-4-file", "modified-kneser-ney-4-line"])
@pytest.mark.parametrize(
    ("setting", "value"), [("TABLE", 0), ("TABLE", 1 << 30), ("BLOCK_SYMBOLS", 7)]
)
def test_tables_and_blocks_change_nothing(
    name: str, setting: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = make(name)
    ids = trained.tokenizer.encode(TEXT[:1500] + "\n中\n" + TEXT[1500:3000])
    expected, state = trained.model.score(ids)
    fresh = NgramModel.from_arrays(trained.model.settings(), trained.model.arrays())
    monkeypatch.setattr(scoring, setting, value)
    monkeypatch.setattr(scoring, "TABLE_A_QUERY", 1 << 30)
    scored, after = fresh.score(ids)
    np.testing.assert_array_equal(scored, expected)
    assert after == state


def test_the_signature_names_what_decides() -> None:
    parts = [
        NgramConfig(2, "add-k", 0.1).describe(),
        NgramConfig(3, discounts="closed", prune=(0, 0, 1)).describe(),
        NgramConfig(prune=(0,)).describe(),
    ]
    assert parts == [
        {"order": "2", "smoothing": "add-k", "k": "0.1"},
        {"order": "3", "smoothing": "modified-kneser-ney", "discounts": "closed", "prune": "0,0,1"},
        {"order": "6", "smoothing": "modified-kneser-ney"},
    ]


def test_keys_are_as_small_as_they_can_be() -> None:
    assert key_type(1000, 66) is np.uint32
    assert key_type((1 << 32) // 66, 66) is np.uint64
    assert key_type((1 << 32) // 66 - 1, 66) is np.uint32


def test_large_vocabularies_have_large_keys() -> None:
    """With a million symbols, rows times symbols leave 32 bits; scores are those of small ids."""
    small = np.random.default_rng(0).integers(1, 40, 5000).astype(np.int32)
    scale = 1_000_000 // 40
    one = fit(Sequences([small], 40), NgramConfig(2, "mle"))
    two = fit(Sequences([small * scale], 1_000_000), NgramConfig(2, "mle"))
    assert [keys.dtype for keys in two.tables.keys[1:]] == [np.uint64, np.uint32]  # rows are few
    np.testing.assert_array_equal(one.score(small)[0], two.score(small * scale)[0])
    state = two.score(small[:50] * scale)[1]
    log_probs = two.log_probs(state)[::scale]
    np.testing.assert_array_equal(log_probs, one.log_probs(one.score(small[:50])[1]))


@pytest.mark.parametrize("method", ["log_probs", "advance"])
def test_a_step_never_converts_a_table(method: str) -> None:
    """Queries of another type than the keys would make NumPy copy the whole table."""
    rng = np.random.default_rng(0)
    model = fit(Sequences([rng.integers(1, 200, 400_000).astype(np.int32)], 200), NgramConfig(3))
    table = min(keys.nbytes for keys in model.tables.keys[2:])
    state = model.initial_state()
    tracemalloc.start()
    _ = model.log_probs(state) if method == "log_probs" else model.advance(state, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < table / 10


def changed(name: str, change: Callable[[np.ndarray], np.ndarray]) -> NgramModel:
    model = make(NAME).model
    arrays = model.arrays()
    arrays[name] = change(arrays[name].copy())
    return NgramModel.from_arrays(model.settings(), arrays)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("2.keys", lambda a: a[:-1]),
        ("3.probability", lambda a: a[:-1]),
        ("1.backoff", lambda a: a[:-1]),
        ("2.keys", lambda a: a[:, None]),
        ("2.keys", lambda a: a.astype(np.uint16)),
        ("2.keys", lambda a: a.astype(np.int32)),
        ("2.probability", lambda a: a.astype(np.float64)),
        ("1.backoff", lambda a: a.astype(np.float16)),
    ],
)
def test_tables_that_do_not_fit_are_refused(
    name: str, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    with pytest.raises(ModelFileError, match="do not fit"):
        changed(name, change)


def test_foreign_tables_and_settings_are_refused() -> None:
    model = make(NAME).model
    with pytest.raises(ModelFileError, match="do not fit"):
        NgramModel.from_arrays(model.settings(), {**model.arrays(), "9.extra": np.zeros(1)})
    with pytest.raises(ModelFileError, match="do not fit"):
        NgramModel.from_arrays({**model.settings(), "order": 3}, model.arrays())
    with pytest.raises(ModelFileError, match="do not fit"):
        NgramModel.from_arrays({**model.settings(), "notes": [1]}, model.arrays())
    with pytest.raises(UsageError):
        NgramModel.from_arrays({**model.settings(), "order": True}, model.arrays())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("2.keys", lambda a: a[::-1]),
        ("2.keys", lambda a: np.roll(a, 1)),
        ("3.keys", lambda a: np.where(a == a.max(), np.uint32(2**32 - 1), a)),
        ("1.probability", lambda a: np.full_like(a, np.nan)),
        ("1.probability", lambda a: -a),
        ("2.probability", lambda a: a + 50),
        ("1.backoff", lambda a: np.full_like(a, np.inf)),
        ("4.backoff", lambda a: -a - 1),
    ],
)
def test_impossible_values_are_found_and_do_no_harm(
    name: str, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    """`check` finds them all; in use they give an answer or a `ModelFileError`, nothing else."""
    model = changed(name, change)
    with pytest.raises(ModelFileError, match="is damaged"):
        model.check()
    ids = make(NAME).tokenizer.encode(TEXT[:500])
    with np.errstate(all="ignore"), suppress(ModelFileError):
        assert not np.isnan(model.score(ids)[0]).any()
    state = model.initial_state()
    with np.errstate(all="ignore"), suppress(ModelFileError):
        for symbol in ids.tolist():
            assert not np.isnan(model.log_probs(state)).any()
            state = model.advance(state, symbol)


def test_sound_models_pass_the_check() -> None:
    make(NAME).model.check()


@each(NGRAMS)
@pytest.mark.parametrize("text", ["", "t", UNSEEN, "\n\nTo be"])
def test_few_symbols_are_scored_to_the_same_bits(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one, as short strings are, or one order after the other."""
    trained = make(name)
    ids = trained.tokenizer.encode(text, close_line=False)[: scoring.FEW]
    start = trained.model.score(trained.tokenizer.encode(TEXT[:50], close_line=False))[1]
    for state in (None, start):
        few = trained.model.score(ids, state)
        with monkeypatch.context() as patch:
            patch.setattr(scoring, "FEW", -1)
            many = trained.model.score(ids, state)
        np.testing.assert_array_equal(few[0], many[0])
        assert few[1] == many[1]
