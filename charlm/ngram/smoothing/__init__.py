"""Smoothers: one function each, found by name.

A smoother turns the counts of one order, and the probabilities that the order below gives to the
same symbols, into probabilities and back-off weights. A model applies them, for every smoother
alike, as

    P(x | h) = probability[h x]                   if h x was counted
             = backoff[h] * P(x | h')             otherwise, h' = h without its oldest symbol

which is exactly what an ARPA file stores. The recursion ends at the uniform distribution over
the vocabulary, the unknown symbol in it.
"""

from charlm.ngram.smoothing.additive import add_k, mle
from charlm.ngram.smoothing.kneser_ney import modified_kneser_ney
from charlm.ngram.smoothing.registry import SMOOTHERS, Smoothed, Smoother, get
from charlm.ngram.smoothing.witten_bell import witten_bell

__all__ = [
    "SMOOTHERS",
    "Smoothed",
    "Smoother",
    "add_k",
    "get",
    "mle",
    "modified_kneser_ney",
    "witten_bell",
]
