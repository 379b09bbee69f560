"""The checkpoint beside a model: when it is written, who may go on from it, when it goes."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from charlm.cli.console import warn
from charlm.errors import OutputError, UsageError

if TYPE_CHECKING:
    from charlm.rnn.config import RnnConfig, TrainingConfig
    from charlm.rnn.training.run import Run
    from charlm.storage import CheckpointFile
    from charlm.text.tokenizer import Tokenizer
    from charlm.trained import Record

SHORTEST_PAUSE = 10.0  # seconds between two checkpoints
PAUSE_PER_COST = 60  # and so many times what one takes: at most 2 % of the time, the first too
OPTIONS = {"max_seconds": "--max-time", "work": "--preset"}  # others are called as their field
TEXTS = ("texts", "valid", "valid_fraction", "encoding", "errors", "init_from")  # of the record


@dataclass(frozen=True)
class Task:
    """What is to be trained, on what; `record` has the fingerprints of the texts."""

    config: "RnnConfig"
    training: "TrainingConfig"
    tokenizer: "Tokenizer"
    record: "Record"


@dataclass
class Keeper:
    """Keeps the checkpoint of a model that is trained."""

    model: Path
    cost: float = 0.0  # seconds that the last one took
    last: float = field(default_factory=monotonic)
    failed: bool = False
    before: float = 0.0  # seconds that earlier parts of the training took
    began: float = field(default_factory=monotonic)

    @property
    def seconds(self) -> float:
        """All that the training took so far."""
        return self.before + monotonic() - self.began

    @property
    def path(self) -> Path:
        """Where it is."""
        from charlm.storage import CHECKPOINT

        return self.model.with_name(self.model.name + CHECKPOINT)

    def refuse_what_is_there(self, *, force: bool) -> None:
        """Leave alone what is no checkpoint, and training that is not finished unless forced.

        Raises:
            OutputError: the checkpoint of this training would take the place of such a file.
        """
        from charlm.storage import is_model_file

        if not self.path.exists():
            return
        if not is_model_file(self.path):
            raise OutputError(
                f"{self.path}: is no checkpoint, and one is to stand there; give -o another name"
            )
        if not force:
            raise OutputError(
                f"{self.path}: holds training that is not finished; "
                "--resume goes on with it, --force begins anew"
            )

    def load(self) -> "CheckpointFile":
        """Open it.

        Raises:
            UsageError: there is none.
            ModelFileError: it is damaged.
        """
        from charlm.storage import load_checkpoint

        if not self.path.exists():
            raise UsageError(f"{self.path}: no such file, nothing to resume; leave out --resume")
        stored = load_checkpoint(self.path)
        self.before = stored.record.seconds or 0.0
        return stored

    def save_in_time(self, run: "Run", task: Task) -> None:
        """Write it if the last one is old enough; where that fails, training goes on without."""
        if monotonic() - self.last < max(SHORTEST_PAUSE, PAUSE_PER_COST * self.cost):
            return
        try:
            self.save(run, task)
        except OutputError as error:
            if not self.failed:
                warn(f"{error}; training goes on without a checkpoint.")
            self.failed, self.last = True, monotonic()

    def save(self, run: "Run", task: Task) -> None:
        """Write it now."""
        from charlm.rnn.training.checkpoint import Checkpoint
        from charlm.storage import CheckpointFile, save_checkpoint

        began = monotonic()
        checkpoint = Checkpoint(run)
        record = replace(task.record, seconds=self.seconds)
        save_checkpoint(self.path, CheckpointFile(checkpoint, task.tokenizer, record))
        self.last = monotonic()
        self.cost = self.last - began

    def remove(self) -> None:
        """Training is finished."""
        from charlm.files.writing import remove

        remove(self.path)


def going_on(stored: "CheckpointFile", task: Task, path: Path) -> "Run":
    """Give the run of a checkpoint, if it is of this very task.

    Raises:
        UsageError: it is not; the error names every difference.
    """
    if differences := list(_differences(stored, task)):
        raise UsageError(
            f"{path}: is of another training: {'; '.join(differences)}; "
            "type the command as it was, or begin anew with --force in place of --resume"
        )
    return stored.checkpoint.run


def _differences(stored: "CheckpointFile", task: Task) -> Iterator[str]:
    pairs = [
        (asdict(stored.checkpoint.run.config), asdict(task.config)),
        (asdict(stored.checkpoint.run.asked), asdict(task.training)),
        (asdict(stored.tokenizer.policy), asdict(task.tokenizer.policy)),
        tuple({name: getattr(r, name) for name in TEXTS} for r in (stored.record, task.record)),
    ]
    for before, now in pairs:
        for name in before:
            if before[name] != now[name]:
                yield _difference(name, before[name], now[name])


def _difference(name: str, before: Any, now: Any) -> str:
    if name in ("texts", "valid"):
        what = "text" if name == "texts" else "--valid text"
        return f"the {what} is not the same (sha256 {_short(before)} then, {_short(now)} now)"
    if name == "init_from":
        return f"--init-from is not the same (sha256 {before and before[:8]}, {now and now[:8]})"
    option = OPTIONS.get(name, f"--{name.replace('_', '-')}")
    return f"{option} was {before} and is {now}"


def _short(texts: Any) -> str:
    return " ".join(text.sha256[:8] for text in texts or []) or "none"
