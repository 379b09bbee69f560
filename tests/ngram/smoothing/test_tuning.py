"""Tuned discounts: against events taken out by hand, and against the closed form on unseen text."""

from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np
import pytest

from charlm.arrays import Float64s, Ids
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences, count
from charlm.ngram.estimation import fit
from charlm.ngram.smoothing import leaving_out
from charlm.ngram.smoothing.tuning import tune, tune_one
from charlm.text.tokenizer import TextPolicy, Tokenizer
from tests.support.models import CORPORA

SYMBOLS, START = 5, 5
Gram = tuple[int, ...]


def some_streams(seed: int) -> list[Ids]:
    rng = np.random.default_rng(seed)
    return [rng.geometric(0.5, n).clip(1, SYMBOLS - 1).astype(np.int32) for n in (30, 1, 9, 4)]


def events(streams: Sequence[Ids], order: int) -> Counter[Gram]:
    """Each symbol behind its longest history, START its oldest symbol at most."""
    padded = [(START, *ids.tolist()) for ids in streams]
    return Counter(ids[max(0, t - order) : t + 1] for ids in padded for t in range(1, len(ids)))


def discounted(left: Counter[Gram], order: int, continuation: bool) -> Counter[Gram]:
    """What is discounted at every order, from the events alone."""
    counts = Counter({gram: c for gram, c in left.items() if c > 0})
    for length in range(order + 1, 1, -1):
        for gram in [gram for gram in counts if len(gram) == length]:
            counts[gram[1:]] += 1 if continuation else counts[gram]
    return counts


def predicted(gram: Gram, counts: Counter[Gram], discounts: Float64s) -> float:
    """The interpolation, from the formula."""
    lower = predicted(gram[1:], counts, discounts) if len(gram) > 1 else 1 / SYMBOLS
    d: list[float] = [0.0, *discounts[len(gram) - 1].tolist()]
    highest = len(d) - 1
    after = [counts[(*gram[:-1], x)] for x in range(SYMBOLS)]
    if not sum(after):
        return lower
    gamma = sum(d[min(c, highest)] for c in after)
    kept = counts[gram] - d[min(counts[gram], highest)]
    return (kept + gamma * lower) / sum(after)


def by_hand(seen: Counter[Gram], order: int, continuation: bool, discounts: Float64s) -> float:
    """Log-likelihood of every event under the counts without it, and the prior."""
    limits = np.arange(1, discounts.shape[1] + 1)
    result = float((np.log(discounts) + np.log(limits - discounts)).sum())
    for gram, occurrences in seen.items():
        counts = discounted(seen - Counter([gram]), order, continuation)
        result += occurrences * log(predicted(gram, counts, discounts))
    return result


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize(("classes", "continuation"), [(3, True), (1, True), (1, False)])
def test_tuned_discounts_maximise_the_leave_one_out_likelihood(
    seed: int, order: int, classes: int, continuation: bool
) -> None:
    streams = some_streams(seed)
    orders = list(count(Sequences(streams, SYMBOLS), order))
    found = tune(orders, classes, continuation=continuation)
    seen = events(streams, order)
    best = by_hand(seen, order, continuation, found)
    for i in range(found.size):
        for nudge in (-1e-3, 1e-3):
            other = found.copy()
            other.flat[i] += nudge
            assert by_hand(seen, order, continuation, other) < best


def test_one_order_by_itself_is_the_same_where_there_is_but_one() -> None:
    orders = list(count(Sequences(some_streams(3), SYMBOLS), 0))
    counts = orders[0]
    lower = np.full(SYMBOLS, 1 / SYMBOLS)
    alone = tune_one(counts.count, counts.history, 1, lower, 3)
    assert alone == pytest.approx(tune(orders, 3, continuation=True)[0], abs=1e-9)


def test_a_sample_of_events_tunes_discounts_as_all_do(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (CORPORA / "us_first_names.txt").read_text()
    tokenizer = Tokenizer.fit([text], TextPolicy(sequence="line"))
    sequences = Sequences([tokenizer.encode(text)], tokenizer.vocab_size, tokenizer.end)
    orders = list(count(sequences, 2))
    every = tune(orders, 3, continuation=True)
    monkeypatch.setattr(leaving_out, "MOST_ROWS", 3000)
    some = tune(orders, 3, continuation=True)
    assert (some != every).any()
    assert some == pytest.approx(every, abs=0.5)


@pytest.mark.parametrize(
    ("name", "sequence", "order"),
    [("shakespeare", "file", 5), ("us_first_names", "line", 4), ("chinese", "file", 2)],
)
def test_tuned_discounts_beat_the_closed_form_on_unseen_text(
    name: str, sequence: str, order: int
) -> None:
    text = (CORPORA / f"{name}.txt").read_text()[:200_000]
    lines = text.splitlines(keepends=True)
    train = "".join(line for i, line in enumerate(lines) if i % 10)
    tokenizer = Tokenizer.fit([train], TextPolicy(sequence=sequence))
    sequences = Sequences([tokenizer.encode(train)], tokenizer.vocab_size, tokenizer.end)
    unseen = tokenizer.encode("".join(lines[::10]))
    tuned, closed = (
        fit(sequences, NgramConfig(order, discounts=method)).score(unseen)[0].sum()
        for method in ("tuned", "closed")
    )
    assert tuned > closed + 0.001 * len(unseen)
