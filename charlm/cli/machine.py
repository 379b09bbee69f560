"""What a command may use: memory, a folder for what does not fit, and others who work."""

import logging
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from charlm.api.ngram_training import resources, unnamed
from charlm.cli.console import say
from charlm.cli.settings import settings
from charlm.cli.wording import ADVICE
from charlm.errors import Advice, OutputError, Remedy, UsageError
from charlm.files.locking import alone, beside, is_special
from charlm.ngram.ranges.resources import Resources
from charlm.ngram.ranges.spool import TOKEN


@dataclass(frozen=True)
class Machine:
    """The options as they were typed."""

    memory: int | None = None
    temp: str | None = None
    scheduler: str | None = None
    executor: str | None = None
    spool: str | None = None
    resume: bool = False
    force: bool = False

    @classmethod
    def among(cls, options: Mapping[str, Any]) -> tuple[Self, dict[str, Any]]:
        """Take one out of all options of a command, and return the others; --force is both's."""
        names = {field.name for field in fields(cls)}
        own = {name: value for name, value in options.items() if name in names}
        others = {
            name: value for name, value in options.items() if name not in names or name == "force"
        }
        return cls(**own), others

    @contextmanager
    def resources(self, output: Path) -> Iterator[Resources]:
        """Return what is used to make an output.

        Raises:
            OutputError: a folder is none, or holds something else.
            UsageError: options do not go together.
        """
        if self.scheduler is not None and self.executor is not None:
            raise UsageError("either a scheduler or an executor leads the work; leave one out")
        engine = self.scheduler if self.executor is None else self.executor
        if engine is None and (self.spool is not None or self.resume):
            given = "to resume" if self.spool is None else "a spool"
            raise UsageError(
                f"{given} is for work by others",
                Remedy("scheduler", "ADDRESS"),
                Remedy("executor", "processes:2"),
            )
        folder = self._folder(output)
        with ExitStack() as stack:
            if engine is not None:
                stack.enter_context(_left_to_go_on_with(folder))
            if self.spool is not None:
                stack.enter_context(alone(folder))
            if engine is not None:
                self._refuse_what_is_there(folder)
            yield stack.enter_context(
                resources(folder, self.memory, engine=engine, resume=self.resume, note=say)
            )

    def _refuse_what_is_there(self, folder: Path) -> None:
        """Refuse a folder that holds something else, or what nobody has said is to be replaced.

        Raises:
            OutputError: it does.
        """
        there = folder.is_dir() and any(folder.iterdir())
        if there and self.spool is not None and not (folder / TOKEN).exists():
            raise OutputError(f"{folder}: holds other files; name a new folder")
        if there and not (self.resume or self.force):
            raise OutputError(f"{folder}: is of a run broken off", Advice.GO_ON_OR_BEGIN)

    def _folder(self, output: Path) -> Path:
        """Name the folder for what does not fit, that of this output alone.

        Raises:
            OutputError: the folder that it is to be in is none.
        """
        if self.spool is not None:
            spool = Path(self.spool).absolute()  # workers have folders of their own
            if not spool.parent.is_dir():
                raise OutputError(
                    f"{spool.parent}: is no folder; make it, where all workers see it"
                )
            return spool
        if self.temp is not None and not Path(self.temp).is_dir():
            raise OutputError(f"{self.temp}: is no folder")
        if is_special(output):
            return unnamed(self.temp)
        target = output.resolve()
        if self.temp is None:
            return beside(target, ".spool")
        where = zlib.crc32(os.fsencode(target.parent))  # outputs of one name have their own folders
        return Path(self.temp).absolute() / beside(target, f".{where:08x}.spool").name


@contextmanager
def _left_to_go_on_with(folder: Path) -> Iterator[None]:
    """Say how to go on where a signal ends the work of others; what libraries log is not shown."""
    before = logging.root.manager.disable
    if not settings().debug:
        logging.disable(logging.CRITICAL)
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_going_on(folder)) from None
    except SystemExit:
        if advice := _going_on(folder):
            say(advice[0].upper() + advice[1:] + ".")
        raise
    finally:
        logging.disable(before)


def _going_on(folder: Path) -> str:
    return ADVICE[Advice.GO_ON] if folder.exists() else ""
