"""A trained network as a language model.

The state is what the network has after reading everything so far, START first, so that
`log_probs` is one output product. Logits are float32, their log-softmax float64.

The network never meets the unknown symbol in training, so it cannot learn a share for it. A
fixed share is reserved: `reserve` for UNKNOWN, the softmax over all others scaled by
1 - reserve. Where UNKNOWN did occur in training (`--min-count`), reserve is 0 and the softmax
covers it.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays, Float64s, Floats, Holder, Ids, Integers
from charlm.errors import ModelFileError, UsageError
from charlm.model import ModelFacts, Reader
from charlm.rnn import networks
from charlm.rnn.config import RnnConfig
from charlm.rnn.inference import drawing, sequences
from charlm.rnn.inference.adaptive import DynamicReader
from charlm.rnn.inference.beams import RnnBeams
from charlm.rnn.inference.scoring import SEGMENTS, Distributor, Scorer
from charlm.rnn.layers.embedding import inputs_of
from charlm.rnn.layers.loss import UNBOUNDED, log_probs_of_all
from charlm.rnn.layers.output_layer import outputs
from charlm.rnn.networks import Network, State
from charlm.rnn.networks.hidden import HiddenNetwork
from charlm.rnn.torch.arrays import check_form

if TYPE_CHECKING:
    from charlm.rnn.torch.module import TorchNetwork

NO_END = -1
LARGEST_PARAMETER = 1e30  # parameter; sums of a million such are float32


@dataclass(frozen=True, eq=False, repr=False)
class RnnModel(Holder):
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

    @cached_property
    def _buffers(self) -> threading.local:
        return threading.local()

    @property
    def _single(self) -> networks.Pass:
        """What reads one symbol; threads that share the model have buffers of their own."""
        try:
            single: networks.Pass = self._buffers.single
        except AttributeError:
            single = self.network.unroll(1, 1, self.parameters["c"].dtype)
            self._buffers.single = single
        return single

    def initial_state(self) -> State:
        """Return the state after START."""
        zero = self.network.zero_state(1, self.parameters["c"].dtype)
        return self._read(self.vocab_size, zero)

    @UNBOUNDED
    def log_probs(self, state: State) -> Float64s:
        """Softmax of V h + c, with the reserved share for UNKNOWN."""
        hidden = self.network.top(self.parameters, state)
        return log_probs_of_all(outputs(self.parameters, hidden)[:, 0], self.reserve)

    def advance(self, state: State, symbol: int) -> State:
        """Read one symbol; END starts a new sequence."""
        return self.initial_state() if symbol == self.end else self._read(symbol, state)

    @UNBOUNDED
    def _read(self, symbol: int, state: State) -> State:
        return self._single.read(self.parameters, np.array([[symbol]], np.int32), state)[1]

    def score(self, ids: Ids, state: State | None = None) -> tuple[Float64s, State]:
        """Read the whole text, long ones in segments side by side, or line by line."""
        state = self.initial_state() if state is None else state
        ends = np.flatnonzero(ids == (NO_END if self.end is None else self.end))
        longest = np.diff(ends, prepend=-1, append=len(ids)).max()
        if SEGMENTS * longest <= len(ids):
            return self._score_lines(ids, ends, state)
        return self._scorer.score(self.inputs(ids), ids, state)

    def _score_lines(self, ids: Ids, ends: Integers, state: State) -> tuple[Float64s, State]:
        """Score a text of many lines, each of which begins anew, but for the first."""
        first, last = ends[0] + 1, ends[-1] + 1
        begun, _ = self._scorer.score(self.inputs(ids[:first]), ids[:first], state)
        lines = self.score_each(ids[first:last], np.diff(ends))
        rest, state = self._scorer.score(self.inputs(ids[last:]), ids[last:], self.initial_state())
        return np.concatenate([begun, lines, rest]), state

    def distributions(self, ids: Ids, state: State) -> tuple[Float64s, State]:
        """Return `log_probs` before each symbol, (T, V), and the state after the last."""
        return self._distributor.score(self.inputs(ids), ids, state)

    def score_each(self, ids: Ids, lengths: Integers) -> Float64s:
        """Read sequences side by side, and once what they begin with alike."""
        state = self.initial_state()
        return sequences.score_each(self._scorer, self.inputs(ids), ids, lengths, state)

    def beams(self, states: Sequence[State]) -> RnnBeams:
        """Put states side by side, as streams of one."""
        return RnnBeams.of(self._distributor, self.end, states)

    @property
    def _scorer(self) -> Scorer:
        return Scorer(self.network, self.parameters, self.reserve)

    @property
    def _distributor(self) -> Distributor:
        return Distributor(self.network, self.parameters, self.reserve)

    def inputs(self, ids: Ids) -> Ids:
        """Return what is read for each symbol: START for END, which closes a sequence."""
        return inputs_of(ids, self.end, self.vocab_size)

    def draws(self, state: State, rng: np.random.Generator) -> Iterator[int]:
        """Draw symbols without end; see `inference/drawing.py`."""
        stream = drawing.open_stream(self.network, self.parameters, state)
        return drawing.draws(stream, self.end, self.vocab_size, rng)

    def adaptive_reader(self) -> Reader:
        """Return dynamic evaluation; see `inference/adaptive.py`."""
        return DynamicReader(self.network, self.parameters, self.reserve, self.end)

    def to_torch(self) -> "TorchNetwork":
        """Return the network as a module of torch; see `torch/module.py`.

        Raises:
            UsageError: it has no form there, or torch is not installed.
        """
        check_form(self.config)
        assert isinstance(self.network, HiddenNetwork)
        try:
            from charlm.rnn.torch.module import TorchNetwork
        except ModuleNotFoundError as error:
            if error.name != "torch":
                raise
            raise UsageError(
                "to_torch takes torch, which is not installed: pip install torch"
            ) from None
        return TorchNetwork(self.config, self.network, self.parameters, self.reserve)

    def describe(self) -> dict[str, str]:
        """Name what decides the numbers."""
        return self.config.describe()

    def facts(self) -> ModelFacts:
        """A network has no parts but its arrays."""
        return ModelFacts()

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
        shape = {field.name: settings[field.name] for field in fields(RnnConfig)}
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
        if not all(a.dtype.kind == "f" and _is_bounded(a) for a in arrays.values()):
            raise ModelFileError(
                "the network holds values that are not finite numbers, or too large"
            )
        if not 0 <= model.reserve < 1:
            raise ModelFileError("the share reserved for the unknown is not between 0 and 1")
        return model


def _is_bounded(array: NDArray[Any]) -> bool:
    """Tell whether all values are numbers of a size that networks have, without a copy."""
    lowest, highest = array.min(initial=0), array.max(initial=0)  # NaN if any value is
    return bool(lowest >= -LARGEST_PARAMETER and highest <= LARGEST_PARAMETER)
