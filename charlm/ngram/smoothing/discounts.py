"""The discounts of absolute discounting and of Kneser-Ney, from the counts of one order.

One discount D for all counts, or three, D_1, D_2, D_3+, by whether the count is 1, 2 or more.
With t_k the number of n-grams whose count is k, and Y = t_1 / (t_1 + 2 t_2), the closed forms are

    D = Y                                   (Ney, Essen & Kneser 1994)
    D_k = k - (k + 1) Y t_(k+1) / t_k       (Chen & Goodman 1998, eq. 27)

On characters they often fail: low orders have no n-gram of count 1, or a D_k leaves (0, k). Then
the order is tuned, by itself, as in `tuning.py`; or, as KenLM has it, fixed discounts are taken.

KenLM's `lmplz` arrives at slightly different t_k: in each order below the highest, it counts the
occurrences of the last n-gram and not its left neighbours. This is not imitated, since which n-gram
is the last depends on how KenLM numbers the words. For models of Shakespeare and of the Penn
Treebank the perplexities differ by less than a millionth.
"""

import numpy as np

from charlm.arrays import Float64s, Integers
from charlm.errors import UsageError
from charlm.ngram.counting.counts import OrderCounts
from charlm.ngram.smoothing.tuning import tune_one

METHODS = ("closed", "tuned", "fallback")
FALLBACK = (0.5, 1.0, 1.5)  # KenLM's `--discount_fallback`


def choose_discounts(
    method: str, classes: int, count: Integers, counts: OrderCounts, lower: Float64s
) -> tuple[Float64s, str]:
    """Return the discounts of 1 or 3 classes of counts, and how they were found.

    `closed`: the closed form, tuned where it fails. `tuned`: by leave-one-out likelihood.
    `fallback`: the closed form by KenLM's bounds, and its fixed discounts where that fails.

    Raises:
        UsageError: there is no such method.
    """
    if method not in METHODS:
        raise UsageError(f"unknown discounts {method!r}; there are {', '.join(METHODS)}")
    found = without_tuning(method, classes, counts_of_counts(count))
    if found is not None:
        return found
    return tune_one(count, counts.history, counts.histories, lower, classes), "tuned"


def without_tuning(method: str, classes: int, t: Float64s) -> tuple[Float64s, str] | None:
    """Return the discounts that a method finds from t_1 to t_4 alone; None where it does not."""
    if method == "fallback":
        found = closed_form(t, classes, strict=False)
        fixed = np.array(FALLBACK[:classes])
        return (fixed, "fallback") if found is None else (found, "closed")
    found = closed_form(t, classes) if method == "closed" else None
    return None if found is None else (found, "closed")


def counts_of_counts(count: Integers) -> Float64s:
    """Return t_1 to t_4, how many n-grams have these counts."""
    return np.bincount(np.minimum(count, 5), minlength=6)[1:5].astype(float)


def closed_form(t: Float64s, classes: int = 3, *, strict: bool = True) -> Float64s | None:
    """Return the closed form; None where it is undefined or a D_k is not inside (0, k).

    Not strict, D_k may be 0 or k, and t_4 may be 0, as in KenLM.
    """
    if not t[: classes + strict].all() or not t[0]:
        return None
    y = t[0] / (t[0] + 2 * t[1])
    if classes == 1:
        return np.array([y]) if y < 1 else None
    limits = np.arange(1.0, classes + 1)
    discounts: Float64s = limits - (limits + 1) * y * t[1:] / t[:3]
    inside = (discounts > 0) & (discounts < limits)
    allowed = inside if strict else inside | (discounts == 0) | (discounts == limits)
    return discounts if allowed.all() else None
