"""Training a network: truncated BPTT over a batch of streams, with validation.

The parameters that did best on the held-out text are the ones that are kept; without held-out
text, the last. A `Run` is training as it stands: whoever stores it can go on from there, and
comes out where training in one go would have.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from math import inf, isfinite, log
from time import perf_counter
from typing import TypeAlias

import numpy as np

from charlm.arrays import Arrays, Floats, Ids
from charlm.errors import ModelFileError, TextError, TrainingError
from charlm.progress import Progress, Report, silent
from charlm.rnn import networks, optimizers, schedule
from charlm.rnn.batches import Batches, as_events
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.dropout import DropoutMasks
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import Network, State
from charlm.rnn.parameters import Parameters
from charlm.rnn.schedule import Plan
from charlm.rnn.workers import Workers
from charlm.text.vocabulary import UNKNOWN

TIMED_STEPS, SAFETY = 30, 0.98
MEMORY = 0.98  # the loss that is reported is a running mean over about 50 steps


@dataclass(frozen=True)
class Texts:
    """What to train on and what to validate on: streams of ids over one vocabulary."""

    train: Sequence[Ids]
    held_out: Sequence[Ids]
    vocab_size: int
    end: int | None = None

    @property
    def validates(self) -> bool:
        """Tell whether there is anything to validate on."""
        return any(map(len, self.held_out))


@dataclass(frozen=True)
class Best:
    """The parameters that did best so far, as one vector, and their bits per held-out symbol."""

    step: int
    bits: float
    flat: Floats


@dataclass
class Run:
    """Training after `step` updates: all that is needed to go on.

    `memory` is the optimiser's, `state` what is carried to the next window, `loss` the running sum
    behind the loss that is shown, `failures` the validations since the best one.
    """

    config: RnnConfig
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
    failures: int = 0

    @property
    def network(self) -> Network:
        """The network that is trained."""
        return networks.get(self.vocab_size, self.config)

    @property
    def finished(self) -> bool:
        """All steps are taken, or patience is at an end."""
        patience = self.plan.patience or inf
        return self.step >= self.plan.steps or self.failures >= patience

    def model(self, flat: Floats | None = None) -> RnnModel:
        """Give the network with the parameters of a flat vector, or as they are now."""
        arrays = Parameters(self.network.shapes(), self.parameters.flat.dtype)
        arrays.flat[:] = self.parameters.flat if flat is None else flat
        return RnnModel(self.config, self.vocab_size, self.end, self.reserve, dict(arrays))


@dataclass(frozen=True)
class Trained:
    """A model, the step its parameters are of, and its bits per held-out symbol (None: no text).

    `plan` is the training configuration with every choice made.
    """

    model: RnnModel
    step: int
    held_out_bits: float | None
    plan: Plan


Watch: TypeAlias = Callable[[Run], bool]


def fit(
    texts: Texts,
    config: RnnConfig,
    training: TrainingConfig,
    report: Report = silent,
    initial: RnnModel | None = None,
) -> Trained:
    """Train a network from the start, or from the parameters of an `initial` model.

    Raises:
        TextError: there is nothing to train on.
        TrainingError: a loss or a gradient is no longer finite.
        UsageError: a name in the configuration is unknown.
    """
    run = start(texts, config, training, initial)
    go_on(run, texts, report)
    return result(run)


def start(
    texts: Texts, config: RnnConfig, training: TrainingConfig, initial: RnnModel | None = None
) -> Run:
    """Give a run before its first step; errors as `fit`."""
    _, targets = as_events(texts.train, texts.vocab_size, texts.end)
    if not len(targets):
        raise TextError("the training text is empty: there is nothing to learn")
    network = networks.get(texts.vocab_size, config)
    plan = schedule.plan(training, config, network.shapes(), len(targets))
    optimizer = optimizers.get(plan.optimizer, plan.momentum)
    rng = np.random.default_rng(plan.seed)
    parameters = Parameters.of(initial.parameters if initial else network.initialize(rng))
    run = Run(
        config=config,
        plan=plan,
        vocab_size=texts.vocab_size,
        end=texts.end,
        reserve=unknown_share(targets, texts.vocab_size),
        parameters=parameters,
        memory=optimizer.init(parameters.flat),
        state=network.zero_state(plan.batch, parameters.flat.dtype),
    )
    if training.max_seconds is not None:
        steps = steps_within(training.max_seconds, run, texts)
        fixed = replace(training, max_seconds=None, steps=steps)
        run.plan = schedule.plan(fixed, config, network.shapes(), len(targets))
    return run


def go_on(
    run: Run, texts: Texts, report: Report = silent, watch: Watch = lambda run: False
) -> None:
    """Take the steps that are left; `watch` sees the run after each, and ends it by True.

    Raises:
        TrainingError: a loss or a gradient is no longer finite; the run stands before that step.
    """
    plan = run.plan
    inputs, targets = as_events(texts.train, texts.vocab_size, texts.end)
    batches = Batches(inputs, targets, plan.batch, plan.window)
    validations = _validation_steps(plan) if texts.validates else set()
    figures: dict[str, float] = {}
    sizes = plan.window, plan.batch, plan.threads
    with Workers(run.network, *sizes, run.parameters.flat.dtype) as workers:
        while not run.finished:
            figures |= take_step(run, workers, batches)
            if run.step in validations:
                figures["held out"] = validate(run, texts)
            report(Progress("training", run.step, plan.steps, dict(figures)))
            if watch(run):
                break


def steps_within(seconds: float, run: Run, texts: Texts) -> int:
    """Time some steps and a validation, which are then forgotten; give how many steps fit.

    A fixed number of steps can be resumed and repeated; a clock cannot.
    """
    began = perf_counter()
    trial = deepcopy(run)
    trial.plan = replace(run.plan, steps=TIMED_STEPS, validations=1)
    ends: list[float] = []
    go_on(trial, texts, lambda progress: ends.append(perf_counter()), lambda run: False)
    step = float(np.median(np.diff(ends[:-1])))  # the last has the validation in it
    validation = max(0.0, ends[-1] - ends[-2] - step) * run.plan.validations
    left = SAFETY * seconds - (perf_counter() - began) - validation
    return max(1, int(left / step))


def result(run: Run) -> Trained:
    """Give the best model of a run so far, or the last where nothing was validated."""
    if run.best is None:
        return Trained(run.model(), run.step, None, run.plan)
    return Trained(run.model(run.best.flat), run.best.step, run.best.bits, run.plan)


def take_step(run: Run, workers: Workers, batches: Batches) -> dict[str, float]:
    """Change the run by one update; give the loss in bits, the gradient's norm and the rate."""
    plan, step = run.plan, run.step + 1
    inputs, targets = batches[run.step]
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused by name
        masks = _masks(plan, step)
        loss, gradients, state = workers.learn(run.parameters, inputs, targets, run.state, masks)
        norm = optimizers.clip_by_norm(gradients.flat, plan.clip)
        _refuse_divergence(step, loss, norm, gradients)
        rate = schedule.learning_rate(step - 1, plan)
        if plan.weight_decay:
            optimizers.decay(run.parameters, rate * plan.weight_decay)
        optimizer = optimizers.get(plan.optimizer, plan.momentum)
        optimizer.update(run.parameters.flat, gradients.flat, run.memory, rate, step)
    run.state, run.step = state, step
    run.loss = MEMORY * run.loss + (1 - MEMORY) * loss
    return {"loss": run.loss / (1 - MEMORY**step) / log(2), "norm": norm, "rate": rate}


def _masks(plan: Plan, step: int) -> list[DropoutMasks] | None:
    if not plan.dropout:
        return None
    seeds = [(plan.seed, step, worker) for worker in range(plan.threads)]
    return [DropoutMasks(plan.dropout, seed, np.float32) for seed in seeds]


def validate(run: Run, texts: Texts) -> float:
    """Score the held-out text, keep what is best; give the bits per symbol, or infinity."""
    try:
        bits = bits_per_symbol(run.model(), texts.held_out)
    except ModelFileError:  # a network about to diverge
        bits = inf
    if bits < (inf if run.best is None else run.best.bits):
        run.best, run.failures = Best(run.step, bits, run.parameters.flat.copy()), 0
    else:
        run.failures += 1
    return bits


def unknown_share(targets: Ids, vocab_size: int) -> float:
    """Share to reserve for UNKNOWN: (N_1 + 1) / (N + V + 1), Good-Turing's with one added.

    N_1 symbols were seen once, N is the length of the text, V counts no UNKNOWN; 0 where UNKNOWN
    itself was seen.
    """
    counts = np.bincount(targets, minlength=vocab_size)
    if counts[UNKNOWN]:
        return 0.0
    known = vocab_size - 1
    return float((np.sum(counts == 1) + 1) / (len(targets) + known + 1))


def bits_per_symbol(model: RnnModel, streams: Sequence[Ids]) -> float:
    """Give the mean of -log2 P over all symbols of the streams."""
    total = sum(float(model.score(ids)[0].sum()) for ids in streams)
    return -total / log(2) / sum(map(len, streams))


def _refuse_divergence(step: int, loss: float, norm: float, gradients: Parameters) -> None:
    if isfinite(loss) and isfinite(norm):
        return
    broken = [name for name, array in gradients.items() if not np.isfinite(array).all()]
    where = f"the gradient of {broken[0]}" if broken else "the loss or the gradient's norm"
    raise TrainingError(
        f"training diverged at step {step}: {where} is not finite; try a smaller learning rate"
    )


def _validation_steps(plan: Plan) -> set[int]:
    """Steps after which the held-out text is scored: evenly spaced, the last one among them."""
    return {round(plan.steps * i / plan.validations) for i in range(1, plan.validations + 1)}
