"""What decides an n-gram model, besides its text."""

from dataclasses import dataclass

from charlm.errors import UsageError

SMALLEST_K, LARGEST_K = 1e-9, 1e9  # beyond, probabilities are 0 or uniform in float32
HIGHEST_ORDER = 255  # longer contexts only repeat; every order costs time and memory


@dataclass(frozen=True)
class NgramConfig:
    """Order, smoother, and the smoother's settings.

    `order` is the number of symbols of context: order 0 is the unigram. An order-n model is
    "(n+1)-gram" elsewhere (KenLM's `-o n+1`). `k` is the count that `add-k` adds; `discounts` is
    how the discounts of Kneser-Ney and absolute discounting are found (`smoothing/discounts.py`).

    Raises:
        UsageError: the order is out of range, or k is.
    """

    order: int = 6
    smoothing: str = "modified-kneser-ney"
    k: float = 1.0
    discounts: str = "closed"

    def __post_init__(self) -> None:
        if type(self.order) is not int or not 0 <= self.order <= HIGHEST_ORDER:
            raise UsageError(f"the order is a number of context symbols: 0 to {HIGHEST_ORDER}")
        if not SMALLEST_K <= self.k <= LARGEST_K:
            raise UsageError(f"k is added to every count: from {SMALLEST_K} to {LARGEST_K}")
