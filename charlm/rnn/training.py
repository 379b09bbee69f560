"""Training a network: truncated BPTT over a batch of streams, with validation.

The parameters that did best on the held-out text are the ones that are kept; without held-out
text, the last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, log

import numpy as np

from charlm.arrays import Arrays, Ids
from charlm.errors import TextError, TrainingError
from charlm.progress import Progress, Report, silent
from charlm.rnn import networks, optimizers, schedule
from charlm.rnn.batches import Batches, as_events
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import Network
from charlm.rnn.parameters import Parameters
from charlm.rnn.schedule import Plan
from charlm.text.vocabulary import UNKNOWN

MEMORY = 0.98  # the loss that is reported is a running mean over about 50 steps


@dataclass(frozen=True)
class Texts:
    """What to train on and what to validate on: streams of ids over one vocabulary."""

    train: Sequence[Ids]
    held_out: Sequence[Ids]
    vocab_size: int
    end: int | None = None


@dataclass(frozen=True)
class Trained:
    """A model, the step its parameters are of, and its bits per held-out symbol (None: no text).

    `plan` is the training configuration with every choice made.
    """

    model: RnnModel
    step: int
    held_out_bits: float | None
    plan: Plan


def fit(
    texts: Texts, config: RnnConfig, training: TrainingConfig, report: Report = silent
) -> Trained:
    """Train a network from the start.

    Raises:
        TextError: there is nothing to train on.
        TrainingError: a loss or a gradient is no longer finite.
        UsageError: a name in the configuration is unknown.
    """
    inputs, targets = as_events(texts.train, texts.vocab_size, texts.end)
    if not len(targets):
        raise TextError("the training text is empty: there is nothing to learn")
    network = networks.get(texts.vocab_size, config)
    plan = schedule.plan(training, config, network.shapes(), len(targets))
    parameters = Parameters.of(network.initialize(np.random.default_rng(plan.seed)))
    reserve = unknown_share(targets, texts.vocab_size)
    validations = _validation_steps(plan) if any(map(len, texts.held_out)) else set()
    batches = Batches(inputs, targets, plan.batch, plan.window)

    def snapshot(step: int) -> Trained:
        arrays = parameters.arrays()
        model = RnnModel(config, texts.vocab_size, texts.end, reserve, arrays)
        bits = bits_per_symbol(model, texts.held_out) if validations else None
        return Trained(model, step, bits, plan)

    best: Trained | None = None
    figures: dict[str, float] = {}
    for step, loss in _descend(network, parameters, batches, plan):
        if step in validations:
            candidate = snapshot(step)
            best = candidate if best is None or _bits(candidate) < _bits(best) else best
            figures["held out"] = _bits(candidate)
        figures["loss"] = loss / log(2)
        report(Progress("training", step, plan.steps, dict(figures)))
    return best or snapshot(plan.steps)


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


def _descend(
    network: Network,
    parameters: Parameters,
    batches: Batches,
    plan: Plan,
) -> Iterator[tuple[int, float]]:
    """Take the steps, changing the parameters in place; give each step and the smoothed loss."""
    optimizer = optimizers.get(plan.optimizer)
    memory = optimizer.init(parameters.flat)
    state = network.zero_state(len(batches.offsets), parameters.flat.dtype)
    smoothed = 0.0
    for step in range(1, plan.steps + 1):
        inputs, targets = batches[step - 1]
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused by name
            loss, gradients, state = network.gradients(parameters, inputs, targets, state)
            gradient = np.concatenate([gradients[name].ravel() for name in parameters])
            norm = optimizers.clip_by_norm(gradient, plan.clip)
            _refuse_divergence(step, loss, norm, gradients)
            rate = schedule.learning_rate(step - 1, plan)
            optimizer.update(parameters.flat, gradient, memory, rate, step)
        smoothed = MEMORY * smoothed + (1 - MEMORY) * loss
        yield step, smoothed / (1 - MEMORY**step)


def _refuse_divergence(step: int, loss: float, norm: float, gradients: Arrays) -> None:
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


def _bits(trained: Trained) -> float:
    assert trained.held_out_bits is not None
    return trained.held_out_bits
