"""What a command may use: memory, a folder for what does not fit, and others who work."""

import os
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from charlm.api.ngram_training import resources
from charlm.errors import Advice, OutputError, Remedy, UsageError
from charlm.files.locking import beside, is_special
from charlm.ngram.ranges.fitting import TOKEN, Resources


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

    def resources(self, output: Path) -> AbstractContextManager[Resources]:
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
        if engine is not None and folder.exists():
            if not (folder / TOKEN).exists() and any(folder.iterdir()):
                raise OutputError(f"{folder}: holds other files; name a new folder")
            if not (self.resume or self.force) and any(folder.iterdir()):
                raise OutputError(f"{folder}: is of a run broken off", Advice.GO_ON_OR_BEGIN)
        return resources(folder, self.memory, engine=engine, resume=self.resume)

    def _folder(self, output: Path) -> Path:
        """Name the folder for what does not fit, that of this output alone.

        Raises:
            OutputError: the folder that it is to be in is none.
        """
        if self.spool is not None:
            return Path(self.spool)
        if self.temp is not None and not Path(self.temp).is_dir():
            raise OutputError(f"{self.temp}: is no folder")
        if is_special(output):
            return Path(tempfile.mkdtemp(prefix="charlm-", dir=self.temp))
        target = output.resolve()
        if self.temp is None:
            return beside(target, ".spool")
        where = zlib.crc32(os.fsencode(target.parent))  # outputs of one name have their own folders
        return Path(self.temp) / beside(target, f".{where:08x}.spool").name
