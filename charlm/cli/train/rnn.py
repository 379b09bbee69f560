"""`charlm train rnn`."""

from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

import click

from charlm.cli.options import (
    COUNT,
    FILE,
    FRACTION,
    NATURAL,
    POSITIVE,
    Duration,
    Number,
    RegistryChoice,
    grouped,
    output_options,
    text_options,
    texts_argument,
)
from charlm.cli.train.led_command import LedCommand
from charlm.rnn.presets import DEFAULT, SHAPE, TRAINING, default
from charlm.rnn.training.plan import BATCH, DECAY, DECAY_PER_EPOCH, LONG, MOST_DECAY, PARTS

F = TypeVar("F", bound=Callable[..., Any])
MODEL, LEARNING, LENGTH, RUN = "Model", "Training", "Length of training (one of)", "Run"
LENGTHS = ("steps", "epochs", "max_seconds")


def field(group: str, name: str, kind: Any, text: str, shown: str = "") -> Callable[[F], F]:
    """Add an option for a field of a configuration; not given, the preset decides."""
    flag = f"--{name.replace('_', '-')}"
    return grouped(group, flag, type=kind, help=f"{text}  [default: {shown or default(name)}]")


@click.command(cls=LedCommand)
@texts_argument()
@grouped(
    MODEL,
    "--preset",
    type=RegistryChoice("charlm.rnn.presets:PRESETS"),
    default=DEFAULT,
    help="Sizes for some seconds, a minute, ten minutes, an hour on two cores. Options that are "
    "given come first; the defaults shown are those of small.",
)
@field(MODEL, "pattern", RegistryChoice("charlm.rnn.networks:NETWORKS"), "Where recurrence runs.")
@field(
    MODEL,
    "cell",
    RegistryChoice("charlm.rnn.cells:CELLS"),
    "The recurrent cell.",
    f"{default('cell')}, or elman where only that will do",
)
@field(
    MODEL,
    "activation",
    RegistryChoice("charlm.rnn.cells.elman:ACTIVATIONS"),
    "What the elman cell applies to its sum.",
)
@field(MODEL, "hidden", COUNT, "Hidden units of a layer.")
@field(MODEL, "layers", COUNT, "Layers, one on the other.")
@field(MODEL, "context", COUNT, "Symbols that the window pattern reads.")
@field(
    MODEL,
    "trace_decay",
    FRACTION,
    "What is left of an output after each step in the output pattern.",
)
@field(
    MODEL,
    "ngrams",
    NATURAL,
    "Look the last n-grams up too, of 2 to so many symbols: learns faster (hidden pattern).",
    "0, none",
)
@field(MODEL, "rows", COUNT, "Rows that n-grams of a length share.")
@field(MODEL, "dropout", FRACTION, "Share of outputs left out while training.")
@grouped(
    MODEL,
    "--init-from",
    type=FILE,
    metavar="MODEL",
    help="Train this model on, at its shape; symbols that it lacks are added.",
)
@field(
    LEARNING,
    "optimizer",
    RegistryChoice("charlm.rnn.training.optimizers:OPTIMIZERS"),
    "How gradients become updates.",
)
@field(
    LEARNING,
    "learning_rate",
    POSITIVE,
    "Peak rate.",
    "0.008 for adam at 256 hidden units, less for more; 1 for sgd",
)
@field(
    LEARNING,
    "schedule",
    RegistryChoice("charlm.rnn.training.schedule:SCHEDULES"),
    "How the rate goes on after its rise.",
)
@field(LEARNING, "warmup", FRACTION, "Share of the steps over which the rate rises.")
@field(LEARNING, "momentum", FRACTION, "How much of the mean gradient each step keeps.")
@field(
    LEARNING,
    "weight_decay",
    Number(min=0),
    "How much matrices shrink, times the rate.",
    f"max({DECAY:g}, {DECAY_PER_EPOCH:g} x epochs) / (usual rate x steps) for adamw, at most "
    f"{MOST_DECAY:g}; else 0",
)
@field(LEARNING, "clip", POSITIVE, "Largest norm of the gradient.")
@field(
    LEARNING,
    "batch",
    COUNT,
    "Streams read side by side.",
    f"{BATCH}, fewer for texts below {LONG // 1000:,} kB",
)
@field(LEARNING, "window", COUNT, "Steps that gradients flow back through (truncated BPTT).")
@field(
    LEARNING,
    "validations",
    NATURAL,
    "How often the held-out text is scored.",
    "10, fewer where that would take a tenth of the time",
)
@field(
    LEARNING,
    "patience",
    COUNT,
    "Validations without a gain after which training ends.",
    "to the end",
)
@field(
    LEARNING,
    "parts",
    COUNT,
    "Parts in which a batch is learnt: like the seed, they decide the model to the last bit.",
    f"by the batch: {', '.join(f'{parts} from {fewest}' for fewest, parts in PARTS.items())}",
)
@field(LEARNING, "seed", NATURAL, "Same seed and text, same model.")
@field(LENGTH, "steps", COUNT, "Updates of the parameters.", "the preset's, fewer for short texts")
@field(LENGTH, "epochs", POSITIVE, "Times the text is read.", "by steps")
@grouped(
    LENGTH,
    "--max-time",
    "max_seconds",
    type=Duration(),
    help="Time, as 60s, 10m or 1h, which is used and not exceeded.  [default: by steps]",
)
@text_options()
@grouped(
    "Text",
    "--valid-fraction",
    type=FRACTION,
    default=0.05,
    help="Hold out this share of the texts and keep what does best on it.",
)
@output_options(besides=", or training that is not finished")
@grouped(
    RUN,
    "--threads",
    type=COUNT,
    help="Parts that are learnt side by side, at most. The model does not depend on it."
    "  [default: the cores; under mpiexec 1, by each process]",
)
@grouped(RUN, "--resume", is_flag=True, help="Go on with this very training from its checkpoint.")
@grouped(
    RUN, "--log", type=FILE, metavar="FILE", help="Write figures as JSON lines, about a thousand."
)
def rnn(
    preset: str,
    init_from: str | None,
    resume: bool,
    log: str | None,
    threads: int | None,
    **options: Any,
) -> None:
    """Train a recurrent network: back-propagation through time. A minute by default.

    Ctrl-C stops in good order, with a checkpoint, MODEL.checkpoint, and the best model so far where
    no finished one stands. The same command with --resume goes on from there as if nothing had
    happened; so it does after a crash. As long as that training is not finished, another one takes
    its place with --force only.

    Several machines train together by MPI: mpiexec starts the same command on each of them, and the
    first one, which alone reads and writes, has the others learn parts of each batch. The model is
    the same, byte for byte, as that of one machine. It takes mpi4py: pip install 'charlm-cli[mpi]'.

    \b
    Examples:
      charlm train rnn book.txt
      charlm train rnn book.txt --preset tiny --cell lstm
      charlm train rnn book.txt --max-time 10m --hidden 512 --log run.jsonl
      charlm train rnn book.txt --resume
      charlm train rnn letters.txt --init-from book.rnn.charlm --learning-rate 0.001
      charlm train rnn names.txt --sequence line
      mpiexec -n 4 charlm train rnn book.txt --parts 4
    """  # fmt: skip
    began = monotonic()  # what is imported next is part of --max-time

    from charlm.cli.train.rnn_session import train

    fields = dict.fromkeys((*SHAPE, *TRAINING))
    asked = {name: options[name] for name in fields if options.get(name) is not None}
    if len(asked.keys() & LENGTHS) > 1:
        raise click.UsageError("Choose one of --steps, --epochs and --max-time.")
    others = {name: value for name, value in options.items() if name not in fields}
    others["seed"] = asked.get("seed", default("seed"))
    train(others, preset, asked, log, init_from, threads, resume=resume, began=began)
