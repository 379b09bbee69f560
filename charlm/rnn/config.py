"""What decides a recurrent model, and what decides its training."""

from dataclasses import dataclass

from charlm.errors import UsageError


@dataclass(frozen=True)
class RnnConfig:
    """The shape of a network. Names are looked up when the network is made.

    Raises:
        UsageError: `hidden` is not positive.
    """

    pattern: str = "hidden"
    cell: str = "elman"
    activation: str = "tanh"
    hidden: int = 256

    def __post_init__(self) -> None:
        if type(self.hidden) is not int or self.hidden < 1:
            raise UsageError("a network needs at least one hidden unit")


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    `batch` streams are read side by side, `window` steps at a time (truncated BPTT). The learning
    rate rises over the first `warmup` share of the steps and falls along a cosine to `final_rate`
    times its peak. Where `steps` or `learning_rate` is None, training chooses what suits the
    network and the text.

    Raises:
        UsageError: a number is out of its range.
    """

    optimizer: str = "adam"
    learning_rate: float | None = None
    batch: int = 32
    window: int = 32
    steps: int | None = None
    clip: float = 1.0
    warmup: float = 0.02
    final_rate: float = 0.02
    validations: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.batch, self.window, 1 if self.steps is None else self.steps) < 1:
            raise UsageError("batch, window and steps must be at least 1")
        if self.validations < 0 or self.seed < 0:
            raise UsageError("validations and seed cannot be negative")
        if not self.clip > 0:
            raise UsageError("the gradient is clipped to a positive norm")
        if self.learning_rate is not None and not 0 < self.learning_rate < float("inf"):
            raise UsageError("the learning rate must be positive")
        if not (0 <= self.warmup < 1 and 0 <= self.final_rate <= 1):
            raise UsageError("warmup and final_rate are shares, from 0 to 1")
