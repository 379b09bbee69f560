"""A recurrent training from its texts to its model: checkpoints, interruption, log, live view."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from charlm.api.checkpoints import CheckpointKeeper
from charlm.api.fine_tuning import InitialModel
from charlm.api.network_training import NetworkTraining, configured
from charlm.cli.console import say
from charlm.cli.interruption import Interruption
from charlm.cli.train import beside, checkpoints
from charlm.cli.train.leading import Team, led
from charlm.cli.train.live import live_view
from charlm.cli.train.log import training_log
from charlm.cli.train.request import Request, save_and_tell
from charlm.cli.wording import option
from charlm.errors import TrainingError, UsageError
from charlm.evaluation.bits import Evaluation, SymbolBits, sum_up, total
from charlm.files.locking import alone
from charlm.progress import Progress
from charlm.rnn.training.run import Run
from charlm.trained import TrainedModel

OUTSIDE = 0.4  # seconds, of a command that trains: Python's start, and writing the model


@dataclass(frozen=True)
class Session:
    """What was asked for on the command line."""

    request: Request
    preset: str
    asked: Mapping[str, Any]
    log: str | None
    init_from: str | None
    team: Team
    resume: bool
    began: float  # by the clock of `time.monotonic`

    def train(self, model: Path) -> int | None:
        """Train, and save the model; return the exit code of a signal that came.

        Raises:
            UsageError: there is nothing to go on with.
        """
        keeper = checkpoints.keeper_of(model, self.began)
        with keeper.opened(resume=self.resume, force=self.request.force) as stored:
            if self.resume and stored is None:
                raise UsageError(
                    f"{keeper.path}: no such file, nothing to resume; leave out --resume"
                )
            training = self._prepare()
            if stored is None:
                run = _start(training)
            else:
                run = training.resume(stored)
                say(f"Going on at step {run.step:,} of {run.plan.steps:,}.")
            self.team.tell_of_the_idle(run)
            code = self._go_on(run, training, model, keeper)
            if run.finished:
                self._finish(run, training, model, keeper)
            else:
                checkpoints.stop(training, run, model)
        return code

    def _prepare(self) -> NetworkTraining:
        """Read the texts and decide what is to be done with them."""
        name = self.init_from
        initial = None if name is None else InitialModel.load(name, option)
        config, asked = configured(self.preset, self.asked, initial)
        data = self.request.read(initial=initial)
        return NetworkTraining(config, asked, data, initial, option)

    def _go_on(
        self, run: Run, training: NetworkTraining, model: Path, keeper: CheckpointKeeper
    ) -> int | None:
        """Train to the end or to a signal, whose exit code is given."""
        limit = training.asked.max_seconds
        if limit is not None:
            run.seconds += keeper.since_began  # reading the texts is part of the time
        after = OUTSIDE + beside.cost(training.data, limit or 0.0)

        def report(progress: Progress) -> None:
            show(progress)
            write(progress)

        with (
            training_log(
                self.log, run, _unscored(run, training), force=self.request.force
            ) as write,
            live_view(run, training.data.tokenizer.policy.unit) as show,
            Interruption() as interruption,
        ):
            try:
                training.go_on(
                    run,
                    report,
                    lambda run: interruption.code is not None,
                    keeper,
                    after=after,
                    reductions=self.team.reductions,
                )
            except TrainingError:
                if run.best is not None and checkpoints.save_best(training, run, model):
                    keeper.remove()  # it would lead to the same divergence, and is in the way
                raise
        return interruption.code

    def _finish(
        self, run: Run, training: NetworkTraining, model: Path, keeper: CheckpointKeeper
    ) -> None:
        """Save the model; the checkpoint has done its duty."""
        count, data = run.parameters.flat.size, training.validated_on(run)
        what = f"a network of {run.config.hidden} {run.config.cell} units ({count:,} parameters)"
        judged = save_and_tell(model, training.trained(run), data.held_out, what, keeper.seconds)
        keeper.remove()
        if judged is not None:
            planned = training.asked.max_seconds or beside.STEP * run.plan.steps
            beside.tell(self.request, data, judged, planned)


def train(
    options: Mapping[str, Any],
    preset: str,
    asked: Mapping[str, Any],
    log: str | None,
    init_from: str | None,
    threads: int | None,
    *,
    resume: bool,
    began: float,
) -> None:
    """Train, and save the model; leave with the signal's exit code where one came."""

    def lead(team: Team) -> int:
        session = Session(Request(**options), preset, asked, log, init_from, team, resume, began)
        model = session.request.target("rnn")
        with alone(model):
            return session.train(model) or 0

    click.get_current_context().exit(led(lead, threads))


def _start(training: NetworkTraining) -> Run:
    """Return a run before its first step; say what the text changed of what was asked for."""
    initial, tokenizer = training.initial, training.data.tokenizer
    if initial is not None and (added := initial.added(tokenizer)):
        symbols = "symbol" if added == 1 else "symbols"
        say(f"Added {added:,} {symbols} of the text that {initial.name} lacks.")
    run = training.start()
    plan, asked = run.plan, training.asked
    if (plan.batch, plan.window) != (asked.batch or plan.batch, asked.window):
        say(f"The text is short: batch {plan.batch}, window {plan.window}.")
    return run


def _unscored(run: Run, training: NetworkTraining) -> Evaluation:
    """Return the sizes of the held-out text, and what its unknown symbols cost to spell."""
    data = training.data
    trained = TrainedModel(run.model(), data.tokenizer)
    read = zip(data.held_out, data.held_out_ids, strict=True)
    spelt = [(text, ids, data.tokenizer.spelling_bits(text, ids)) for text, ids in read]
    return total([sum_up(trained, text, SymbolBits(ids, b, b, 0.0)) for text, ids, b in spelt])
