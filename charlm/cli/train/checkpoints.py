"""What is left of a training that did not come to its end: a checkpoint, and the best model so far.

The checkpoint stands beside the model, by the same name and an ending.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from charlm.api.checkpoints import GOES_ON, CheckpointKeeper
from charlm.api.network_training import NetworkTraining
from charlm.cli import shell
from charlm.cli.console import say, warn
from charlm.cli.wording import reword
from charlm.rnn.training.run import Run, result
from charlm.text.sources import is_open_already

CHECKPOINT = ".checkpoint"  # ends the name of the file beside a model


def keeper_of(model: Path, began: float) -> CheckpointKeeper:
    """Return what keeps the checkpoint of a model whose training began at a time."""
    return CheckpointKeeper(
        model.with_name(model.name + CHECKPOINT),
        lambda error: warn(f"{reword(error)}; {GOES_ON}."),
        began=began,
    )


def stop(training: NetworkTraining, run: Run, model: Path) -> None:
    """Say where a training was stopped, save the best so far, and say how to go on."""
    say(f"Stopped after step {run.step:,} of {run.plan.steps:,}.")
    save_best(training, run, model)
    say(f"To go on: {_resuming(sys.argv[1:])}")


def save_best(training: NetworkTraining, run: Run, path: Path) -> bool:
    """Write the best so far in place of no finished model; say what was done, and tell if it was.

    Where it was not written, the checkpoint has it.
    """
    written = training.save_best(run, path)
    if written:
        best = "the best so far on held-out text, of" if run.best else "as it is after"
        say(f"Wrote {path}, {best} step {result(run).step:,}.")
    else:
        say(f"{path} is left as it is, a model that is finished; the checkpoint has the new one.")
    return written


def _resuming(typed: Sequence[str]) -> str:
    """Return what was typed with --resume, before `--`, after which all words are texts."""
    if any(map(is_open_already, typed)):
        return "the same command again, with the same texts and --resume."
    words = [word for word in typed if word != "--resume"]
    end = words.index("--") if "--" in words else len(words)
    return shell.line(["charlm", *words[:end], "--resume", *words[end:]])
