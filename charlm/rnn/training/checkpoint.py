"""A training run as named arrays and JSON, and back: what a checkpoint file holds.

Vectors are copied as they stand: `parameters`, `best` (the parameters that did best so far), one
for each memory of the optimiser (`memory.m`), and what is carried to the next window (`state.0` and
so on); numbers and both configurations are the settings. The state of a random generator is not
needed: what is drawn in a step follows from the seed and the step's number. So training that goes
on from a checkpoint ends with the same bytes as training without a break.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import inf, prod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays, Floats, Holder
from charlm.errors import ModelFileError, UsageError
from charlm.rnn import networks
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.layers.ngram_rows import TABLE
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.networks import State
from charlm.rnn.training import optimizers
from charlm.rnn.training.plan import Plan, exceeds
from charlm.rnn.training.run import Best, Run

NUMBERS = ("vocab_size", "end", "reserve", "step", "loss", "validated", "failures", "seconds",
           "learning", "held_out")  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Checkpoint(Holder):
    """A run, as a file holds it."""

    run: Run

    kind: ClassVar[str] = "checkpoint"

    @property
    def vocab_size(self) -> int:
        """That of the model."""
        return self.run.vocab_size

    @property
    def end(self) -> int | None:
        """That of the model."""
        return self.run.end

    def settings(self) -> dict[str, Any]:
        """Everything but the arrays, as JSON types."""
        run = self.run
        return {
            "config": asdict(run.config),
            "asked": asdict(run.asked),
            "plan": asdict(run.plan),
            "best": None if run.best is None else {"step": run.best.step, "bits": run.best.bits},
            **{name: getattr(run, name) for name in NUMBERS},
        }

    def arrays(self) -> Arrays:
        """Return the vectors by name."""
        run = self.run
        arrays: Arrays = {"parameters": run.parameters.flat}
        arrays |= {f"memory.{name}": array for name, array in run.memory.items()}
        arrays |= {f"state.{i}": part for i, part in enumerate(run.state)}
        return arrays if run.best is None else {**arrays, "best": run.best.flat}

    @classmethod
    def from_arrays(cls, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild a run; a `ModelFileError` where no training can have come to it."""
        try:
            config = RnnConfig(**settings["config"])
            plan = Plan(**_in_parts(settings["plan"]))
            asked = TrainingConfig(**_in_parts(settings["asked"]))
            if (name := exceeds(plan, asked)) is not None:
                raise UsageError(f"the {name} of its plan is not that of what was asked for")
            _check_sizes(config, plan, settings["vocab_size"], arrays)
            run = _fresh_run(config, asked, plan, settings)
        except UsageError as error:
            raise ModelFileError(f"the training cannot be: {error}") from None
        if settings["best"] is not None:
            run.best = Best(flat=run.parameters.flat.copy(), **settings["best"])
        filled = cls(run)
        _check_numbers(run)
        _copy(arrays, filled.arrays())
        _check_values(run)
        return filled


def _in_parts(training: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored configuration as it is now: once, threads were what parts are."""
    return {"parts" if name == "threads" else name: value for name, value in training.items()}


def _check_sizes(
    config: RnnConfig, plan: Plan, vocab_size: int, arrays: Mapping[str, NDArray[Any]]
) -> None:
    """Refuse sizes that are not those of the arrays, before anything is made of such a size."""
    size = sum(map(prod, networks.get(vocab_size, config).shapes().values()))
    if size != arrays["parameters"].size or plan.batch != arrays["state.0"].shape[-1]:
        raise ModelFileError("the training's arrays do not have the sizes of its configuration")


def _fresh_run(
    config: RnnConfig, asked: TrainingConfig, plan: Plan, settings: Mapping[str, Any]
) -> Run:
    """Return a run of the right shapes, zero but for its numbers."""
    network = networks.get(settings["vocab_size"], config)
    parameters = Parameters(network.shapes())
    return Run(
        config=config,
        asked=asked,
        plan=plan,
        parameters=parameters,
        memory=optimizers.memory(optimizers.get(plan.optimizer, plan.momentum), parameters),
        state=network.zero_state(plan.batch, parameters.flat.dtype),
        **{name: settings[name] for name in NUMBERS},
    )


def _copy(arrays: Mapping[str, NDArray[Any]], to: Mapping[str, NDArray[Any]]) -> None:
    if arrays.keys() != to.keys():
        raise ModelFileError("the training's arrays are not those of its configuration")
    for name, array in to.items():
        if (arrays[name].shape, arrays[name].dtype) != (array.shape, array.dtype):
            raise ModelFileError(f"the training's {name} does not have the shape it must have")
        array[...] = arrays[name]


def _check_numbers(run: Run) -> None:
    best = run.best
    steps = [run.step, run.validated, run.failures, run.step if best is None else best.step]
    if not all(type(number) is int and 0 <= number <= run.plan.steps for number in steps):
        raise ModelFileError("the training's steps are not those of its plan")
    bits = run.loss if best is None else best.bits
    figures = (run.loss, run.reserve, run.seconds, run.learning, bits)
    if not all(type(number) in (int, float) for number in figures):
        raise ModelFileError("the training's figures are not numbers")
    if not 0 <= run.learning <= run.seconds < inf:
        raise ModelFileError("the training's seconds are no times")
    if run.held_out is not None and (type(run.held_out) is not int or run.held_out < 0):
        raise ModelFileError("the training's held-out text has no such length")
    if not 0 <= run.reserve < 1:
        raise ModelFileError("the share reserved for the unknown is not between 0 and 1")


def _check_values(run: Run) -> None:
    vectors = [run.parameters.flat, *run.memory.values(), *([run.best.flat] if run.best else [])]
    if not all(map(_is_finite, [*vectors, *run.state])):
        raise ModelFileError("the training holds values that are not finite numbers")
    squares = [run.memory[name] for name in ("v", TABLE) if name in run.memory]
    if any(square.min(initial=0) < 0 for square in squares):
        raise ModelFileError("the training's mean of squares is negative")
    if not _are_symbols(run.state, run.vocab_size):
        raise ModelFileError("the training carries symbols that are not in its vocabulary")


def _is_finite(array: Floats) -> bool:
    return bool(np.isfinite(array).all())


def _are_symbols(state: State, start: int) -> bool:
    """Tell whether parts of whole numbers are ids, START the highest."""
    ids = [part for part in state if part.dtype.kind == "i"]
    return all(part.min() >= 0 and part.max() <= start for part in ids)
