"""Training a network: truncated BPTT over a batch of streams, with validation.

The parameters that did best on the held-out text are the ones that are kept; without held-out
text, the last.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from math import inf, isfinite, log
from time import perf_counter
from typing import TypeAlias

import numpy as np

from charlm.arrays import Ids
from charlm.errors import ModelFileError, TextError, TrainingError
from charlm.progress import Progress, Report, silent
from charlm.rnn import networks, optimizers, schedule
from charlm.rnn.batches import Batches, as_events
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.dropout import DropoutMasks
from charlm.rnn.model import RnnModel
from charlm.rnn.parameters import Parameters
from charlm.rnn.run import Best, Run, Texts, Trained, result
from charlm.rnn.schedule import Plan
from charlm.rnn.workers import Workers
from charlm.text.vocabulary import UNKNOWN

TIMED_STEPS, SAFETY = 30, 0.98
MEMORY = 0.98  # the loss that is reported is a running mean over about 50 steps


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
        WorkerError: a worker is no more.
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

    def plan(training: TrainingConfig) -> Plan:
        return schedule.plan(
            training, config, network.shapes(), len(targets), texts.held_out_symbols
        )

    has_met_unknown = initial is not None and initial.reserve == 0
    reserve = 0.0 if has_met_unknown else unknown_share(targets, texts.vocab_size)
    run = _fresh_run(texts, config, plan(training), reserve, initial)
    if training.max_seconds is not None:
        steps = steps_within(training, training.max_seconds, run, texts)
        run.plan = plan(replace(training, max_seconds=None, steps=steps))
    return run


def _fresh_run(
    texts: Texts, config: RnnConfig, plan: Plan, reserve: float, initial: RnnModel | None
) -> Run:
    network = networks.get(texts.vocab_size, config)
    rng = np.random.default_rng(plan.seed)
    parameters = Parameters.of(initial.parameters if initial else network.initialize(rng))
    return Run(
        config=config,
        plan=plan,
        vocab_size=texts.vocab_size,
        end=texts.end,
        reserve=reserve,
        parameters=parameters,
        memory=optimizers.get(plan.optimizer, plan.momentum).init(parameters.flat),
        state=network.zero_state(plan.batch, parameters.flat.dtype),
    )


def go_on(
    run: Run, texts: Texts, report: Report = silent, watch: Watch = lambda run: False
) -> None:
    """Take the steps that are left; `watch` sees the run after each, and ends it by True.

    Raises:
        TrainingError: a loss or a gradient is no longer finite; the run stands before that step.
        WorkerError: a worker is no more; the run stands before that step, or its validation.
    """
    plan = run.plan
    inputs, targets = as_events(texts.train, texts.vocab_size, texts.end)
    batches = Batches(inputs, targets, plan.batch, plan.window)
    validations = _validation_steps(plan) if texts.validates else set()
    figures: dict[str, float] = {}
    sizes = plan.window, plan.batch, plan.threads
    if _validated(run, validations) < sum(step <= run.step for step in validations):
        validate(run, texts)  # something came between it and its step
    with Workers(run.network, run.parameters, *sizes) as workers:
        while not run.finished:
            figures |= take_step(run, workers, batches)
            if run.step in validations:
                figures["held out"] = validate(run, texts)
            report(Progress("training", run.step, plan.steps, dict(figures)))
            if watch(run):
                break


def steps_within(training: TrainingConfig, seconds: float, run: Run, texts: Texts) -> int:
    """Time some steps and a validation, which are then forgotten; give how many steps fit.

    A fixed number of steps can be resumed and repeated; a clock cannot.
    """
    began = perf_counter()
    trial = deepcopy(run)
    trial.plan = replace(run.plan, steps=TIMED_STEPS, validations=1)
    ends: list[float] = []
    go_on(trial, texts, lambda progress: ends.append(perf_counter()), lambda run: False)
    step = float(np.median(np.diff(ends[:-1])))  # the last has the validation in it
    validation = max(0.0, ends[-1] - ends[-2] - step)
    left = SAFETY * seconds - (perf_counter() - began)
    symbols = left / step * run.plan.batch * run.plan.window
    number = schedule.validations(training, symbols, texts.held_out_symbols)
    return max(1, int((left - number * validation) / step))


def take_step(run: Run, workers: Workers, batches: Batches) -> dict[str, float]:
    """Change the run by one update; give the loss in bits, the gradient's norm and the rate."""
    plan, step = run.plan, run.step + 1
    inputs, targets = batches[run.step]
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused by name
        masks = _masks(plan, step)
        loss, gradients, state = workers.learn(inputs, targets, run.state, masks)
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


def _validated(run: Run, validations: set[int]) -> int:
    """Count the validations a run has had: up to the best, and those since that were no better."""
    best = 0 if run.best is None else run.best.step
    return sum(step <= best for step in validations) + run.failures


def _validation_steps(plan: Plan) -> set[int]:
    """Steps after which the held-out text is scored: evenly spaced, the last one among them."""
    number = min(plan.validations, plan.steps)
    return {round(plan.steps * i / number) for i in range(1, number + 1)}
