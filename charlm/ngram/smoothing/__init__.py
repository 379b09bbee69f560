"""Smoothers: one function each, found by name.

A smoother turns the counts of one order, and the probabilities that the order below gives to the
same symbols, into probabilities and back-off weights. A model applies them, for every smoother
alike, as

    P(x | h) = probability[h x]                   if h x was counted
             = backoff[h] * P(x | h')             otherwise, h' = h without its oldest symbol

which is exactly what an ARPA file stores. The recursion ends at the uniform distribution over
the vocabulary, the unknown symbol in it. (MLE alone gives unseen symbols nothing.)
"""

from importlib import import_module
from pkgutil import iter_modules

from charlm.ngram.smoothing.registry import (
    COUNTS_ALONE,
    SMOOTHERS,
    Smoothed,
    Smoother,
    get,
    prepare,
)

__all__ = ["COUNTS_ALONE", "SMOOTHERS", "Smoothed", "Smoother", "get", "prepare"]

for _module in iter_modules(__path__):  # each file registers what it holds
    import_module(f"{__name__}.{_module.name}")
