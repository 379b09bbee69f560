"""A training run as it stands: its texts, its parameters, the best of them so far.

A `Run` can be stored and continued later. The result is the same as that of training in one go.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from typing import Self

from charlm.arrays import Arrays, Floats, Holder, Ids
from charlm.rnn import networks
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import Network, State
from charlm.rnn.training.plan import Plan
from charlm.text.training_set import TrainingSet


@dataclass(frozen=True, eq=False, repr=False)
class Texts(Holder):
    """What to train on and what to validate on: streams of ids over one vocabulary."""

    train: Sequence[Ids]
    held_out: Sequence[Ids]
    vocab_size: int
    end: int | None = None

    @classmethod
    def of(cls, data: TrainingSet) -> Self:
        """Return what a training set has to train on and to validate on."""
        tokenizer = data.tokenizer
        return cls(data.train, data.held_out_ids, tokenizer.vocab_size, tokenizer.end)

    @property
    def validates(self) -> bool:
        """Tell whether there is anything to validate on."""
        return self.held_out_symbols > 0

    @property
    def held_out_symbols(self) -> int:
        """Length of the text to validate on."""
        return sum(map(len, self.held_out))

    def shortened(self, symbols: int) -> Self:
        """Return the texts with no more than so many symbols held out, the first of each stream."""
        if symbols >= self.held_out_symbols:
            return self
        share = symbols / self.held_out_symbols
        return replace(self, held_out=[ids[: ceil(share * len(ids))] for ids in self.held_out])


@dataclass(frozen=True, eq=False, repr=False)
class Best(Holder):
    """The parameters that did best so far, as one vector, and their bits per held-out symbol."""

    step: int
    bits: float
    flat: Floats


@dataclass(eq=False, repr=False)
class Run(Holder):
    """Training after `step` updates: all that is needed to go on.

    `memory` is the optimiser's, `state` what is carried to the next window, `loss` the running sum
    behind the loss that is shown, `validated` the step of the last validation, `failures` those
    since the best one. `plan` is what was `asked` for with every choice made. Where that is a time,
    the plan follows the clock (`pace.py`): `seconds` of it are spent, `learning` of those since the
    first step, and `held_out` symbols are scored, as many as the time allows.
    """

    config: RnnConfig
    asked: TrainingConfig
    plan: Plan
    vocab_size: int
    end: int | None
    reserve: float
    parameters: Parameters
    memory: Arrays
    state: State
    step: int = 0
    loss: float = 0.0
    best: Best | None = None
    validated: int = 0
    failures: int = 0
    seconds: float = 0.0
    learning: float = 0.0
    held_out: int | None = None

    @property
    def network(self) -> Network:
        """The network that is trained."""
        return networks.get(self.vocab_size, self.config)

    @property
    def finished(self) -> bool:
        """All steps are taken, or patience is at an end."""
        patience = self.plan.patience or inf
        return self.step >= self.plan.steps or self.failures >= patience

    @property
    def validation_is_due(self) -> bool:
        """The held-out text is to be scored: evenly spaced, the last time after the last step."""
        return self._validations_until(self.step) > self._validations_until(self.validated)

    def _validations_until(self, step: int) -> int:
        number = min(self.plan.validations, self.plan.steps)
        return number * step // self.plan.steps

    def model(self, flat: Floats | None = None) -> RnnModel:
        """Return the network with the parameters of a flat vector, or as they are now."""
        arrays = Parameters(self.network.shapes(), self.parameters.flat.dtype)
        arrays.flat[:] = self.parameters.flat if flat is None else flat
        return RnnModel(self.config, self.vocab_size, self.end, self.reserve, dict(arrays))


@dataclass(frozen=True, eq=False, repr=False)
class Trained(Holder):
    """A model, the step its parameters are of, and its bits per held-out symbol (None: no text).

    `plan` is the training configuration with every choice made.
    """

    model: RnnModel
    step: int
    held_out_bits: float | None
    plan: Plan


def result(run: Run) -> Trained:
    """Return the best model of a run so far, or the last where nothing was validated."""
    if run.best is None:
        return Trained(run.model(), run.step, None, run.plan)
    return Trained(run.model(run.best.flat), run.best.step, run.best.bits, run.plan)
