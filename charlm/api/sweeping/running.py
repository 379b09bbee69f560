"""The runs of a sweep: trained side by side, kept in a folder, and never done twice.

Of each run the folder holds the model, and its figures as JSON once it is finished. Figures count
where they are of the same setting, the same texts and the same version of charlm. What a network
has learnt before it was stopped is in a checkpoint there, and is gone on with.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, as_completed
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from charlm import storage
from charlm.api.calibrating import calibrated
from charlm.api.checkpoints import CheckpointKeeper
from charlm.api.network_training import NetworkTraining
from charlm.api.ngram_training import fit, resources
from charlm.api.sweeping.settings import Run
from charlm.arrays import Holder
from charlm.errors import TextError, TrainingError, UsageError, WorkerError
from charlm.evaluation.bits import finite
from charlm.evaluation.documents import evaluate_all
from charlm.files import container
from charlm.files.replacing import refuse_foreign
from charlm.files.writing import write_atomically
from charlm.ngram.model import NgramModel
from charlm.parallel.executors import opened
from charlm.parallel.workers import WORKER_IS_GONE
from charlm.rnn.training.reduction import here
from charlm.text import corpus
from charlm.text.decoding import Decoding
from charlm.text.rows import RowOptions
from charlm.text.sources import STANDARD_INPUT
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import TrainingSet, prepare
from charlm.trained import TrainedModel
from charlm.version import __version__


@dataclass(frozen=True)
class Sources:
    """The texts of a sweep by their names, and how they become symbols.

    All runs hold out the same: the `valid` texts, or that share of the others.
    """

    texts: tuple[str, ...]
    valid: tuple[str, ...]
    policy: TextPolicy
    decoding: Decoding
    rows: RowOptions
    valid_fraction: float

    def read(self) -> TrainingSet:
        """Return what the models are trained on and judged by.

        Raises:
            TextError: a text cannot be read, or nothing is held out.
            UsageError: a text is standard input, which is read once.
        """
        if STANDARD_INPUT in (*self.texts, *self.valid):
            raise UsageError("a sweep reads its texts more than once; give files")
        texts, valid = (corpus.read(some, options=self.rows) for some in (self.texts, self.valid))
        data = prepare(
            texts,
            self.policy,
            valid=valid,
            valid_fraction=self.valid_fraction,
            decoding=self.decoding,
        )
        if not any(data.held_out):
            raise TextError("nothing is held out to judge models by; give a longer text or valid")
        return data


@dataclass(frozen=True)
class Result:
    """What came of a run: bits on the held-out text, None where `reason` says why; sizes, seconds.

    `numbers` are the parameters of a network, the n-grams of an n-gram model.
    """

    run: Run
    model: Path
    bits_per_char: float | None
    bits_per_byte: float | None
    numbers: int
    bytes: int
    seconds: float
    reason: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(Holder):
    """Runs on the same texts, and the folder in which they are kept."""

    runs: Sequence[Run]
    sources: Sources
    folder: Path

    def results(self, data: TrainingSet, workers: int) -> Iterator[Result]:
        """Yield what is done already, then each run as it is finished, of so many side by side.

        Raises:
            OutputError: a file cannot be written, or one of another kind stands there.
            TextError, UsageError: as `Sources.read`, or a run is impossible.
            WorkerError: a process that did part of the work was ended from outside.
        """
        asked = {run: _asked(run, self.sources, data) for run in self.runs}
        left: list[Run] = []
        for run in self.runs:
            done = _done(run, self.folder, asked[run])
            if done is None:
                refuse_foreign(_model(run, self.folder), storage.MODEL, force=False)
                left.append(run)
            else:
                yield done
        number = min(workers, len(left))
        if number <= 1:
            for run in left:
                yield _train(run, data, self.folder, asked[run], threads=None)
            return
        # A run may take hours, so none is given out twice for want of an answer.
        with opened(f"processes:{number}") as pool:
            tasks = [
                pool.executor.submit(_apart, run, self.sources, self.folder, asked[run])
                for run in left
            ]
            for task in as_completed(tasks):
                try:
                    yield task.result()
                except BrokenExecutor:
                    raise WorkerError(WORKER_IS_GONE) from None


def _apart(run: Run, sources: Sources, folder: Path, asked: Mapping[str, Any]) -> Result:
    """Train in another process, by one thread: the cores have other runs."""
    return _train(run, sources.read(), folder, asked, threads=1)


def _train(
    run: Run, data: TrainingSet, folder: Path, asked: Mapping[str, Any], *, threads: int | None
) -> Result:
    began, path = perf_counter(), _model(run, folder)
    try:
        trained = _network(run, data, folder, threads) if _is_network(run) else _ngram(run, data)
    except TrainingError as error:
        result = Result(run, path, None, None, 0, 0, perf_counter() - began, str(error))
    else:
        seconds = perf_counter() - began
        found = evaluate_all(trained, data.held_out)
        storage.save(path, trained)
        reason = "" if finite(found.total_bits) is not None else "a symbol has probability 0"
        result = Result(
            run=run,
            model=path,
            bits_per_char=finite(found.bits_per_char),
            bits_per_byte=finite(found.bits_per_byte),
            numbers=_numbers(trained),
            bytes=path.stat().st_size,
            seconds=seconds,
            reason=reason,
        )
    figures = {
        name: value for name, value in asdict(result).items() if name not in ("run", "model")
    }
    written = container.to_json({"asked": asked, "figures": figures})
    write_atomically(_figures(run, folder), [written.encode() + b"\n"])
    return result


def _is_network(run: Run) -> bool:
    return run.setting.kind == "rnn"


def _ngram(run: Run, data: TrainingSet) -> TrainedModel:
    with resources() as using:
        return calibrated(fit(data, run.setting.ngram, using=using), data.held_out)


def _network(run: Run, data: TrainingSet, folder: Path, threads: int | None) -> TrainedModel:
    config, plan = run.setting.network(run.seed)
    training = NetworkTraining(config, plan, data)
    path = folder / f"{run.name}.charlm.checkpoint"
    timed = plan.max_seconds is not None  # which goes on as if nothing had happened, but later
    keeper = CheckpointKeeper(path, _no_checkpoint)
    with nullcontext() if timed else keeper.opened(resume=True) as stored:
        state = training.start() if stored is None else training.resume(stored)
        training.go_on(state, keeper=None if timed else keeper, reductions=here(threads))
        if not timed:
            keeper.remove()
    return training.trained(state)


def _no_checkpoint(error: Exception) -> None:
    """Train without one: it only spares time."""


def _numbers(trained: TrainedModel) -> int:
    model = trained.model
    if isinstance(model, NgramModel):
        return sum(model.ngrams)
    return sum(int(array.size) for array in model.arrays().values())


def _model(run: Run, folder: Path) -> Path:
    return folder / f"{run.name}.charlm"


def _figures(run: Run, folder: Path) -> Path:
    return folder / f"{run.name}.json"


def _asked(run: Run, sources: Sources, data: TrainingSet) -> dict[str, Any]:
    """Return all that decides the figures of a run, as JSON types."""
    asked = {
        "charlm": __version__,
        "setting": [run.setting.kind, *map(list, run.setting.options)],
        "seed": run.seed,
        "texts": [text.sha256 for text in data.texts],
        "valid": [text.sha256 for text in data.valid],
        "read": [asdict(one) for one in (sources.policy, sources.decoding, sources.rows)],
        "valid_fraction": sources.valid_fraction,
    }
    plain: dict[str, Any] = json.loads(container.to_json(asked))
    return plain


def _done(run: Run, folder: Path, asked: Mapping[str, Any]) -> Result | None:
    """Return the result of a run that was finished; None where it is to be done."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(_figures(run, folder).read_text())
        result = Result(run, _model(run, folder), **found["figures"])
        if found["asked"] == asked and (result.model.is_file() or result.reason):
            return result
    return None
