"""What decides an n-gram model, besides its text."""

from dataclasses import dataclass

from charlm.errors import UsageError

HIGHEST_ORDER = 255  # longer contexts only repeat; every order costs time and memory


@dataclass(frozen=True)
class NgramConfig:
    """Order, smoother, and the smoother's settings.

    `order` is the number of symbols of context: order 0 is the unigram. An order-n model is
    "(n+1)-gram" elsewhere (KenLM's `-o n+1`). `k` is the count that `add-k` adds.

    Raises:
        UsageError: the order is out of range, or k is not positive.
    """

    order: int = 6
    smoothing: str = "modified-kneser-ney"
    k: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.order <= HIGHEST_ORDER:
            raise UsageError(f"the order is a number of context symbols: 0 to {HIGHEST_ORDER}")
        if not 0 < self.k < float("inf"):
            raise UsageError("k is added to every count: it must be positive")
