"""`charlm train rnn`."""

from dataclasses import asdict
from time import perf_counter
from typing import Any

import click

from charlm.cli.console import progress_bar, say
from charlm.cli.options import (
    COUNT,
    FRACTION,
    NATURAL,
    POSITIVE,
    GroupedCommand,
    RegistryChoice,
    grouped,
    output_options,
    text_options,
    texts_argument,
)
from charlm.cli.training import Request, keep

MODEL, TRAINING = "Model", "Training"


@click.command(cls=GroupedCommand)
@texts_argument()
@grouped(
    MODEL,
    "--pattern",
    type=RegistryChoice("charlm.rnn.networks:NETWORKS"),
    default="hidden",
    help="The recurrent design pattern.",
)
@grouped(
    MODEL,
    "--cell",
    type=RegistryChoice("charlm.rnn.cells:CELLS"),
    default="elman",
    help="The recurrent cell.",
)
@grouped(
    MODEL,
    "--activation",
    type=RegistryChoice("charlm.rnn.cells.elman:ACTIVATIONS"),
    default="tanh",
    help="What the elman cell applies to its sum.",
)
@grouped(MODEL, "--hidden", type=COUNT, default=256, help="Hidden units.")
@grouped(
    TRAINING,
    "--steps",
    type=COUNT,
    help="Updates of the parameters.  [default: about a minute's, fewer for short texts]",
)
@grouped(TRAINING, "--batch", type=COUNT, default=32, help="Streams read side by side.")
@grouped(
    TRAINING,
    "--window",
    type=COUNT,
    default=32,
    help="Steps that gradients flow back through (truncated BPTT).",
)
@grouped(
    TRAINING,
    "--optimizer",
    type=RegistryChoice("charlm.rnn.optimizers:OPTIMIZERS"),
    default="adam",
    help="How gradients become updates.",
)
@grouped(
    TRAINING,
    "--learning-rate",
    type=POSITIVE,
    help="Peak rate.  [default: 0.008 for adam at 256 hidden units, 1 for sgd]",
)
@grouped(TRAINING, "--clip", type=POSITIVE, default=1.0, help="Largest norm of the gradient.")
@grouped(TRAINING, "--seed", type=NATURAL, default=0, help="Same seed and text, same model.")
@text_options()
@grouped(
    "Text",
    "--valid-fraction",
    type=FRACTION,
    default=0.05,
    help="Hold out this share of the texts and keep what does best on it.",
)
@output_options()
def rnn(pattern: str, cell: str, activation: str, hidden: int, **options: Any) -> None:
    """Train a recurrent network: back-propagation through time. A minute by default.

    \b
    Examples:
      charlm train rnn book.txt
      charlm train rnn book.txt --hidden 128 --steps 2000
      charlm train rnn names.txt --sequence line
    """  # fmt: skip
    from charlm.rnn.config import RnnConfig, TrainingConfig
    from charlm.rnn.training import Texts, fit

    began = perf_counter()
    names = ("steps", "batch", "window", "optimizer", "learning_rate", "clip")
    settings = {name: options.pop(name) for name in names}
    request = Request(**options)
    config = RnnConfig(pattern, cell, activation, hidden)
    training = TrainingConfig(seed=request.seed, **settings)
    path = request.target("rnn")
    data = request.read()
    tokenizer = data.tokenizer
    texts = Texts(data.train, data.held_out_ids, tokenizer.vocab_size, tokenizer.end)
    with progress_bar() as report:
        trained = fit(texts, config, training, report)
    plan = trained.plan
    if (plan.batch, plan.window) != (training.batch, training.window):
        say(f"The text is short: batch {plan.batch}, window {plan.window}.")
    record = {**asdict(plan), "best_step": trained.step}
    count = sum(array.size for array in trained.model.parameters.values())
    what = f"a network of {hidden} {cell} units ({count:,} parameters)"
    keep(path, trained.model, data, record, what, began)
