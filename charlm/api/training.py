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
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import Any, TypedDict, Unpack

from charlm.api import ngram_training
from charlm.api.arguments import (
    Text,
    check_seed,
    checked_path,
    documents,
    offering,
    refuse_no_model,
)
from charlm.api.calibrating import calibrated
from charlm.api.checkpoints import GOES_ON, CheckpointKeeper
from charlm.api.counting import Counts
from charlm.api.fine_tuning import InitialModel
from charlm.api.model import Model
from charlm.api.names import (
    Activation,
    CellName,
    Discounts,
    Errors,
    Newlines,
    NormalForm,
    Optimizer,
    Pattern,
    Preset,
    Schedule,
    SequenceName,
    Smoothing,
    UnitName,
)
from charlm.api.network_training import NetworkTraining, configured
from charlm.api.options import checked_value, given, spelled_out
from charlm.errors import OutputError, TextError, TrainingError, UsageError
from charlm.ngram.config import NgramConfig
from charlm.parallel.memory import bytes_of
from charlm.progress import Report, silent
from charlm.rnn.presets import DEFAULT, SHAPE, TRAINING, default
from charlm.rnn.training.loop import Watch, never
from charlm.rnn.training.reduction import here
from charlm.text.decoding import Decoding
from charlm.text.rows import RowOptions
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.training_set import TrainingSet, prepare

ON_COUNTS = {"min_count", "memory", "temp"}
HELD_OUT = 0.05  # share of the texts, for networks
UNPRUNED = (0,)


class TextOptions(TypedDict, total=False):
    """How texts become symbols (`TextPolicy`), and what is held out to validate on.

    `encoding` and `errors` say how the bytes of files become text (`Decoding`), `column` and
    `as_text` how files of rows are read (`RowOptions`).
    """

    unit: UnitName
    sequence: SequenceName
    normalize: NormalForm | None
    lowercase: bool
    min_count: int
    newlines: Newlines
    encoding: str
    errors: Errors
    column: str
    as_text: bool
    valid: Text | Iterable[Text]
    valid_fraction: float
    seed: int


class NgramOptions(TextOptions, total=False):
    """What decides an n-gram model (`NgramConfig`), and what its training may use.

    `memory` is a number of bytes, or such as "2G", half of what there is where nothing is said.
    What does not fit goes to a folder in `temp`, meanwhile; the model is the same.
    """

    order: int
    smoothing: Smoothing
    k: float
    discounts: Discounts
    prune: Sequence[int]
    memory: int | str
    temp: str | Path


class RnnOptions(TextOptions, total=False):
    """What decides a network (`RnnConfig`) and its training (`TrainingConfig`)."""

    pattern: Pattern
    cell: CellName
    activation: Activation
    hidden: int
    layers: int
    context: int
    trace_decay: float
    ngrams: int
    rows: int
    optimizer: Optimizer
    learning_rate: float | None
    schedule: Schedule
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
    parts: int | None


def _default(name: str) -> Any:
    """Return what an option is where it is left out; None where that depends on others."""
    ngrams = {field.name: field.default for field in fields(NgramConfig)}
    kinds = (TextPolicy, Decoding, RowOptions)
    texts = {field.name: field.default for kind in kinds for field in fields(kind)}
    known = ngrams | texts | {"prune": UNPRUNED, "valid": (), "valid_fraction": 0.0, "seed": 0}
    return known.get(name)


def _default_of_networks(name: str) -> Any:
    """Return the same where a network is trained by the default preset."""
    if name in (*SHAPE, *TRAINING):
        return default(name)
    return HELD_OUT if name == "valid_fraction" else _default(name)


@spelled_out(NgramOptions, _default)
def train_ngram(
    texts: Text | Iterable[Text] | Counts,
    *,
    report: Report = silent,
    **options: Unpack[NgramOptions],
) -> Model:
    """Train an n-gram model on one text or several, or on counts of them.

    Files are read as UTF-8 unless `encoding` and `errors` say otherwise; strings are text already.

        >>> import charlm
        >>> from pathlib import Path
        >>> _ = Path("coffee.txt").write_text("café, café noir", encoding="latin-1")
        >>> model = charlm.train_ngram(Path("coffee.txt"), encoding="latin-1", order=3)
        >>> [*model.next_symbols("caf", top=1)]
        ['é']

    Raises:
        TextError: a text cannot be read or decoded, or there is nothing to learn.
        UsageError: an option is impossible.
    """
    chosen = given(options, NgramOptions)
    config = NgramConfig(
        **_fields(chosen, NgramConfig) | {"prune": tuple(chosen.get("prune", UNPRUNED))}
    )
    of_texts = chosen.keys() - _fields(chosen, NgramConfig).keys() - ON_COUNTS
    if isinstance(texts, Counts) and of_texts:
        raise UsageError(f"counts hold how their texts were read; leave out {min(of_texts)}")
    memory, temp = chosen.get("memory"), chosen.get("temp")
    with ngram_training.resources(
        size=None if memory is None else bytes_of(memory),
        temp=None if temp is None else checked_path(temp, "temp"),
    ) as using:
        if isinstance(texts, Counts):
            min_count = chosen.get("min_count", 1)
            return Model(ngram_training.fit_counts([texts.tally], config, min_count, report, using))
        data = _prepare(texts, chosen, report)
        return Model(calibrated(ngram_training.fit(data, config, report, using), data.held_out))


@spelled_out(RnnOptions, _default_of_networks)
def train_rnn(
    texts: Text | Iterable[Text],
    *,
    preset: Preset = DEFAULT,
    initial: Model | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    threads: int | None = None,
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

    Where training diverges, the error has the best model until then as its `best`, and a
    `checkpoint` keeps it too: with `resume` the same call comes to the same error. To begin anew,
    with a smaller rate perhaps, remove that file.

    A batch is learnt in `parts`, which decide the model to the last bit; `threads`, how many of
    them are learnt side by side (by default as many as there are cores), decide nothing.

    It is quickest with one BLAS thread, as the command line has it: set OPENBLAS_NUM_THREADS=1
    before NumPy is first imported.

    Raises:
        ModelFileError: the checkpoint is damaged.
        OutputError: it cannot be written, or its place is taken.
        TextError: a text cannot be read or decoded, or there is nothing to learn.
        TrainingError: a loss or a gradient is no longer finite; `best` is the best model so far.
        UsageError: an option is impossible, or the checkpoint is of another training.
        WorkerError: a process that did part of the work was ended from outside.
    """
    if resume and checkpoint is None:
        raise UsageError("to resume is to go on from a checkpoint; say which: checkpoint=PATH")
    keeper = (
        None
        if checkpoint is None
        else CheckpointKeeper(checked_path(checkpoint, "checkpoint"), _warn)
    )
    start = None if initial is None else _initial(initial)
    chosen = given(options, RnnOptions)
    asked = {name: chosen[name] for name in chosen if name in (*SHAPE, *TRAINING)}
    preset = checked_value("preset", preset, Preset)
    config, plan = configured(preset, asked, start)
    reductions = here(threads)
    with nullcontext() if keeper is None else keeper.opened(resume=resume) as stored:
        chosen = {"valid_fraction": HELD_OUT, "seed": plan.seed} | chosen
        data = _prepare(texts, chosen, report, start)
        training = NetworkTraining(config, plan, data, start, _argument)
        run = training.start() if stored is None else training.resume(stored)
        try:
            training.go_on(run, report, watch, keeper, reductions=reductions)
        except TrainingError as error:
            error.best = None if run.best is None else Model(training.trained(run))
            raise
        if keeper is not None and run.finished:
            keeper.remove()
    return Model(training.trained(run))


def _initial(model: Model) -> InitialModel:
    """Take a model as a start, and refuse the name of its file, which is easily given for it."""
    if not isinstance(model, Model):
        refuse_no_model("initial", model)
    return InitialModel.of(model.trained)


def _argument(name: str) -> str:
    """Return the argument that a part of a training's record comes from."""
    return "initial" if name == "init_from" else name


def _warn(error: OutputError) -> None:
    warnings.warn(f"{error}; {GOES_ON}", RuntimeWarning, stacklevel=2)


def _prepare(
    texts: Text | Iterable[Text],
    options: Mapping[str, Any],
    report: Report,
    initial: InitialModel | None = None,
) -> TrainingSet:
    check_seed(options.get("seed"))
    decoding = Decoding(**_fields(options, Decoding))
    asked = _fields(options, TextPolicy)
    known: Tokenizer | None = None if initial is None else initial.tokenizer
    rows = RowOptions(**_fields(options, RowOptions))
    with offering(TextOptions.__annotations__.keys() - options.keys()):
        read = documents(texts, decoding.encoding, rows)
        if not read:
            raise TextError("there is no text to learn from; give at least one")
        return prepare(
            read,
            TextPolicy(**asked) if initial is None else initial.policy(asked),
            valid=documents(options.get("valid", ()), decoding.encoding, rows),
            valid_fraction=float(options.get("valid_fraction", 0.0)),
            decoding=decoding,
            seed=int(options.get("seed", 0)),
            report=report,
            known=known,
        )


def _fields(options: Mapping[str, Any], known: type) -> dict[str, Any]:
    """Return those options that are fields of a dataclass."""
    return {field.name: options[field.name] for field in fields(known) if field.name in options}
