"""Smoothers: against NLTK, and against references written from the formulas."""

from collections import Counter, defaultdict
from math import exp, log

import numpy as np
import pytest
from nltk.lm import MLE, Lidstone, WittenBellInterpolated
from nltk.lm.api import LanguageModel as NltkModel
from nltk.lm.vocabulary import Vocabulary as NltkVocabulary
from nltk.util import everygrams

from charlm.errors import UsageError
from charlm.ngram import estimation, smoothing
from charlm.ngram.config import NgramConfig
from charlm.ngram.counts import Sequences
from charlm.ngram.model import NgramModel
from charlm.ngram.smoothing.discounts import closed_form, leave_one_out
from charlm.text.tokenizer import TextPolicy, Tokenizer

LINES = ["abracadabra", "banana", "a", "cab", "", "bad cad", "banana band"]
TEXT = "".join(line + "\n" for line in LINES)
TOKENIZER = Tokenizer.fit([TEXT], TextPolicy(sequence="line"))
START, END = "<s>", "</s>"


def fit(order: int, smoothing: str, k: float = 1.0) -> NgramModel:
    sequences = Sequences([TOKENIZER.encode(TEXT)], TOKENIZER.vocab_size, TOKENIZER.end)
    return estimation.fit(sequences, NgramConfig(order, smoothing, k))


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


class NaiveKneserNey:
    """Interpolated modified Kneser-Ney from Chen & Goodman's formulas, by dictionaries."""

    def __init__(self, lines: list[str], order: int, discounts: list[list[float]], vocab: int):
        self.discounts, self.vocab = discounts, vocab
        raw: dict[int, Counter[tuple[str, ...]]] = defaultdict(Counter)
        for line in lines:
            padded = [START, *line, END]
            for k in range(1, order + 3):
                for t in range(k, len(padded) + 1):
                    if padded[t - 1] != START:
                        raw[k][tuple(padded[t - k : t])] += 1
        self.counts = {order + 1: raw[order + 1]}
        for k in range(1, order + 1):
            continuation = Counter(gram[1:] for gram in raw[k + 1])
            starting = {gram: c for gram, c in raw[k].items() if gram[0] == START}
            self.counts[k] = Counter({**continuation, **starting})

    def __call__(self, history: tuple[str, ...], symbol: str) -> float:
        k = len(history) + 1
        followers = {g[-1]: c for g, c in self.counts[k].items() if g[:-1] == history}
        lower = self(history[1:], symbol) if history else 1 / self.vocab
        if not followers:
            return lower
        discount = [0.0, *self.discounts[k - 1]]
        total = sum(followers.values())
        gamma = sum(discount[min(c, 3)] for c in followers.values()) / total
        count = followers.get(symbol, 0)
        return (count - discount[min(count, 3)]) / total + gamma * lower


@pytest.mark.parametrize("order", [0, 1, 2, 4])
def test_kneser_ney_agrees_with_the_formulas(order: int) -> None:
    ours = fit(order, "modified-kneser-ney")
    discounts = [note["discounts"] for note in ours.notes]
    reference = NaiveKneserNey(LINES, order, discounts, TOKENIZER.vocab_size)
    for history, context in contexts(order):
        for symbol in SYMBOLS:
            expected = reference(context, symbol)
            assert probability(ours, history, symbol) == pytest.approx(expected, rel=1e-6)


def test_closed_form_by_hand() -> None:
    # t = 4, 3, 2, 1: Y = 4 / (4 + 6) = 0.4; D = 1 - 2 Y 3/4, 2 - 3 Y 2/3, 3 - 4 Y 1/2
    counts = np.array([1] * 4 + [2] * 3 + [3] * 2 + [4] + [9, 9])
    discounts = closed_form(counts)
    assert discounts is not None
    assert discounts.tolist() == pytest.approx([0.4, 1.2, 2.2])


@pytest.mark.parametrize("counts", [[5, 9, 80], [1, 2, 3], [1, 2, *[3] * 9, 4], []])
def test_closed_form_refuses_what_is_undefined_or_outside(counts: list[int]) -> None:
    assert closed_form(np.array(counts, int)) is None


def leave_one_out_by_hand(
    grams: list[tuple[int, int, float]], discounts: tuple[float, float, float]
) -> float:
    """Log-likelihood and prior: take each event away, and predict it from what is left."""
    result = sum(log(d) + log(k - d) for k, d in enumerate(discounts, start=1))
    for i, (history, count, lower) in enumerate(grams):
        rest = [(h, c - (i == j)) for j, (h, c, _) in enumerate(grams)]
        left = [c for h, c in rest if h == history and c > 0]
        if not left:
            continue
        gamma = sum(discounts[min(c, 3) - 1] for c in left) / sum(left)
        kept = (count - 1 - discounts[min(count - 1, 3) - 1]) / sum(left) if count > 1 else 0.0
        result += count * log(kept + gamma * lower)
    return result


@pytest.mark.parametrize("seed", range(5))
def test_tuned_discounts_maximise_the_leave_one_out_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count, history = rng.geometric(0.3, 40), np.sort(rng.integers(0, 6, 40))
    lower = rng.uniform(0.01, 0.2, 40)
    found = leave_one_out(count, history, 6, lower)
    grams = list(zip(history.tolist(), count.tolist(), lower.tolist(), strict=True))
    best = leave_one_out_by_hand(grams, tuple(found))
    assert all(0 < d < k for k, d in enumerate(found, start=1))
    for nudge in np.vstack([np.eye(3), -np.eye(3)]) * 1e-3:
        assert leave_one_out_by_hand(grams, tuple(found + nudge)) < best


@pytest.mark.parametrize("text", ["a", "aaaa", "ab" * 50, "abc\n" * 9, "the cat sat " * 3])
@pytest.mark.parametrize("name", smoothing.SMOOTHERS)
def test_tiny_texts_never_fail(text: str, name: str) -> None:
    tokenizer = Tokenizer.fit([text], TextPolicy())
    sequences = Sequences([tokenizer.encode(text)], tokenizer.vocab_size)
    model = estimation.fit(sequences, NgramConfig(6, name))
    log_probs, _ = model.score(tokenizer.encode(text + "x" + text))
    assert not np.isnan(log_probs).any()
    assert np.isfinite(log_probs[: len(text)]).all()
    assert np.isfinite(log_probs).all() == (name != "mle")


def test_notes_say_which_discounts_were_used() -> None:
    notes = fit(2, "modified-kneser-ney").notes
    assert [note["source"] for note in notes] == ["closed", "tuned", "closed"]
    assert fit(1, "add-k", 0.5).notes[-1] == {"k": 0.5}


def test_unknown_smoother_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match="modified-kneser-ney"):
        fit(1, "kneser")


@pytest.mark.parametrize("settings", [{"order": -1}, {"order": 256}, {"k": 0.0}, {"k": 1e308}])
def test_impossible_settings(settings: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        NgramConfig(**settings)  # type: ignore[arg-type]
