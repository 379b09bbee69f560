"""A trained network as a language model.

The state is what the network has after reading everything so far, START first, so that
`log_probs` is one output product. Logits are float32, their log-softmax float64.

The network never meets the unknown symbol in training, so it cannot learn a share for it. A
fixed share is reserved: `reserve` for UNKNOWN, the softmax over all others scaled by
1 - reserve. Where UNKNOWN did occur in training (`--min-count`), reserve is 0 and the softmax
covers it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays, Float64s, Floats, Ids
from charlm.errors import ModelFileError, UsageError
from charlm.reading import Reader
from charlm.rnn import networks, scoring
from charlm.rnn.cells import State
from charlm.rnn.config import RnnConfig
from charlm.rnn.loss import log_softmax, log_softmax_of
from charlm.rnn.networks import Network
from charlm.text.vocabulary import UNKNOWN

KNOWN = slice(UNKNOWN + 1, None)  # every symbol but UNKNOWN, which is the first


@dataclass(frozen=True)
class RnnModel:
    """A network with its parameters."""

    config: RnnConfig
    vocab_size: int
    end: int | None
    reserve: float
    parameters: Mapping[str, Floats]

    kind: ClassVar[str] = "rnn"

    @cached_property
    def network(self) -> Network:
        """The network that the configuration names."""
        return networks.get(self.vocab_size, self.config)

    def initial_state(self) -> State:
        """Give the state after START."""
        return self._recur(np.array([[self.vocab_size]]), self._zero_state(1))[1]

    def log_probs(self, state: State) -> Float64s:
        """Softmax of V h + c, with the reserved share for UNKNOWN."""
        logits = self.network.logits(self.parameters, self.network.top(state)[None])
        if self.reserve == 0:
            return log_softmax(logits[0, :, 0], axis=0)
        log_probs = np.empty(self.vocab_size)
        log_probs[UNKNOWN] = np.log(self.reserve)
        log_probs[KNOWN] = log_softmax(logits[0, KNOWN, 0], axis=0) + np.log1p(-self.reserve)
        return log_probs

    def advance(self, state: State, symbol: int) -> State:
        """Read one symbol; END starts a new sequence."""
        if symbol == self.end:
            return self.initial_state()
        return self._recur(np.array([[symbol]]), state)[1]

    def score(self, ids: Ids, state: State | None = None) -> tuple[Float64s, State]:
        """Read the whole text, long ones in segments side by side."""
        state = self.initial_state() if state is None else state
        inputs = ids if self.end is None else np.where(ids == self.end, self.vocab_size, ids)
        return scoring.score(self._functions, inputs, ids, state)

    def adaptive_reader(self) -> Reader:
        """Refuse: networks that learn while they read are yet to come."""
        raise UsageError("a recurrent network has no adaptive form yet; leave out --adaptive")

    @property
    def _functions(self) -> scoring.Functions:
        top = self.network.top
        return scoring.Functions(
            self.vocab_size, self._recur, top, self._log_probs_of, self._zero_state
        )

    def _recur(self, inputs: Ids, state: State) -> tuple[Floats, State]:
        return self.network.hidden(self.parameters, inputs, state)

    def _zero_state(self, streams: int) -> State:
        return self.network.zero_state(streams, self.parameters["W"].dtype)

    def _log_probs_of(self, hidden: Floats, targets: Ids) -> Float64s:
        """As `log_probs`, of one symbol after each hidden state only."""
        logits = self.network.logits(self.parameters, hidden)
        if self.reserve == 0:
            return log_softmax_of(logits, targets)
        log_probs = log_softmax_of(logits[:, KNOWN], np.maximum(targets - 1, 0))
        log_probs += np.log1p(-self.reserve)
        log_probs[targets == UNKNOWN] = np.log(self.reserve)
        return log_probs

    def describe(self) -> dict[str, str]:
        """Name what decides the numbers."""
        config = self.config
        return {
            "pattern": config.pattern,
            "cell": f"{config.cell}({config.activation})",
            "hidden": str(config.hidden),
        }

    def settings(self) -> dict[str, Any]:
        """Everything but the arrays."""
        return {
            **asdict(self.config),
            "vocab_size": self.vocab_size,
            "end": self.end,
            "reserve": self.reserve,
        }

    def arrays(self) -> Arrays:
        """The parameters, by the letters of the formulas: U, W, V, b, c."""
        return dict(self.parameters)

    def check(self) -> None:
        """Nothing is left to check: `from_arrays` read every value."""

    @classmethod
    def from_arrays(cls, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild a model; a `ModelFileError` where shapes or values cannot be right."""
        shape = {name: settings[name] for name in ("pattern", "cell", "activation", "hidden")}
        try:
            model = cls(
                config=RnnConfig(**shape),
                vocab_size=settings["vocab_size"],
                end=settings["end"],
                reserve=settings["reserve"],
                parameters=dict(arrays),
            )
            shapes = model.network.shapes()
        except UsageError as error:
            raise ModelFileError(f"the network cannot be made: {error}") from None
        if {name: array.shape for name, array in arrays.items()} != shapes:
            raise ModelFileError("the network's arrays do not have the shapes of its configuration")
        if not all(a.dtype.kind == "f" and np.isfinite(a).all() for a in arrays.values()):
            raise ModelFileError("the network holds values that are not finite numbers")
        if not 0 <= model.reserve < 1:
            raise ModelFileError("the share reserved for the unknown is not between 0 and 1")
        return model
