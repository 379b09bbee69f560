"""What is left of a training that did not come to its end: a checkpoint, and the best model so far.

The checkpoint stands beside the model, by the same name and an ending. A model that is finished is
not lost to one that is not.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from charlm import storage
from charlm.api.checkpoints import CheckpointKeeper
from charlm.api.network_training import NetworkTraining
from charlm.cli import shell
from charlm.cli.console import say, warn
from charlm.cli.wording import COMMAND_LINE
from charlm.errors import ModelFileError
from charlm.rnn.training.run import Run, result
from charlm.text.sources import is_open_already

CHECKPOINT = ".checkpoint"  # ends the name of the file beside a model


def keeper_of(model: Path, began: float) -> CheckpointKeeper:
    """Return what keeps the checkpoint of a model whose training began at a time."""
    return CheckpointKeeper(
        model.with_name(model.name + CHECKPOINT),
        lambda error: warn(f"{error}; training goes on without a checkpoint."),
        COMMAND_LINE,
        began=began,
    )


def stop(training: NetworkTraining, run: Run, model: Path) -> None:
    """Say where a training was stopped, keep the best so far, and say how to go on."""
    say(f"Stopped after step {run.step:,} of {run.plan.steps:,}.")
    _save_model(training, run, model)
    say(f"To go on: {_resuming(sys.argv[1:])}")


def keep_best(training: NetworkTraining, run: Run, model: Path, keeper: CheckpointKeeper) -> None:
    """Keep what was best before a divergence, to which a checkpoint would only lead again."""
    if _is_finished(model):
        keeper.save(training.unfinished(run))
    else:
        keeper.remove()
    _save_model(training, run, model)


def _save_model(training: NetworkTraining, run: Run, path: Path) -> None:
    """Keep the best so far, but in place of no model that is finished."""
    if _is_finished(path):
        say(f"{path} is left as it is, a model that is finished; the checkpoint has the new one.")
        return
    storage.save(path, training.trained(run))
    best = "the best so far on held-out text, of" if run.best else "as it is after"
    say(f"Wrote {path}, {best} step {result(run).step:,}.")


def _is_finished(path: Path) -> bool:
    """Tell whether a model stands there whose training was not stopped."""
    try:
        return storage.load(path).record.stopped_after is None
    except ModelFileError:  # none, or what is to be overwritten by force
        return False


def _resuming(typed: Sequence[str]) -> str:
    """Return what was typed with --resume, before `--`, after which all words are texts."""
    if any(map(is_open_already, typed)):
        return "the same command again, with the same texts and --resume."
    words = [word for word in typed if word != "--resume"]
    end = words.index("--") if "--" in words else len(words)
    return shell.line(["charlm", *words[:end], "--resume", *words[end:]])
