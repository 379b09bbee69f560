"""What decides a recurrent model, and what decides its training."""

from dataclasses import dataclass

from charlm.errors import UsageError

LONGEST_CONTEXT, MOST_LAYERS = 4096, 64
LONGEST_NGRAM, MOST_ROWS = 16, 1 << 24


@dataclass(frozen=True)
class RnnConfig:
    """The shape of a network. Names are looked up when the network is made.

    `context` is how many symbols the `window` pattern reads, `trace_decay` what is left of an
    output after each step in the `output` pattern; the other patterns do without them. The `hidden`
    pattern may look up the last n-grams of 2 to `ngrams` symbols besides (0: none), each length
    among so many `rows` (`layers/ngram_rows.py`).

    Raises:
        UsageError: a number is out of its range.
    """

    pattern: str = "hidden"
    cell: str = "elman"
    activation: str = "tanh"
    hidden: int = 256
    layers: int = 1
    context: int = 24
    trace_decay: float = 0.0
    ngrams: int = 0
    rows: int = 1 << 15

    def __post_init__(self) -> None:
        if type(self.hidden) is not int or self.hidden < 1:
            raise UsageError("a network needs at least one hidden unit")
        if type(self.layers) is not int or not 1 <= self.layers <= MOST_LAYERS:
            raise UsageError(f"a network has 1 to {MOST_LAYERS} layers")
        if type(self.context) is not int or not 1 <= self.context <= LONGEST_CONTEXT:
            raise UsageError(f"the window pattern reads 1 to {LONGEST_CONTEXT} symbols")
        if not 0 <= self.trace_decay < 1:
            raise UsageError("traces decay by a factor from 0 to below 1")
        if type(self.ngrams) is not int or not (
            self.ngrams == 0 or 2 <= self.ngrams <= LONGEST_NGRAM
        ):
            raise UsageError(f"n-grams have 2 to {LONGEST_NGRAM} symbols; 0 looks none up")
        if type(self.rows) is not int or not 1 <= self.rows <= MOST_ROWS:
            raise UsageError(f"a length of n-grams has 1 to {MOST_ROWS:,} rows")

    def describe(self) -> dict[str, str]:
        """Name what decides a model's numbers, what has no effect left out."""
        parts = {"pattern": self.pattern, "cell": self.cell}
        if self.cell == "elman":
            parts["cell"] += f"({self.activation})"
        parts["hidden"] = str(self.hidden)
        if self.layers > 1:
            parts["layers"] = str(self.layers)
        if self.pattern == "window":
            parts["context"] = str(self.context)
        if self.trace_decay:
            parts["trace-decay"] = f"{self.trace_decay:g}"
        if self.ngrams:
            parts["ngrams"] = f"2-{self.ngrams}({self.rows})"
        return parts


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    `batch` streams are read side by side, `window` steps at a time (truncated BPTT). The learning
    rate rises over the first `warmup` share of the steps, and then stays or falls to `final_rate`
    times its peak (`training/schedule.py`). How long: `steps` updates, or `epochs` times the text,
    or `max_seconds`, which are used and not exceeded (`pace.py`), or what suits `work`, a number of
    floating-point operations. The held-out text is scored `validations` times; after `patience` of
    them without a gain training ends. A batch is learnt in `parts`, which decide the bits of the
    network (`training/parts.py`). Where a number is None, training chooses what suits the network
    and the text.

    Raises:
        UsageError: a number is out of its range.
    """

    optimizer: str = "adamw"
    learning_rate: float | None = None
    schedule: str = "cosine"
    warmup: float = 0.02
    final_rate: float = 0.02
    momentum: float = 0.9
    weight_decay: float | None = None
    clip: float = 1.0
    dropout: float = 0.0
    batch: int | None = None
    window: int = 32
    steps: int | None = None
    epochs: float | None = None
    max_seconds: float | None = None
    work: float = 7e12
    validations: int | None = None
    patience: int | None = None
    parts: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("batch", "window", "steps", "patience", "parts"):
            number = getattr(self, name)
            if number is not None and (type(number) is not int or number < 1):
                raise UsageError(f"{name} must be a whole number, at least 1")
        for name in ("epochs", "max_seconds", "work", "learning_rate", "clip"):
            if (number := getattr(self, name)) is not None and not 0 < number < float("inf"):
                raise UsageError(f"{name} must be a positive number")
        for name in ("warmup", "momentum", "dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"{name} is a share: from 0 to below 1")
        if not 0 <= self.final_rate <= 1:
            raise UsageError("final_rate is a share: from 0 to 1")
        if not type(self.validations or 0) is type(self.seed) is int:
            raise UsageError("validations and seed must be whole numbers")
        if min(self.validations or 0, self.seed, self.weight_decay or 0) < 0:
            raise UsageError("validations, seed and weight_decay cannot be negative")
        if sum(x is not None for x in (self.steps, self.epochs, self.max_seconds)) > 1:
            raise UsageError("choose one of steps, epochs and max_seconds")
