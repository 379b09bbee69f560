"""A recurrent training from its texts to its model: checkpoints, interruption, log, live view."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from charlm.cli import shell
from charlm.cli.console import say
from charlm.cli.interruption import Interruption
from charlm.cli.train import beside
from charlm.cli.train.checkpoints import Keeper, Task, going_on
from charlm.cli.train.init_from import Base
from charlm.cli.train.live import live_view
from charlm.cli.train.log import training_log
from charlm.cli.train.request import Request, keep
from charlm.errors import TrainingError, WorkerError
from charlm.progress import Progress

if TYPE_CHECKING:
    from charlm.evaluation.bits import Evaluation
    from charlm.rnn.training.run import Run, Texts
    from charlm.text.training_set import TrainingSet
    from charlm.trained import Record

OUTSIDE = 0.4  # seconds, of a command that trains: Python's start, and writing the model


@dataclass(frozen=True)
class Session:
    """What was asked for on the command line."""

    request: Request
    preset: str
    asked: Mapping[str, Any]
    log: str | None

    def train(self, init_from: str | None, *, resume: bool) -> None:
        """Train, and keep the model; leave with the signal's exit code where one came."""
        from charlm.files.locking import alone

        keeper = Keeper(self.request.target("rnn"))
        with alone(keeper.model):
            code = self._train(keeper, init_from, resume=resume)
        click.get_current_context().exit(code or 0)

    def _train(self, keeper: Keeper, init_from: str | None, *, resume: bool) -> int | None:
        if not resume:
            keeper.refuse_what_is_there(force=self.request.force)
        stored = keeper.load() if resume else None
        base = None if init_from is None else Base.load(init_from)
        task, data = self._prepare(base)
        texts = _texts(data)
        if stored is None:
            run = _start(texts, task, base)
        else:
            run = going_on(stored, task, keeper.path)
            say(f"Going on at step {run.step:,} of {run.plan.steps:,}.")
        code = self._go_on(run, data, task, keeper)
        if run.finished:
            self._finish(run, task, _scored(data, run), keeper)
        else:
            _stop(run, task, keeper)
        return code

    def _prepare(self, base: Base | None) -> tuple[Task, "TrainingSet"]:
        """Read the texts and decide what is to be done with them."""
        from charlm.rnn.presets import configure
        from charlm.trained import Record

        asked = self.asked if base is None else {**self.asked, **base.shape(self.asked)}
        config, training = configure(self.preset, asked)
        if base is None:
            data = self.request.read()
        else:
            data = base.adapt(self.request).read(known=base.tokenizer)
        record = Record.of(data)
        if base is not None:
            record = base.record(record)
        return Task(config, training, data.tokenizer, record), data

    def _go_on(self, run: "Run", data: "TrainingSet", task: Task, keeper: Keeper) -> int | None:
        """Train to the end or to a signal, whose exit code is given."""
        from charlm.rnn.training.loop import go_on

        if task.training.max_seconds is not None:
            run.seconds += keeper.seconds - keeper.before  # reading the texts is part of the time

        def report(progress: Progress) -> None:
            show(progress)
            write(progress)

        def watch(run: "Run") -> bool:
            keeper.save_in_time(run, task)
            return interruption.code is not None

        with (
            training_log(self.log, run, _unscored(run, data), force=self.request.force) as write,
            live_view(run, task.tokenizer.policy.unit) as show,
            Interruption() as interruption,
        ):
            try:
                go_on(run, _texts(data), report, watch, after=self._after(data, task))
            except TrainingError:
                if run.best is not None:
                    _keep_best(run, task, keeper)
                raise
            except WorkerError:
                keeper.save(run, task)  # the run stands before the step, or the validation
                raise
        return interruption.code

    def _after(self, data: "TrainingSet", task: Task) -> float:
        """Return the seconds that the command takes besides, at its start and its end."""
        return OUTSIDE + beside.cost(data, task.training.max_seconds or 0.0)

    def _finish(self, run: "Run", task: Task, data: "TrainingSet", keeper: Keeper) -> None:
        """Keep the model; the checkpoint has done its duty."""
        from charlm.rnn.training.run import result

        count, seconds = run.parameters.flat.size, keeper.seconds
        what = f"a network of {run.config.hidden} {run.config.cell} units ({count:,} parameters)"
        judged = keep(keeper.model, result(run).model, data, _record(run, task), what, seconds)
        keeper.remove()
        if judged is not None:
            planned = task.training.max_seconds or beside.STEP * run.plan.steps
            beside.tell(self.request, data, judged, planned)


def _texts(data: "TrainingSet") -> "Texts":
    from charlm.rnn.training.run import Texts

    tokenizer = data.tokenizer
    return Texts(data.train, data.held_out_ids, tokenizer.vocab_size, tokenizer.end)


def _unscored(run: "Run", data: "TrainingSet") -> "Evaluation":
    """Return the sizes of the held-out text, and what its unknown symbols cost to spell."""
    from charlm.evaluation.bits import SymbolBits, sum_up, total
    from charlm.trained import TrainedModel

    trained = TrainedModel(run.model(), data.tokenizer)
    read = zip(data.held_out, data.held_out_ids, strict=True)
    spelt = [(text, ids, data.tokenizer.spelling_bits(text, ids)) for text, ids in read]
    return total([sum_up(trained, text, SymbolBits(ids, b, b, 0.0)) for text, ids, b in spelt])


def _start(texts: "Texts", task: Task, base: Base | None) -> "Run":
    """Give a run before its first step; say where a short text made sizes shrink."""
    from charlm.rnn.training.loop import start

    initial = None if base is None else base.over(task.tokenizer)
    run = start(texts, task.config, task.training, initial)
    plan, asked = run.plan, task.training
    if (plan.batch, plan.window) != (asked.batch or plan.batch, asked.window):
        say(f"The text is short: batch {plan.batch}, window {plan.window}.")
    return run


def _scored(data: "TrainingSet", run: "Run") -> "TrainingSet":
    """Return the data with as much held out as a run within a time has scored."""
    whole = sum(map(len, data.held_out_ids))
    if run.held_out is None or run.held_out >= whole:
        return data
    share = run.held_out / whole
    return replace(data, held_out=tuple(t[: ceil(share * len(t))] for t in data.held_out))


def _keep_best(run: "Run", task: Task, keeper: Keeper) -> None:
    """Keep what was best before a divergence, to which a checkpoint would only lead again."""
    if _is_finished(keeper.model):
        keeper.save(run, task)
    else:
        keeper.remove()
    _save_model(run, task, keeper.model)


def _stop(run: "Run", task: Task, keeper: Keeper) -> None:
    """Keep all there is, and say how to go on."""
    keeper.save(run, task)
    say(f"Stopped after step {run.step:,} of {run.plan.steps:,}.")
    _save_model(run, task, keeper.model)
    say(f"To go on: {_resuming(sys.argv[1:])}")


def _resuming(typed: Sequence[str]) -> str:
    """Return what was typed with --resume, before `--`, after which all words are texts."""
    from charlm.text.sources import is_open_already

    if any(map(is_open_already, typed)):
        return "the same command again, with the same texts and --resume."
    words = [word for word in typed if word != "--resume"]
    end = words.index("--") if "--" in words else len(words)
    return shell.line(["charlm", *words[:end], "--resume", *words[end:]])


def _save_model(run: "Run", task: Task, path: Path) -> None:
    """Keep the best so far, but in place of no model that is finished."""
    from charlm.rnn.training.run import result
    from charlm.storage import save
    from charlm.trained import TrainedModel

    if _is_finished(path):
        say(f"{path} is left as it is, a model that is finished; the checkpoint has the new one.")
        return
    trained = result(run)
    record = replace(_record(run, task), stopped_after=run.step)
    save(path, TrainedModel(trained.model, task.tokenizer, record))
    best = "the best so far on held-out text, of" if run.best else "as it is after"
    say(f"Wrote {path}, {best} step {trained.step:,}.")


def _is_finished(path: Path) -> bool:
    """Tell whether a model stands there whose training was not stopped."""
    from charlm.errors import ModelFileError
    from charlm.storage import load

    try:
        return load(path).record.stopped_after is None
    except ModelFileError:  # none, or what is to be overwritten by force
        return False


def _record(run: "Run", task: Task) -> "Record":
    from charlm.rnn.training.run import result

    return replace(task.record, more={**asdict(run.plan), "best_step": result(run).step})
