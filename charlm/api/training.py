r"""Training as a library: texts in, a `Model` out, the same as the command line makes of them.

    >>> import charlm
    >>> from pathlib import Path
    >>> _ = Path("names.txt").write_text("anna\nhanna\njohanna\n")
    >>> model = charlm.train_ngram(Path("names.txt"), order=3, sequence="line")
    >>> model.signature.split("|")[:3]
    ['kind:ngram', 'order:3', 'smoothing:modified-kneser-ney']

Options have the names and the defaults of `charlm train`, with `_` for `-`.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, TypedDict, Unpack

from charlm.api import ngram_training
from charlm.api.arguments import Text, check_seed, documents, given
from charlm.api.checkpoints import CheckpointKeeper, UnfinishedTraining
from charlm.api.counting import Counts
from charlm.api.fine_tuning import InitialModel
from charlm.api.model import Model
from charlm.api.network_training import NetworkTraining, configured
from charlm.api.wording import PYTHON
from charlm.errors import OutputError, TextError, UsageError
from charlm.files.locking import alone
from charlm.ngram import tally as tallies
from charlm.ngram.config import NgramConfig
from charlm.progress import Report, silent
from charlm.rnn.presets import DEFAULT, SHAPE, TRAINING
from charlm.rnn.training.loop import Watch, never
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.training_set import TrainingSet, prepare

HELD_OUT = 0.05  # share of the texts, for networks


class TextOptions(TypedDict, total=False):
    """How texts become symbols (`TextPolicy`), and what is held out to validate on."""

    unit: str
    sequence: str
    normalize: str | None
    lowercase: bool
    min_count: int
    newlines: str
    valid: Text | Iterable[Text]
    valid_fraction: float
    seed: int


class NgramOptions(TextOptions, total=False):
    """What decides an n-gram model (`NgramConfig`)."""

    order: int
    smoothing: str
    k: float
    discounts: str
    prune: Sequence[int]


class RnnOptions(TextOptions, total=False):
    """What decides a network (`RnnConfig`) and its training (`TrainingConfig`)."""

    pattern: str
    cell: str
    activation: str
    hidden: int
    layers: int
    context: int
    trace_decay: float
    optimizer: str
    learning_rate: float | None
    schedule: str
    warmup: float
    final_rate: float
    momentum: float
    weight_decay: float | None
    clip: float
    dropout: float
    batch: int | None
    window: int
    steps: int | None
    epochs: float | None
    max_seconds: float | None
    work: float
    validations: int
    patience: int | None
    threads: int | None


def train_ngram(
    texts: Text | Iterable[Text] | Counts,
    *,
    report: Report = silent,
    **options: Unpack[NgramOptions],
) -> Model:
    """Train an n-gram model on one text or several, or on counts of them.

    Raises:
        TextError: a text cannot be read or decoded, or there is nothing to learn.
        UsageError: an option is impossible.
    """
    chosen = given(options, NgramOptions)
    names = {field.name for field in fields(NgramConfig)}
    settings = {name: chosen[name] for name in chosen if name in names}
    config = NgramConfig(**settings | {"prune": tuple(chosen.get("prune", (0,)))})
    if isinstance(texts, Counts):
        if refused := chosen.keys() - settings.keys() - {"min_count"}:
            raise UsageError(f"counts hold how their texts were read; leave out {min(refused)}")
        return Model(tallies.fit(texts.tally, config, chosen.get("min_count", 1), report))
    return Model(ngram_training.fit(_prepare(texts, chosen, report), config, report))


def train_rnn(
    texts: Text | Iterable[Text],
    *,
    preset: str = DEFAULT,
    initial: Model | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    report: Report = silent,
    watch: Watch = never,
    **options: Unpack[RnnOptions],
) -> Model:
    r"""Train a recurrent network on one text or several; `report` is told of each step.

        >>> import charlm
        >>> lines = "she sells sea shells by the sea shore\n" * 99
        >>> model = charlm.train_rnn(lines, cell="lstm", hidden=16, steps=50)
        >>> model.info["training"]["steps"]
        50

    An `initial` network is trained on, at its shape; symbols that it lacks are added.

        >>> tuned = charlm.train_rnn("he sells shoes\n" * 99, initial=model, steps=5)
        >>> tuned.perplexity("he sells shoes") < model.perplexity("he sells shoes")
        True

    `watch` sees the run after each step, and stops it by True; what is returned is the best model
    so far. A `checkpoint` is a file from which the same call goes on with `resume`, to end in the
    very model of training in one go. It is written where training is stopped, and all along, so
    that little is lost to Ctrl-C or a crash; where there is none, `resume` begins anew. When all is
    done it is removed.

        >>> choices = {"hidden": 16, "steps": 50, "checkpoint": "shells.checkpoint"}
        >>> half = charlm.train_rnn(lines, watch=lambda run: run.step == 20, **choices)
        >>> half.info["training"]["stopped_after"]
        20
        >>> whole = charlm.train_rnn(lines, resume=True, **choices)
        >>> whole.info["training"]["steps"], "stopped_after" in whole.info["training"]
        (50, False)

    It is quickest with one BLAS thread, as the command line has it: set OPENBLAS_NUM_THREADS=1
    before NumPy is first imported.

    Raises:
        ModelFileError: the checkpoint is damaged.
        OutputError: it cannot be written, or its place is taken.
        TextError: a text cannot be read or decoded, or there is nothing to learn.
        TrainingError: a loss or a gradient is no longer finite.
        UsageError: an option is impossible, or the checkpoint is of another training.
        WorkerError: a process that did part of the work was ended from outside.
    """
    if resume and checkpoint is None:
        raise UsageError("to resume is to go on from a checkpoint; say which: checkpoint=PATH")
    keeper = None if checkpoint is None else CheckpointKeeper(Path(checkpoint), _warn)
    start = None if initial is None else _initial(initial)
    chosen = given(options, RnnOptions)
    asked = {name: chosen[name] for name in chosen if name in (*SHAPE, *TRAINING)}
    config, plan = configured(preset, asked, start)
    with _opened(keeper, resume=resume) as stored:
        chosen = {"valid_fraction": HELD_OUT, "seed": plan.seed} | chosen
        data = _prepare(texts, chosen, report, start)
        training = NetworkTraining(config, plan, data, start)
        run = training.start() if stored is None else training.resume(stored)
        training.go_on(run, report, watch, keeper)
        if keeper is not None and run.finished:
            keeper.remove()
    return Model(training.trained(run))


def _initial(model: Model) -> InitialModel:
    """Take a model as a start, and refuse the name of its file, which is easily given for it."""
    if not isinstance(model, Model):
        raise UsageError(f"initial is a model; open its file: charlm.load({str(model)!r})")
    return InitialModel.of(model.trained)


@contextmanager
def _opened(
    keeper: CheckpointKeeper | None, *, resume: bool
) -> Iterator[UnfinishedTraining | None]:
    """Hold the place of a checkpoint; yield what is there where that is to be gone on with."""
    if keeper is None:
        yield None
        return
    with alone(keeper.path, PYTHON.another_file):
        if resume and keeper.path.exists():
            yield keeper.load()
        else:
            keeper.refuse_what_is_there()
            yield None


def _warn(error: OutputError) -> None:
    warnings.warn(f"{error}; training goes on without a checkpoint", RuntimeWarning, stacklevel=2)


def _prepare(
    texts: Text | Iterable[Text],
    options: Mapping[str, Any],
    report: Report,
    initial: InitialModel | None = None,
) -> TrainingSet:
    read = documents(texts)
    if not read:
        raise TextError("there is no text to learn from; give at least one")
    check_seed(options.get("seed"))
    names = {field.name for field in fields(TextPolicy)}
    asked = {name: value for name, value in options.items() if name in names}
    known: Tokenizer | None = None if initial is None else initial.tokenizer
    return prepare(
        read,
        TextPolicy(**asked) if initial is None else initial.policy(asked),
        valid=documents(options.get("valid", ())),
        valid_fraction=options.get("valid_fraction", 0.0),
        seed=options.get("seed", 0),
        report=report,
        known=known,
    )
