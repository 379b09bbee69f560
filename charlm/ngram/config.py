"""What decides an n-gram model, besides its text."""

import re
from dataclasses import dataclass

from charlm.errors import UsageError

SMALLEST_K, LARGEST_K = 1e-9, 1e9  # beyond, probabilities are 0 or uniform in float32
NAME = r"[\w-]{1,64}"  # of a smoother, one that this version need not know
HIGHEST_ORDER = 255  # longer contexts only repeat; every order costs time and memory


@dataclass(frozen=True)
class NgramConfig:
    """Order, smoother, and the smoother's settings.

    `order` is the number of symbols of context: order 0 is the unigram. An order-n model is
    "(n+1)-gram" elsewhere (KenLM's `-o n+1`). `k` is the count that `add-k` adds; `discounts` is
    how the discounts of Kneser-Ney and absolute discounting are found (`smoothing/discounts.py`,
    and `smoothing/tuning.py` for all orders together).

    `prune` are counts that an n-gram must exceed to stay in the model, for 1, 2, ... symbols; the
    last stands for all longer ones (`pruning.py`).

    Raises:
        UsageError: the order, k or a threshold is out of range.
    """

    order: int = 6
    smoothing: str = "modified-kneser-ney"
    k: float = 1.0
    discounts: str = "tuned"
    prune: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not (re.fullmatch(NAME, self.smoothing) and re.fullmatch(NAME, self.discounts)):
            raise UsageError("smoothing and discounts are names: letters, digits and hyphens")
        if type(self.order) is not int or not 0 <= self.order <= HIGHEST_ORDER:
            raise UsageError(f"the order is a number of context symbols: 0 to {HIGHEST_ORDER}")
        if not SMALLEST_K <= self.k <= LARGEST_K:
            raise UsageError(f"k is added to every count: from {SMALLEST_K} to {LARGEST_K}")
        self._check_prune()

    def _check_prune(self) -> None:
        if not all(type(count) is int and count >= 0 for count in self.prune):
            raise UsageError("what is pruned is a count: whole numbers from 0, as in 0,0,1")
        if list(self.prune) != sorted(self.prune):
            raise UsageError("counts to prune may not fall: longer n-grams need the shorter ones")
        if self.prune and self.prune[0] != 0:
            raise UsageError("single symbols are never pruned: begin with 0, as in 0,0,1")
        if len(self.prune) > self.order + 1:
            raise UsageError(f"there are {self.order + 1} lengths to prune, not {len(self.prune)}")

    def describe(self) -> dict[str, str]:
        """Name what decides a model's numbers, defaults of no effect left out."""
        parts = {"order": str(self.order), "smoothing": self.smoothing}
        if self.smoothing == "add-k":
            parts["k"] = f"{self.k:g}"
        if self.discounts != NgramConfig.discounts:
            parts["discounts"] = self.discounts
        if any(self.prune):
            parts["prune"] = ",".join(map(str, self.prune))
        return parts

    def threshold(self, order: int) -> int:
        """Return the count that an n-gram of this order must exceed."""
        return self.prune[min(order, len(self.prune) - 1)] if self.prune else 0
