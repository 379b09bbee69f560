"""The checkpoint of a training: what is in the file, when it is written, when it goes.

It is written in good time while a network is trained, and removed when training is finished. What
a run needs to go on is in `rnn/training/checkpoint.py`; here it is together with the tokenizer and
the record of the texts, as a model is (`trained.py`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from charlm import storage
from charlm.arrays import Holder
from charlm.errors import Advice, OutputError
from charlm.files import writing
from charlm.files.locking import alone
from charlm.rnn.training.checkpoint import Checkpoint
from charlm.text.tokenizer import Tokenizer
from charlm.trained import Record

SHORTEST_PAUSE = 10.0  # seconds between two checkpoints
GOES_ON = "training goes on without a checkpoint"  # ends what is told where none can be written
PAUSE_PER_COST = 60  # and so many times what one takes: at most 2 % of the time, the first too


@dataclass(frozen=True, eq=False, repr=False)
class UnfinishedTraining(Holder):
    """A run with what belongs to it; the record has the seconds that it took so far.

    `name` is for messages: that of its file.
    """

    checkpoint: Checkpoint
    tokenizer: Tokenizer
    record: Record = field(default_factory=Record)
    name: str = "the checkpoint"


def save(path: str | Path, unfinished: UnfinishedTraining) -> None:
    """Write a checkpoint, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    storage.write(path, unfinished.checkpoint, unfinished.tokenizer, unfinished.record)


def load(path: str | Path) -> UnfinishedTraining:
    """Open a checkpoint; every byte of it is checked.

    Raises:
        ModelFileError: there is none, or it is damaged, or it is a model.
    """
    parts = storage.read(path, Checkpoint, "unfinished training")
    return UnfinishedTraining(*parts, name=str(path))


@dataclass
class CheckpointKeeper:
    """Keeps the checkpoint of one training, and knows how long all parts of the training took.

    `failed` is told once where it cannot be written; training goes on without it.
    """

    path: Path
    failed: Callable[[OutputError], None]
    cost: float = 0.0  # seconds that the last one took
    last: float = field(default_factory=monotonic)
    has_failed: bool = False
    before: float = 0.0  # seconds that earlier parts of the training took
    began: float = field(default_factory=monotonic)

    @property
    def seconds(self) -> float:
        """All that the training took so far."""
        return self.before + self.since_began

    @property
    def since_began(self) -> float:
        """Seconds of this part of the training."""
        return monotonic() - self.began

    @contextmanager
    def opened(self, *, resume: bool, force: bool = False) -> Iterator[UnfinishedTraining | None]:
        """Hold the checkpoint's place; yield what is there where that is to be gone on with.

        None where there is nothing to go on with, and nothing in the way. Every training that keeps
        a checkpoint does so in here, and so no two of them have the same.

        Raises:
            ModelFileError: the checkpoint is damaged.
            OutputError: another run holds it, or it is in the way of a training that begins.
        """
        with alone(self.path):
            if resume and self.path.exists():
                stored = load(self.path)
                self.before = stored.record.seconds or 0.0
                yield stored
            else:
                self._refuse_what_is_there(force=force)
                yield None

    def _refuse_what_is_there(self, *, force: bool) -> None:
        """Leave alone what is no checkpoint, and training that is not finished unless forced."""
        if not self.path.exists():
            return
        if storage.kind_of(self.path) != Checkpoint.kind:
            raise OutputError(
                f"{self.path}: is no checkpoint, and one is to stand there", Advice.ANOTHER_FILE
            )
        if not force:
            raise OutputError(
                f"{self.path}: holds training that is not finished", Advice.GO_ON_OR_BEGIN
            )

    def save_in_time(self, unfinished: UnfinishedTraining) -> None:
        """Write it if the last one is old enough; where that fails, training goes on without."""
        if monotonic() - self.last < max(SHORTEST_PAUSE, PAUSE_PER_COST * self.cost):
            return
        try:
            self.save(unfinished)
        except OutputError as error:
            if not self.has_failed:
                self.failed(error)
            self.has_failed, self.last = True, monotonic()

    def save(self, unfinished: UnfinishedTraining) -> None:
        """Write it now.

        Raises:
            OutputError: it cannot be written.
        """
        began = monotonic()
        save(self.path, replace(unfinished, record=self._timed(unfinished.record)))
        self.last = monotonic()
        self.cost = self.last - began

    def _timed(self, record: Record) -> Record:
        return replace(record, seconds=self.seconds)

    def remove(self) -> None:
        """Training is finished."""
        writing.remove(self.path)
