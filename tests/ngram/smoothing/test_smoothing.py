"""Smoothers: against NLTK, and against references written from the formulas."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import exp, log, log2
from typing import Any

import numpy as np
import pytest
from nltk.lm import MLE, Lidstone, WittenBellInterpolated
from nltk.lm.api import LanguageModel as NltkModel
from nltk.lm.vocabulary import Vocabulary as NltkVocabulary
from nltk.util import everygrams

from charlm.errors import UsageError
from charlm.ngram import estimation, smoothing
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting import counts as counting
from charlm.ngram.counting.counts import Sequences
from charlm.ngram.model import NgramModel
from charlm.ngram.smoothing.discounts import (
    METHODS,
    choose_discounts,
    closed_form,
    counts_of_counts,
)
from charlm.ngram.smoothing.katz import good_turing
from charlm.ngram.smoothing.tuning import tune_one
from charlm.text.tokenizer import TextPolicy, Tokenizer

LINES = ["abracadabra", "banana", "a", "cab", "", "bad cad", "banana band"]
TEXT = "".join(line + "\n" for line in LINES)
TOKENIZER = Tokenizer.fit([TEXT], TextPolicy(sequence="line"))
SOME_TEXT = Sequences([TOKENIZER.encode(TEXT)], TOKENIZER.vocab_size, TOKENIZER.end)
START, END = "<s>", "</s>"


def fit(
    order: int,
    smoothing: str,
    k: float = 1.0,
    discounts: str = "closed",
    prune: tuple[int, ...] = (),
) -> NgramModel:
    return estimation.fit(SOME_TEXT, NgramConfig(order, smoothing, k, discounts, prune))


def probability(model: NgramModel, history: str, symbol: str) -> float:
    state = model.initial_state()
    for i in TOKENIZER.encode(history, close_line=False).tolist():
        state = model.advance(state, i)
    i = TOKENIZER.end if symbol == END else TOKENIZER.encode(symbol, close_line=False)[0]
    assert i is not None
    return exp(model.log_probs(state)[i])


def nltk_model(make: type[NltkModel], order: int, *settings: float) -> NltkModel:
    """Train NLTK on lines padded with one START; its vocabulary leaves START out, as ours does."""
    padded = [[START, *line, END] for line in LINES]
    vocabulary = NltkVocabulary([s for line in padded for s in line if s != START])
    model = make(*settings, order=order + 1, vocabulary=vocabulary)
    model.fit([everygrams(line, max_len=order + 1) for line in padded])
    return model


def contexts(order: int) -> list[tuple[str, tuple[str, ...]]]:
    """All histories in the lines, each as text and as NLTK's context of at most `order`."""
    histories = {line[:end] for line in LINES for end in range(len(line) + 1)}
    return [(h, tuple([START, *h][max(0, len(h) + 1 - order) :])) for h in sorted(histories)]


SYMBOLS = [*"abcdnr ", END]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_mle_agrees_with_nltk(order: int) -> None:
    ours, theirs = fit(order, "mle"), nltk_model(MLE, order)
    for history, context in contexts(order):
        for symbol in SYMBOLS:
            expected = theirs.score(symbol, context)
            assert probability(ours, history, symbol) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("k", [1.0, 0.1])
def test_add_k_agrees_with_nltk(order: int, k: float) -> None:
    ours, theirs = fit(order, "add-k", k), nltk_model(Lidstone, order, k)
    for history, context in [*contexts(order), ("rrr", tuple("rrr"[:order]))]:
        for symbol in SYMBOLS:
            expected = theirs.score(symbol, context)
            assert probability(ours, history, symbol) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_witten_bell_agrees_with_nltk(order: int) -> None:
    ours, theirs = fit(order, "witten-bell"), nltk_model(WittenBellInterpolated, order)
    unigram = fit(0, "witten-bell")  # NLTK's stops at the unigrams, ours at the uniform
    theirs.estimator.unigram_score = lambda symbol: probability(unigram, "", symbol)
    for history, context in [*contexts(order), ("rrr", tuple("rrr"[:order]))]:
        for symbol in SYMBOLS:
            expected = theirs.score(symbol, context)
            assert probability(ours, history, symbol) == pytest.approx(expected, abs=1e-7)


Gram = tuple[str, ...]


def raw_counts(order: int) -> dict[int, Counter[Gram]]:
    """Count the k-grams of the lines for k up to order + 1."""
    raw: dict[int, Counter[Gram]] = defaultdict(Counter)
    for line in LINES:
        padded = [START, *line, END]
        for k in range(1, order + 2):
            for t in range(k, len(padded) + 1):
                if padded[t - 1] != START:
                    raw[k][tuple(padded[t - k : t])] += 1
    return raw


class NaiveDiscounting:
    """Interpolated discounting from the formulas, by dictionaries."""

    def __init__(
        self,
        order: int,
        discounts: list[list[float]],
        *,
        continuation: bool,
        prune: tuple[int, ...] = (),
    ):
        self.discounts, self.vocab = discounts, TOKENIZER.vocab_size
        raw = raw_counts(order)
        self.thresholds = [*prune, *prune[-1:] * (order + 1)] if prune else [0] * (order + 1)
        self.raw = raw
        self.counts = dict(raw)
        for k in range(1, order + 1) if continuation else ():
            starting = {gram: c for gram, c in raw[k].items() if gram[0] == START}
            self.counts[k] = Counter({**Counter(gram[1:] for gram in raw[k + 1]), **starting})

    def __call__(self, history: tuple[str, ...], symbol: str) -> float:
        k = len(history) + 1
        followers = {g[-1]: c for g, c in self.counts[k].items() if g[:-1] == history}
        lower = self(history[1:], symbol) if history else 1 / self.vocab
        if not followers:
            return lower
        discount = [0.0, *self.discounts[k - 1]]
        highest = len(discount) - 1
        total = sum(followers.values())
        own = {x: c - discount[min(c, highest)] for x, c in followers.items()}
        stay = {x for x in own if self.raw[k][(*history, x)] > self.thresholds[k - 1]}
        gamma = (total - sum(own[x] for x in stay)) / total
        return (own[symbol] / total if symbol in stay else 0) + gamma * lower


@pytest.mark.parametrize("order", [0, 1, 2, 4])
@pytest.mark.parametrize("name", ["absolute", "kneser-ney", "modified-kneser-ney"])
def test_discounting_agrees_with_the_formulas(name: str, order: int) -> None:
    ours = fit(order, name)
    discounts = [note["discounts"] for note in ours.notes]
    assert {len(d) for d in discounts} == {3 if name.startswith("modified") else 1}
    reference = NaiveDiscounting(order, discounts, continuation=name != "absolute")
    for history, context in contexts(order):
        for symbol in SYMBOLS:
            expected = reference(context, symbol)
            assert probability(ours, history, symbol) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("prune", [(0, 1), (0, 0, 1), (0, 1, 2), (0, 9)])
@pytest.mark.parametrize("name", ["absolute", "modified-kneser-ney"])
def test_pruning_agrees_with_the_formulas(name: str, prune: tuple[int, ...]) -> None:
    """What goes is given to the back-off weight after discounts and sums are taken over all."""
    whole, ours = fit(2, name), fit(2, name, prune=prune)
    discounts = [note["discounts"] for note in ours.notes]
    assert discounts == [note["discounts"] for note in whole.notes]
    reference = NaiveDiscounting(2, discounts, continuation=name != "absolute", prune=prune)
    for history, context in contexts(2):
        for symbol in SYMBOLS:
            expected = reference(context, symbol)
            assert probability(ours, history, symbol) == pytest.approx(expected, rel=1e-6)
    raw = raw_counts(2)
    for k in (2, 3):
        threshold = [*prune, *prune[-1:]][k - 1]
        assert ours.ngrams[k - 1] == sum(c > threshold for c in raw[k].values())
        assert ours.notes[k - 1].get("pruned", 0) == whole.ngrams[k - 1] - ours.ngrams[k - 1]


def naive_katz(
    raw: dict[int, Counter[Gram]], notes: Sequence[Mapping[str, Any]], context: Gram, symbol: str
) -> float:
    """Katz's back-off from its definition: alpha is what makes the whole sum to one."""
    k = len(context) + 1
    followers = {g[-1]: c for g, c in raw[k].items() if g[:-1] == context}
    vocabulary = [*SYMBOLS, "<unk>"]
    lower = {
        x: naive_katz(raw, notes, context[1:], x) if context else 1 / len(vocabulary)
        for x in vocabulary
    }
    if not followers:
        return lower[symbol]
    note = notes[k - 1]
    if "ratios" in note:
        ratio = dict(enumerate(note["ratios"], start=1))
        kept: dict[str, float] = {x: ratio.get(c, 1.0) * c for x, c in followers.items()}
    else:
        kept = {x: c - note["discounts"][0] for x, c in followers.items()}
    total: float = sum(followers.values())
    if sum(kept.values()) > total - 1e-9:
        total += 1
    if symbol in kept:
        return kept[symbol] / total
    alpha = (1 - sum(kept.values()) / total) / sum(lower[x] for x in vocabulary if x not in kept)
    return alpha * lower[symbol]


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_katz_agrees_with_the_definition(order: int) -> None:
    ours, raw = fit(order, "katz"), raw_counts(order)
    for history, context in contexts(order):
        for symbol in SYMBOLS:
            expected = naive_katz(raw, ours.notes, context, symbol)
            assert probability(ours, history, symbol) == pytest.approx(expected, rel=1e-5)


def test_good_turing_ratios_by_hand() -> None:
    """K = 2 of n = 10, 4, 1: g = 3 * 1 / 10; 1* = 0.8, 2* = 0.75."""
    ratios = good_turing(np.array([0, 10, 4, 1]))
    assert ratios is not None
    assert ratios.tolist() == pytest.approx([(0.8 - 0.3) / 0.7, (0.375 - 0.3) / 0.7])
    assert good_turing(np.array([0, 0, 4, 1])) is None
    assert good_turing(np.array([0, 5])) is None


def naive_jelinek_mercer(
    raw: dict[int, Counter[Gram]], notes: Sequence[Mapping[str, Any]], context: Gram, symbol: str
) -> float:
    """A weight by the logarithm of the history's count."""
    k = len(context) + 1
    followers = {g[-1]: c for g, c in raw[k].items() if g[:-1] == context}
    vocab = TOKENIZER.vocab_size
    lower = naive_jelinek_mercer(raw, notes, context[1:], symbol) if context else 1 / vocab
    if not followers:
        return lower
    total = sum(followers.values())
    weight: float = notes[k - 1]["weights"][int(log2(total))]
    return weight * followers.get(symbol, 0) / total + (1 - weight) * lower


@pytest.mark.parametrize("order", [0, 1, 2, 4])
def test_jelinek_mercer_agrees_with_the_formula(order: int) -> None:
    ours, raw = fit(order, "jelinek-mercer"), raw_counts(order)
    for history, context in contexts(order):
        for symbol in SYMBOLS:
            expected = naive_jelinek_mercer(raw, ours.notes, context, symbol)
            assert probability(ours, history, symbol) == pytest.approx(expected, rel=1e-6)


def test_jelinek_mercer_weights_maximise_the_likelihood() -> None:
    """Of single unigrams: lambda of the one bucket against a grid, counts without each event."""
    text = "abracadabra " * 3
    tokenizer = Tokenizer.fit([text], TextPolicy())
    sequences = Sequences([tokenizer.encode(text)], tokenizer.vocab_size)
    model = estimation.fit(sequences, NgramConfig(0, "jelinek-mercer"))
    counts = Counter(text)
    rest = len(text) - 1

    def objective(weight: float) -> float:
        uniform = 1 / tokenizer.vocab_size
        result = log(weight) + log(1 - weight)  # one more event on either side
        for c in counts.values():
            result += c * log(weight * (c - 1) / rest + (1 - weight) * uniform)
        return result

    found = model.notes[0]["weights"][int(log2(rest))]
    grid = max(np.linspace(0.01, 0.99, 99).tolist(), key=objective)
    assert found == pytest.approx(grid, abs=0.01)


def test_closed_form_by_hand() -> None:
    # t = 4, 3, 2, 1: Y = 4 / (4 + 6) = 0.4; D = 1 - 2 Y 3/4, 2 - 3 Y 2/3, 3 - 4 Y 1/2
    counts = np.array([1] * 4 + [2] * 3 + [3] * 2 + [4] + [9, 9])
    discounts = closed_form(counts_of_counts(counts))
    assert discounts is not None
    assert discounts.tolist() == pytest.approx([0.4, 1.2, 2.2])


def test_one_discount_by_hand() -> None:
    counts = np.array([1] * 6 + [2] * 3 + [7])
    assert closed_form(counts_of_counts(counts), 1) == pytest.approx([6 / 12])
    assert closed_form(counts_of_counts(np.array([1, 1, 5])), 1) is None


def test_fallback_is_that_of_kenlm() -> None:
    """t_4 may be 0, and D_k may be k; else 0.5, 1, 1.5 take the place of all three."""
    edge = np.array([1] * 4 + [2] * 3 + [3] * 2)
    assert closed_form(counts_of_counts(edge)) is None
    assert closed_form(counts_of_counts(edge), strict=False) == pytest.approx([0.4, 1.2, 3.0])
    note = fit(0, "modified-kneser-ney", discounts="fallback").notes[0]
    assert note == {"discounts": [0.5, 1.0, 1.5], "source": "fallback"}


# Counts of counts t_1 .. t_4 and the discounts of KenLM's estimator for them (`lmplz
# --discount_fallback`, commit 4cb443e, in float64), from two texts of English, orders 0 to 4.
KENLM = [
    ([3, 1, 2, 1], [0.5, 1.0, 1.5]),
    ([73, 42, 34, 30], [0.46496815286624205, 0.8707916287534121, 1.3589359310603222]),
    ([258, 228, 159, 80], [0.3613445378151261, 1.244029190623618, 2.272765710057608]),
    ([1522, 817, 570, 402], [0.48225602027883396, 0.9906269343001148, 1.6395303848976053]),
    ([3532, 1860, 1017, 691], [0.48703805846662984, 1.2011004750636087, 1.6763292098311062]),
    ([20799, 7595, 3842, 2298], [0.5779265886798743, 1.1229516970211675, 1.6173083802328458]),
    ([44415, 16483, 9273, 6093], [0.5739781083211641, 1.031274828891193, 1.4914273206078494]),
    ([4, 5, 0, 4], [0.5, 1.0, 1.5]),
    ([4, 2, 3, 2], [0.5, 1.0, 1.5]),
    ([173, 73, 57, 49], [0.5423197492163009, 0.7296345600549661, 1.1351812132211405]),
    ([190, 78, 78, 55], [0.5491329479768787, 0.35260115606936426, 1.4511634800652142]),
    ([2200, 1067, 711, 498], [0.5076142131979696, 0.9852473132602915, 1.5778234701964062]),
    ([13805, 5594, 2836, 1933], [0.5523546593046054, 1.1599153662203108, 1.4940739683557096]),
    ([21923, 10396, 6656, 4912], [0.5132389090483437, 1.0142021416047202, 1.48495822040537]),
]


@pytest.mark.parametrize(("t", "discounts"), KENLM, ids=str)
def test_discounts_are_those_of_kenlm(t: list[int], discounts: list[float]) -> None:
    counts = np.repeat(np.arange(1, 5), t)
    found, _ = choose_discounts(
        "fallback", 3, counts, next(counting.count(SOME_TEXT, 0)), np.empty(0)
    )
    assert found.tolist() == pytest.approx(discounts, rel=1e-12)


def test_tuned_discounts_are_tuned_everywhere() -> None:
    notes = fit(2, "modified-kneser-ney", discounts="tuned").notes
    assert [note["source"] for note in notes] == ["tuned"] * 3
    with pytest.raises(UsageError, match="closed, tuned, fallback"):
        fit(2, "modified-kneser-ney", discounts="guessed")


@pytest.mark.parametrize("counts", [[5, 9, 80], [1, 2, 3], [1, 2, *[3] * 9, 4], []])
def test_closed_form_refuses_what_is_undefined_or_outside(counts: list[int]) -> None:
    assert closed_form(counts_of_counts(np.array(counts, int))) is None


def leave_one_out_by_hand(
    grams: list[tuple[int, int, float]], discounts: tuple[float, ...]
) -> float:
    """Log-likelihood and prior: take each event away, and predict it from what is left."""
    highest = len(discounts)
    result = sum(log(d) + log(k - d) for k, d in enumerate(discounts, start=1))
    for i, (history, count, lower) in enumerate(grams):
        rest = [(h, c - (i == j)) for j, (h, c, _) in enumerate(grams)]
        left = [c for h, c in rest if h == history and c > 0]
        if not left:
            continue
        gamma = sum(discounts[min(c, highest) - 1] for c in left) / sum(left)
        kept = count - 1 - discounts[min(count - 1, highest) - 1] if count > 1 else 0.0
        result += count * log(kept / sum(left) + gamma * lower)
    return result


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_an_order_tuned_by_itself_maximises_its_leave_one_out_likelihood(
    seed: int, classes: int
) -> None:
    rng = np.random.default_rng(seed)
    count, history = rng.geometric(0.3, 40), np.sort(rng.integers(0, 6, 40))
    lower = rng.uniform(0.01, 0.2, 40)
    found = tune_one(count, history, 6, lower, classes)
    grams = list(zip(history.tolist(), count.tolist(), lower.tolist(), strict=True))
    best = leave_one_out_by_hand(grams, tuple(found))
    assert all(0 < d < k for k, d in enumerate(found, start=1))
    for nudge in np.vstack([np.eye(classes), -np.eye(classes)]) * 1e-3:
        assert leave_one_out_by_hand(grams, tuple(found + nudge)) < best


@pytest.mark.parametrize("text", ["a", "aaaa", "ab" * 50, "abc\n" * 9, "the cat sat " * 3])
@pytest.mark.parametrize("name", smoothing.SMOOTHERS)
@pytest.mark.parametrize("method", METHODS)
def test_tiny_texts_never_fail(text: str, name: str, method: str) -> None:
    tokenizer = Tokenizer.fit([text], TextPolicy())
    sequences = Sequences([tokenizer.encode(text)], tokenizer.vocab_size)
    model = estimation.fit(sequences, NgramConfig(6, name, discounts=method))
    log_probs, _ = model.score(tokenizer.encode(text + "x" + text))
    assert not np.isnan(log_probs).any()
    assert np.isfinite(log_probs[: len(text)]).all()
    assert np.isfinite(log_probs).all() == (name != "mle")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", [name for name in smoothing.SMOOTHERS if name != "mle"])
@pytest.mark.parametrize("text", ["abcdef", "aab", "abcabd" * 9])
def test_no_training_event_is_impossible(text: str, name: str, method: str) -> None:
    tokenizer = Tokenizer.fit([text], TextPolicy())
    sequences = Sequences([tokenizer.encode(text)], tokenizer.vocab_size)
    model = estimation.fit(sequences, NgramConfig(1, name, discounts=method))
    assert np.isfinite(model.score(tokenizer.encode(text + "x"))[0]).all()


def test_notes_say_which_discounts_were_used() -> None:
    notes = fit(2, "modified-kneser-ney").notes
    assert [note["source"] for note in notes] == ["closed", "tuned", "closed"]
    assert fit(1, "add-k", 0.5).notes[-1] == {"k": 0.5}


def test_unknown_smoother_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match="modified-kneser-ney"):
        fit(1, "kneser")


@pytest.mark.parametrize("prune", [(1,), (0, 2, 1), (0, -1), (0,) * 8, (0, 0.5)])
def test_impossible_thresholds(prune: tuple[int, ...]) -> None:
    with pytest.raises(UsageError):
        NgramConfig(prune=prune)


@pytest.mark.parametrize("settings", [{"order": -1}, {"order": 256}, {"k": 0.0}, {"k": 1e308}])
def test_impossible_settings(settings: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        NgramConfig(**settings)  # type: ignore[arg-type]
