"""The training of one network: from nothing, from another model, or from where it was stopped.

Python programs (`training.py`) and the command line train through this. What decides the training
is a value; how far it has come is a `Run`. Stopped and gone on with, it ends in the very bytes of
training in one go.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

from charlm import storage
from charlm.api.checkpoints import CheckpointKeeper, UnfinishedTraining
from charlm.api.fine_tuning import InitialModel
from charlm.api.wording import OptionName
from charlm.arrays import Holder
from charlm.errors import Advice, ModelFileError, TrainingError, UsageError, WorkerError
from charlm.progress import Report, silent
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.presets import configure
from charlm.rnn.training import loop
from charlm.rnn.training.checkpoint import Checkpoint
from charlm.rnn.training.loop import Watch, never
from charlm.rnn.training.reduction import Reductions
from charlm.rnn.training.run import Run, Texts, result
from charlm.text.training_set import TrainingSet
from charlm.trained import Record, TrainedModel

TEXTS = ("texts", "valid", "valid_fraction", "encoding", "errors", "init_from")  # of the record


def configured(
    preset: str, asked: Mapping[str, Any], initial: InitialModel | None
) -> tuple[RnnConfig, TrainingConfig]:
    """Return the configurations of a preset and of what was asked for; the shape is the initial's.

    Raises:
        UsageError: a value is impossible, or the initial model has another shape.
    """
    return configure(preset, asked if initial is None else {**asked, **initial.shape(asked)})


@dataclass(frozen=True, eq=False, repr=False)
class NetworkTraining(Holder):
    """All that decides what comes of a training."""

    config: RnnConfig
    asked: TrainingConfig
    data: TrainingSet
    initial: InitialModel | None = None
    option: OptionName = str

    @cached_property
    def texts(self) -> Texts:
        """The ids to train on and to validate on."""
        return Texts.of(self.data)

    @cached_property
    def record(self) -> Record:
        """What is known before the first step; with older texts where there is an initial model."""
        record = Record.of(self.data)
        return record if self.initial is None else self.initial.recorded(record)

    def start(self) -> Run:
        """Return a run before its first step.

        Raises:
            TextError: there is nothing to train on.
            UsageError: a name in the configuration is unknown.
        """
        initial = None if self.initial is None else self.initial.over(self.data.tokenizer)
        return loop.start(self.texts, self.config, self.asked, initial)

    def resume(self, stored: UnfinishedTraining) -> Run:
        """Return the run of a checkpoint, if it is of this very training.

        Raises:
            UsageError: it is not; the error names every difference.
        """
        if differences := list(self._differences(stored)):
            raise UsageError(
                f"{stored.name}: is of another training: {'; '.join(differences)}",
                Advice.BE_AS_BEFORE,
            )
        return stored.checkpoint.run

    def go_on(
        self,
        run: Run,
        report: Report = silent,
        watch: Watch = never,
        keeper: CheckpointKeeper | None = None,
        *,
        after: float = 0.0,
        reductions: Reductions | None = None,
    ) -> None:
        """Take the steps that are left, or those until `watch` says True; keep a checkpoint.

        A run within a time leaves `after` seconds of it. `reductions` says who learns the parts of
        a batch; whoever it is, the result is the same.

        Raises:
            OutputError: the checkpoint of a training that was stopped cannot be written.
            TrainingError: a loss or a gradient is no longer finite; the run stands before that
                step, and so does its checkpoint where there is a best model to keep.
            WorkerError: a worker is no more; the run and its checkpoint stand before that step.
        """

        def keep_and_watch(run: Run) -> bool:
            if keeper is not None:
                keeper.save_in_time(self.unfinished(run))
            return watch(run)

        try:
            loop.go_on(run, self.texts, report, keep_and_watch, after=after, reductions=reductions)
        except (TrainingError, WorkerError) as error:
            # To go on from there would lead to the same divergence; what is kept is the best.
            worth_keeping = run.best is not None or isinstance(error, WorkerError)
            if keeper is not None and worth_keeping:
                keeper.save(self.unfinished(run))
            raise
        if keeper is not None and not run.finished:
            keeper.save(self.unfinished(run))

    def unfinished(self, run: Run) -> UnfinishedTraining:
        """Return what a checkpoint holds of a run."""
        return UnfinishedTraining(Checkpoint(run), self.data.tokenizer, self.record)

    def trained(self, run: Run) -> TrainedModel:
        """Return the best model of a run so far, with the record of how it came to be."""
        best = result(run)
        more = {**asdict(run.plan), "best_step": best.step}
        record = replace(
            self.record,
            seed=more.pop("seed"),  # one seed draws held-out lines and parameters
            stopped_after=None if run.finished else run.step,
            more=more,
        )
        return TrainedModel(best.model, self.data.tokenizer, record)

    def save_best(self, run: Run, path: Path) -> bool:
        """Write the best model of a run that is not finished; tell whether it was written.

        A finished model is never replaced by it: that may be the work of hours.

        Raises:
            OutputError: it cannot be written.
        """
        if _is_finished(path):
            return False
        storage.save(path, self.trained(run))
        return True

    def validated_on(self, run: Run) -> TrainingSet:
        """Return the data with as much held out as a run within a time has scored."""
        whole = self.texts.held_out_symbols
        if run.held_out is None or run.held_out >= whole:
            return self.data
        share = run.held_out / whole
        held_out = tuple(text[: ceil(share * len(text))] for text in self.data.held_out)
        return replace(self.data, held_out=held_out)

    def _differences(self, stored: UnfinishedTraining) -> Iterator[str]:
        """Say in what a training that was stored differs from this one."""
        run = stored.checkpoint.run
        policies = stored.tokenizer.policy, self.data.tokenizer.policy
        pairs: list[tuple[dict[str, Any], ...]] = [
            (asdict(run.config), asdict(self.config)),
            (_asked(run.asked), _asked(self.asked)),
            (asdict(policies[0]), asdict(policies[1])),
            tuple({name: getattr(r, name) for name in TEXTS} for r in (stored.record, self.record)),
        ]
        if (parts := self.asked.parts) is not None:
            pairs.append(({"parts": run.plan.parts}, {"parts": min(parts, run.plan.batch)}))
        for before, now in pairs:
            for name in before:
                if before[name] != now[name]:
                    yield _difference(name, before[name], now[name], self.option(name))


def _asked(training: TrainingConfig) -> dict[str, Any]:
    """Return what was asked for but the parts: if none are, those of the checkpoint go on."""
    return {name: value for name, value in asdict(training).items() if name != "parts"}


def _is_finished(path: Path) -> bool:
    """Tell whether a model stands there whose training was not stopped."""
    try:
        return storage.load(path).record.stopped_after is None
    except ModelFileError:  # none, or what is to be overwritten by force
        return False


def _difference(name: str, before: Any, now: Any, option: str) -> str:
    if name in ("texts", "valid"):
        what = "text" if name == "texts" else f"{option} text"
        return f"the {what} is not the same (sha256 {_short(before)} then, {_short(now)} now)"
    if name == "init_from":
        return f"{option} is not the same (sha256 {before and before[:8]}, {now and now[:8]})"
    return f"{option} was {before} and is {now}"


def _short(texts: Any) -> str:
    return " ".join(text.sha256[:8] for text in texts or []) or "none"
