"""Training a network: truncated BPTT over a batch of streams, with validation.

The parameters that did best on the held-out text are the ones that are kept; without held-out
text, the last.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf, isfinite, log
from time import perf_counter
from typing import TypeAlias

import numpy as np

from charlm.arrays import Arrays, Booleans, Ids
from charlm.errors import ModelFileError, TextError, TrainingError
from charlm.progress import Progress, Report, silent
from charlm.rnn import networks
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.layers import initialization
from charlm.rnn.layers.dropout import DropoutMasks
from charlm.rnn.layers.ngram_rows import TABLE
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import Network
from charlm.rnn.training import optimizers
from charlm.rnn.training import plan as planning
from charlm.rnn.training.batches import Batches, as_events
from charlm.rnn.training.pace import Clock, Pace
from charlm.rnn.training.parts import divided, joined, streams_of_parts
from charlm.rnn.training.plan import Plan
from charlm.rnn.training.reduction import Reduction, Reductions, here
from charlm.rnn.training.run import Best, Run, Texts
from charlm.text.vocabulary import UNKNOWN

PROBE, SCORING, TINY = 2000, 0.05, 1e-9  # symbols; share of a time, at most; seconds
ROW_RATE, ROW_DROPOUT = 0.1, 0.25  # of rows for n-grams, while they are learnt
MEMORY = 0.98  # the loss that is reported is a running mean over about 50 steps


Watch: TypeAlias = Callable[[Run], bool]


def never(run: Run) -> bool:
    """Stop at no step; the default everywhere."""
    return False


def start(
    texts: Texts, config: RnnConfig, training: TrainingConfig, initial: RnnModel | None = None
) -> Run:
    """Return a run before its first step, of new parameters or those of an `initial` model.

    Raises:
        TextError: there is nothing to train on.
        UsageError: a name in the configuration is unknown.
    """
    _, targets = as_events(texts.train, texts.vocab_size, texts.end)
    if not len(targets):
        raise TextError("the training text is empty: there is nothing to learn")
    network, plan = networks.get(texts.vocab_size, config), _plan(texts, config, training)
    has_met_unknown = initial is not None and initial.reserve == 0
    parameters = Parameters.of(
        initial.parameters if initial else _drawn(network, targets, texts.vocab_size, plan.seed)
    )
    return Run(
        config=config,
        asked=training,
        plan=plan,
        vocab_size=texts.vocab_size,
        end=texts.end,
        reserve=0.0 if has_met_unknown else unknown_share(targets, texts.vocab_size),
        parameters=parameters,
        memory=optimizers.memory(optimizers.get(plan.optimizer, plan.momentum), parameters),
        state=network.zero_state(plan.batch, parameters.flat.dtype),
    )


def _plan(texts: Texts, config: RnnConfig, training: TrainingConfig) -> Plan:
    """Make the choices that are left open, for these texts."""
    shapes = networks.get(texts.vocab_size, config).shapes()
    return planning.plan(
        training, config, shapes, sum(map(len, texts.train)), texts.held_out_symbols
    )


def _drawn(network: Network, targets: Ids, vocab_size: int, seed: int) -> Arrays:
    """Draw parameters to start from; the outputs know at first what the text's symbols tell."""
    drawn = network.initialize(np.random.default_rng(seed))
    biases = initialization.output_biases(targets, vocab_size)
    return {**drawn, "V": np.zeros_like(drawn["V"]), "c": biases}


def go_on(
    run: Run,
    texts: Texts,
    report: Report = silent,
    watch: Watch = never,
    *,
    after: float = 0.0,
    clock: Clock = perf_counter,
    reductions: Reductions | None = None,
) -> None:
    """Take the steps that are left; `watch` sees the run after each, and ends it by True.

    A run within a time leaves `after` seconds of it, for what comes after training. `reductions`
    says who learns the parts of a batch: if not given, the cores of this machine.

    Raises:
        TrainingError: a loss or a gradient is no longer finite; the run stands before that step.
        WorkerError: a worker was ended from outside; the run stands before that step, or its
            validation.
    """
    plan, limit = run.plan, run.asked.max_seconds
    pace = None if limit is None else Pace(limit, run.seconds, run.learning, after, clock)
    inputs, targets = as_events(texts.train, texts.vocab_size, texts.end)
    batches = Batches(inputs, targets, plan.batch, plan.window)
    ngrams = run.network.ngrams
    earned = None if ngrams is None else ngrams.earned(inputs)
    figures: dict[str, float] = {}
    if pace is not None:
        texts = _affordable(run, texts, pace)
    if texts.validates and run.validation_is_due:
        _validate(run, texts, pace)  # something came between it and its step
    with (reductions or here())(run) as reduction:
        if pace is not None:
            pace.prepared()
        while not run.finished:
            figures |= take_step(run, reduction, batches, earned)
            if pace is not None:
                pace.stepped()
                _follow(run, texts, pace)
            if texts.validates and run.validation_is_due:
                figures["held out"] = _validate(run, texts, pace)
            report(Progress("training", run.step, run.plan.steps, dict(figures)))
            if watch(run):
                break
            if pace is not None:
                pace.passed()


def _affordable(run: Run, texts: Texts, pace: Pace) -> Texts:
    """Return the texts with so much held out as is scored within a small share of the time."""
    if not texts.validates:
        return texts
    probe, whole = texts.shortened(PROBE), texts.held_out_symbols
    pace.prepared()
    bits_per_symbol(run.model(), probe.held_out)
    pace.probed(probe.held_out_symbols / whole)
    if run.held_out is None:
        share = min(1.0, SCORING * pace.limit / max(pace.scoring, TINY))
        run.held_out = max(probe.held_out_symbols, int(share * whole))
    shortened = texts.shortened(run.held_out)
    pace.scoring *= shortened.held_out_symbols / whole
    return shortened


def _follow(run: Run, texts: Texts, pace: Pace) -> None:
    """Plan what a run of as many steps as there will be at this pace would have planned."""
    run.seconds, run.learning = pace.spent, pace.learning
    steps, parts = pace.steps(run.step), run.plan.parts  # those that the run began with
    asked = replace(run.asked, max_seconds=None, steps=steps, parts=parts)
    run.plan = _plan(texts, run.config, asked)


def _validate(run: Run, texts: Texts, pace: Pace | None) -> float:
    """Validate, by the clock where there is one."""
    bits = validate(run, texts)
    if pace is not None:
        pace.scored()
        if not run.finished:
            _follow(run, texts, pace)
    return bits


def take_step(
    run: Run, reduction: Reduction, batches: Batches, earned: Booleans | None = None
) -> dict[str, float]:
    """Change the run by one update; give the loss in bits, the gradient's norm and the rate.

    Of the rows for n-grams those are learnt that the text has `earned`.
    """
    plan, step = run.plan, run.step + 1
    inputs, targets = batches[run.step]
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused by name
        streams = streams_of_parts(plan.batch, plan.parts)
        masks = _masks(plan, step, plan.dropout)
        row_masks = None if earned is None else _masks(plan, step, ROW_DROPOUT)
        parts = divided(inputs, targets, run.state, streams, masks, row_masks)
        learnt, gradients = reduction.reduce(parts)
        loss, state, rows = joined(learnt)
        norm = optimizers.clip_by_norm(gradients.flat, plan.clip)
        _refuse_divergence(step, loss, norm, gradients)
        rate = plan.rate(step - 1)
        if plan.weight_decay:
            optimizers.decay(run.parameters, rate * plan.weight_decay)
        optimizer = optimizers.get(plan.optimizer, plan.momentum)
        optimizer.update(run.parameters.dense, gradients.flat, run.memory, rate, step)
        if rows is not None and earned is not None:
            row_rate = ROW_RATE * rate / plan.learning_rate
            table, squares = run.parameters[TABLE], run.memory[TABLE]
            optimizers.step_by_row(table, squares, rows.among(earned), row_rate)
    run.state, run.step = state, step
    run.loss = MEMORY * run.loss + (1 - MEMORY) * loss
    return {"loss": run.loss / (1 - MEMORY**step) / log(2), "norm": norm, "rate": rate}


def _masks(plan: Plan, step: int, share: float) -> list[DropoutMasks] | None:
    """Return what draws the masks of each part, if a share is to be dropped."""
    if not share:
        return None
    seeds = [(plan.seed, step, part) for part in range(plan.parts)]
    return [DropoutMasks(share, seed, np.float32) for seed in seeds]


def validate(run: Run, texts: Texts) -> float:
    """Score the held-out text, keep what is best; give the bits per symbol, or infinity."""
    try:
        bits = bits_per_symbol(run.model(), texts.held_out)
    except ModelFileError:  # a network about to diverge
        bits = inf
    run.validated = run.step
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
    """Return the mean of -log2 P over all symbols of the streams."""
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
