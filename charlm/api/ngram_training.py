"""The training of one n-gram model: from texts that are prepared to the model and its record."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from charlm import storage
from charlm.errors import (
    Advice,
    ModelFileError,
    OutputError,
    TextError,
    UsageError,
    WorkerError,
)
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counted_windows import UNHEARD_OF
from charlm.ngram.counting.counts import Sequences
from charlm.ngram.model import NgramModel
from charlm.ngram.ranges import fitting
from charlm.ngram.ranges.budget import SMALLEST
from charlm.ngram.ranges.countable import Countable, Texts
from charlm.ngram.ranges.counts import Tallies
from charlm.ngram.ranges.resources import Resources
from charlm.ngram.tally import Tally, record_of, trained_record
from charlm.parallel import executors, memory
from charlm.parallel.workers import lost
from charlm.progress import Report, silent
from charlm.text.tokenizer import Tokenizer
from charlm.text.training_set import TrainingSet
from charlm.trained import Record, TrainedModel

FILE = "model.charlm"  # of a model that is not to be in memory, in the folder for such things


@contextmanager
def resources(
    folder: Path | None = None,
    size: int | None = None,
    temp: str | Path | None = None,
    engine: str | None = None,
    *,
    resume: bool = False,
    note: Callable[[str], object] = str,
) -> Iterator[Resources]:
    """Return what a training may use: half of the memory there is, or so many bytes.

    What does not fit goes to a folder, a new one in `temp` where none is named, which is made when
    it is needed. It is taken away; but one that an `engine` works in is left where it fails, so
    that it can `resume`.

    Raises:
        OutputError: there can be no folder.
    """
    if size is None:
        size = max(memory.usable() // 2, SMALLEST)  # a small machine is no reason to refuse
    folder = unnamed(temp) if folder is None else folder
    try:
        if not resume:
            shutil.rmtree(folder, ignore_errors=True)  # what a killed run left
        with nullcontext() if engine is None else executors.opened(engine) as workers:
            if workers is not None and workers.dashboard is not None:
                note(f"The workers may be watched at {workers.dashboard}")
            yield Resources(size, folder, workers, resume, note)
    except BaseException as error:
        nothing_done = isinstance(error, TextError | UsageError) and not resume
        if engine is None or nothing_done:
            shutil.rmtree(folder, ignore_errors=True)
        if (reason := lost(error)) is not None:  # when workers were to be let go
            raise WorkerError(reason, Advice.GO_ON) from None
        raise
    shutil.rmtree(folder, ignore_errors=True)


def unnamed(temp: str | Path | None) -> Path:
    """Return a folder that nobody else has, and that is made only if something does not fit.

    Raises:
        OutputError: the folder that it is to be in is none.
    """
    if temp is not None and not Path(temp).is_dir():
        raise OutputError(f"{temp}: is no folder")
    parent = Path.cwd() if temp is None else Path(temp)
    if temp is None:
        with suppress(FileNotFoundError):  # no temporary file can be made anywhere
            parent = Path(tempfile.gettempdir())
    return parent / f"charlm-{os.urandom(8).hex()}"


def fit(
    data: TrainingSet,
    config: NgramConfig,
    report: Report = silent,
    using: Resources | None = None,
    path: Path | None = None,
) -> TrainedModel:
    """Train an n-gram model, and write it to a file if one is named.

    A model that is not in memory after that is read from the file, or from one in the folder for
    what does not fit into memory, which may be taken away while the model is used. It uses half of
    the memory and a temporary folder where nothing is said.

    Raises:
        OutputError: the file cannot be written, or the folder has too little room.
        TextError: there is nothing to learn.
        UsageError: no smoother has that name, or it wants more memory.
    """
    record = Record.of(data)
    if not data.hold_out.fraction:  # so that texts in any order, and their counts, give one model
        record = replace(record, texts=tuple(sorted(data.texts)))
    texts = Texts(Sequences.of(data))
    return _fit(texts, data.tokenizer, record, config, report, using, path)


def fit_counts(
    tallies: Sequence[Tally],
    config: NgramConfig,
    min_count: int = 1,
    report: Report = silent,
    using: Resources | None = None,
    path: Path | None = None,
) -> TrainedModel:
    """Train a model on counts, as on their texts.

    Raises:
        ModelFileError: the counts are those of no text.
        OutputError: as `fit`.
        UsageError: as `fit`, or the order is larger than what was counted, or texts were treated in
            different ways.
    """
    source = Tallies(tallies, config.order, min_count)
    record = trained_record(record_of(tallies))
    try:
        return _fit(source, source.tokenizer, record, config, report, using, path)
    except IndexError:  # histories that were never events
        raise ModelFileError(UNHEARD_OF) from None


def _fit(
    source: Countable,
    tokenizer: Tokenizer,
    record: Record,
    config: NgramConfig,
    report: Report,
    using: Resources | None,
    path: Path | None,
) -> TrainedModel:
    if using is None:
        with resources() as own:
            return _fit(source, tokenizer, record, config, report, own, path)
    identity = identity_of(tokenizer, record, asdict(config))
    model = fitting.fit(source, config, using, report, identity)
    if isinstance(model, NgramModel):
        trained = TrainedModel(model, tokenizer, record)
        if path is not None:
            storage.save(path, trained)
        return trained
    file = using.folder / FILE if path is None else path
    storage.write(file, model, tokenizer, record)
    return storage.load(file, mapped=True)


def identity_of(tokenizer: Tokenizer, record: Record, options: Mapping[str, Any]) -> str:
    """Return what is the same only for the same texts and options: who resumes must have them."""
    parts = [tokenizer.to_json(), record.to_json(), options]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
