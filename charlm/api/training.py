r"""Training as a library: texts in, a `Model` out, the same as the command line makes of them.

    >>> import charlm
    >>> from pathlib import Path
    >>> _ = Path("names.txt").write_text("anna\nhanna\njohanna\n")
    >>> model = charlm.train_ngram(Path("names.txt"), order=3, sequence="line")
    >>> model.signature.split("|")[:3]
    ['kind:ngram', 'order:3', 'smoothing:modified-kneser-ney']

Options have the names and the defaults of `charlm train`, with `_` for `-`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, TypedDict, Unpack

from charlm import mixture
from charlm.api.arguments import Text, check_seed, documents, given
from charlm.api.model import Model
from charlm.errors import TextError, UsageError
from charlm.model import StorableModel
from charlm.ngram import estimation
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences
from charlm.progress import Report, silent
from charlm.rnn.presets import DEFAULT, SHAPE, TRAINING, configure
from charlm.rnn.training import loop
from charlm.rnn.training.run import Texts
from charlm.text.corpus import Document
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import TrainingSet, prepare
from charlm.trained import Record, TrainedModel

HELD_OUT = 0.05  # share of the texts, for networks
FEWEST_MEMBERS = 2


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
    texts: Text | Iterable[Text], *, report: Report = silent, **options: Unpack[NgramOptions]
) -> Model:
    """Train an n-gram model on one text or several.

    Raises:
        TextError: a text cannot be read or decoded, or there is nothing to learn.
        UsageError: an option is impossible.
    """
    chosen = given(options, NgramOptions)
    names = {field.name for field in fields(NgramConfig)}
    settings = {name: chosen[name] for name in chosen if name in names}
    config = NgramConfig(**settings | {"prune": tuple(chosen.get("prune", (0,)))})
    data = _prepare(texts, chosen, report)
    tokenizer = data.tokenizer
    sequences = Sequences(data.streams, tokenizer.vocab_size, tokenizer.end)
    return _model(estimation.fit(sequences, config, report), data, {})


def train_rnn(
    texts: Text | Iterable[Text],
    *,
    preset: str = DEFAULT,
    report: Report = silent,
    **options: Unpack[RnnOptions],
) -> Model:
    r"""Train a recurrent network on one text or several; `report` is told of each step.

        >>> import charlm
        >>> lines = "she sells sea shells by the sea shore\n" * 99
        >>> model = charlm.train_rnn(lines, cell="lstm", hidden=16, steps=50)
        >>> model.info["training"]["steps"]
        50

    It is quickest with one BLAS thread, as the command line has it: set OPENBLAS_NUM_THREADS=1
    before NumPy is first imported.

    Raises:
        TextError: a text cannot be read or decoded, or there is nothing to learn.
        TrainingError: a loss or a gradient is no longer finite.
        UsageError: an option is impossible.
        WorkerError: a process that did part of the work was ended from outside.
    """
    chosen = given(options, RnnOptions)
    asked = {name: chosen[name] for name in chosen if name in (*SHAPE, *TRAINING)}
    config, plan = configure(preset, asked)
    data = _prepare(texts, {"valid_fraction": HELD_OUT, "seed": plan.seed} | chosen, report)
    tokenizer = data.tokenizer
    known = Texts(data.train, data.held_out_ids, tokenizer.vocab_size, tokenizer.end)
    trained = loop.fit(known, config, plan, report)
    return _model(trained.model, data, {**asdict(trained.plan), "best_step": trained.step})


def mix(
    models: Sequence[Model],
    tune: Text | Iterable[Text],
    *,
    gate: bool = False,
    report: Report = silent,
) -> Model:
    """Mix models into one, weighed by how well they do on a text that none was trained on.

    With `gate` the weights depend on what the models know of each history.

        >>> import charlm
        >>> short, long = (charlm.train_ngram("abracadabra " * 99, order=n) for n in (0, 4))
        >>> both = charlm.mix([short, long], tune="a cab or a bar")
        >>> [row["kind"] for row in both.info["members"]]
        ['ngram', 'ngram']

    Raises:
        TextError: a text cannot be read or decoded, or is empty.
        UsageError: there are fewer than two models, or their units differ.
    """
    members, tuning = [model.trained for model in models], documents(tune)
    texts = (document.text(members[0].tokenizer.unit) for document in tuning)
    return Model(mixed(members, tuning, texts, gate=gate, report=report))


def mixed(
    members: Sequence[TrainedModel],
    documents: Sequence[Document],
    texts: Iterable[str],
    *,
    gate: bool,
    report: Report,
) -> TrainedModel:
    """Mix models, as `mix`; `texts` of the `documents` are what tunes them."""
    if len(members) < FEWEST_MEMBERS:
        raise UsageError("a mixture needs two models or more")
    tokenizer = mixture.unite([member.tokenizer for member in members])
    ids = [tokenizer.encode(text) for text in texts]
    united = [mixture.member(one.model, one.tokenizer, tokenizer) for one in members]
    model = mixture.fit(united, tokenizer.end, ids, gated=gate, report=report)
    tuning = tuple(document.fingerprint for document in documents)
    record = Record.of_mixture((m.record for m in members), tuning, sum(map(len, ids)))
    return TrainedModel(model, tokenizer, record)


def _prepare(
    texts: Text | Iterable[Text], options: Mapping[str, Any], report: Report
) -> TrainingSet:
    policy = {field.name for field in fields(TextPolicy)}
    read = documents(texts)
    if not read:
        raise TextError("there is no text to learn from; give at least one")
    check_seed(options.get("seed"))
    return prepare(
        read,
        TextPolicy(**{name: value for name, value in options.items() if name in policy}),
        valid=documents(options.get("valid", ())),
        valid_fraction=options.get("valid_fraction", 0.0),
        seed=options.get("seed", 0),
        report=report,
    )


def _model(model: StorableModel, data: TrainingSet, more: Mapping[str, Any]) -> Model:
    """Put model, tokenizer and record together, as the command line does."""
    return Model(TrainedModel(model, data.tokenizer, Record.of(data, more)))
