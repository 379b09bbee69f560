"""Modified Kneser-Ney smoothing, interpolated (Kneser & Ney 1995; Chen & Goodman 1998, eq. 26).

Every count gives up a discount, D_1, D_2 or D_3 by whether it is 1, 2 or more; what a history
collects goes to the shorter history:

    P(x|h) = max(a(hx) - D(a(hx)), 0) / a(h) + gamma(h) P(x|h')
    gamma(h) = (D_1 N_1(h) + D_2 N_2(h) + D_3 N_3+(h)) / a(h)

Below the longest order the adjusted count a(hx) is the number of distinct symbols seen to the
left of hx: a symbol that only ever followed one history is a poor guess elsewhere. N_k(h) is the
number of symbols with a(hx) = k. The discounts of an order are found in `discounts.py`.
"""

import numpy as np

from charlm.arrays import Float64s
from charlm.ngram.config import NgramConfig
from charlm.ngram.counts import OrderCounts
from charlm.ngram.smoothing.discounts import choose_discounts
from charlm.ngram.smoothing.registry import Smoothed, per_history, share, smoother


@smoother("modified-kneser-ney")
def modified_kneser_ney(
    counts: OrderCounts, lower: Float64s, *, top: bool, config: NgramConfig
) -> Smoothed:
    """Discount by count, and interpolate with continuation counts below the longest order."""
    adjusted = counts.count if top else counts.adjusted
    discounts, source = choose_discounts(adjusted, counts.history, counts.histories, lower)
    discount = np.concatenate([[0.0], discounts])[np.minimum(adjusted, 3)]  # (N,)
    total = per_history(counts, adjusted)
    backoff = share(per_history(counts, discount), total)
    kept = (adjusted - discount) / total[counts.history]
    probability = kept + backoff[counts.history] * lower
    return Smoothed(probability, backoff, {"discounts": discounts.tolist(), "source": source})
