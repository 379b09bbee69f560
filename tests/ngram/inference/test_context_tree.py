"""The tree against counting by hand, and by a naive dictionary of all contexts."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.ngram.inference.context_tree import ContextTree
from tests.support.models import ngram

START, END, LONGEST = 4, 3, 5


def naive(text: list[int]) -> list[dict[int, int]]:
    """What followed each context that the text ends with, shortest first, as far as met before."""
    read = [START]
    for symbol in text:
        read += [symbol, START] if symbol == END else [symbol]
    found = []
    for k in range(1, LONGEST + 1):
        context = read[-k:]
        places = [i for i in range(k, len(read)) if read[i - k : i] == context]
        if not places or START in context[1:]:
            break
        found.append(dict(Counter(read[i] for i in places)))
        if context[0] == START:
            break
    return found


@given(st.lists(st.integers(0, 3), max_size=60))
def test_counts_are_those_of_all_contexts_met_before(text: list[int]) -> None:
    tree = ContextTree(LONGEST, START, END)
    for i, symbol in enumerate(text):
        assert [context.counts for context in tree.seen] == naive(text[:i])
        assert [context.total for context in tree.seen] == [
            sum(counts.values()) for counts in naive(text[:i])
        ]
        tree.add(symbol)


def test_the_formula_by_hand() -> None:
    """After "aba", "a" was followed once, by "b": w = 1/8, c = T = 1, D = 1/2."""
    trained = ngram("add-k", 0)
    a, b, c = trained.tokenizer.encode("abc").tolist()
    p = np.exp(trained.model.log_probs(trained.model.initial_state()))
    reader = trained.model.adaptive_reader()
    for symbol in (a, b, a):
        reader.observe(symbol)
    probs = np.exp(reader.log_probs())
    assert probs[b] == pytest.approx(7 / 8 * p[b] + 1 / 8 * (0.5 + 0.5 * p[b]))
    assert probs[c] == pytest.approx(7 / 8 * p[c] + 1 / 8 * 0.5 * p[c])
    # The weight learns from the second share of P(b). Then "b" and "ab" were met once before.
    reader.observe(b)
    w = (0.5 + 1 / 8 * (0.5 + 0.5 * p[b]) / probs[b]) / (4 + 1)
    shorter = (1 - w) * p[a] + w * (0.5 + 0.5 * p[a])
    expected = 7 / 8 * shorter + 1 / 8 * (0.5 + 0.5 * shorter)
    assert np.exp(reader.log_probs()[a]) == pytest.approx(expected)
