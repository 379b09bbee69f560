"""Files between tasks: a task writes one, whole or not at all, and others read slices of it.

    arrays       one after the other, raw
    index        JSON: what each array is and where it begins, and the task's figures
    16 bytes     length of the index, and a mark that the file is whole

Files lie in one folder, the spool, which all who work on them share. A task that is done twice
writes the same file again. The folder may be on a network: a file is opened by others only after
the task is done, and then it may take a moment until they see it.
"""

import errno
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Arrays

WHOLE = b"\ncharlm\n"
PART = ".part"
TOKEN = "charlm-spool"  # a file by which workers know the folder, and commands that it is one
MOMENTS = (0.0, 0.1, 1.0, 3.0)  # seconds to wait, in turn, for a file that must be there


class Writer:
    """A file that grows array by array."""

    def __init__(self, file: IO[bytes]):
        self._file = file
        self._index: dict[str, tuple[str, int, int]] = {}
        self.figures: dict[str, Any] = {}

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Append an array of one dimension."""
        self._index[name] = array.dtype.str, self._file.tell(), len(array)
        self._file.write(np.ascontiguousarray(array).data)  # says why it cannot, as tofile does not

    def close(self) -> None:
        """Write what stands where."""
        text = json.dumps({"arrays": self._index, "figures": self.figures}).encode()
        self._file.write(text + len(text).to_bytes(8, "little") + WHOLE)


@dataclass(frozen=True)
class Stored:
    """A whole file: the arrays of a task, read in slices, and its figures."""

    path: Path
    index: dict[str, tuple[str, int, int]]
    figures: dict[str, Any]

    def length(self, name: str) -> int:
        """Return how many elements an array has."""
        return self.index[name][2]

    def read(self, name: str, low: int = 0, high: int | None = None) -> NDArray[Any]:
        """Return a slice of an array, in memory."""
        kind, begin, length = self.index[name]
        dtype = np.dtype(kind)
        number = (length if high is None else high) - low
        with self.path.open("rb", buffering=0) as file:
            file.seek(begin + low * dtype.itemsize)
            array = np.empty(number, dtype)
            if file.readinto(array.view(np.uint8)) != array.nbytes:  # type: ignore[arg-type]
                raise OSError(f"{self.path}: is cut short")
        return array

    def mapped(self, name: str) -> NDArray[Any]:
        """Return an array that the system reads where it is looked at."""
        kind, begin, length = self.index[name]
        if not length:
            return np.empty(0, kind)
        return np.memmap(self.path, kind, "r", begin, (length,))


@dataclass(frozen=True)
class Spool:
    """The folder in which tasks leave their files for each other.

    `run` is who has it now. A task of a run before, which nobody could end, writes nothing more.
    Where all tasks are of this process, it may be empty.
    """

    folder: str
    run: str = ""

    @classmethod
    def taken(cls, folder: Path) -> Self:
        """Return a folder, made if need be, as that of a new run; what is in it stays."""
        folder.mkdir(parents=True, exist_ok=True)
        spool = cls(str(folder), os.urandom(8).hex())
        part = spool._path(TOKEN + PART)
        part.write_text(spool.run)
        part.replace(spool._path(TOKEN))
        return spool

    def is_seen(self) -> bool:
        """Tell whether the folder is there, and is that of this run."""
        if not self.run:
            return True
        for moment in MOMENTS:
            time.sleep(moment)
            with suppress(OSError):
                return self._path(TOKEN).read_text() == self.run
        return False

    def _path(self, name: str) -> Path:
        return Path(self.folder, name)

    @contextmanager
    def writing(self, name: str) -> Iterator[Writer]:
        """Write a file, which is there under its name when all is in it."""
        path = self._path(name)
        if not self.run:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # texts may be private
        part = path.with_name(f"{name}.{os.getpid()}-{os.urandom(4).hex()}{PART}")
        try:
            with part.open("wb") as file:
                writer = Writer(file)
                yield writer
                writer.close()
            if not self.is_seen():
                raise OSError(errno.ESTALE, "is of another run now", self.folder)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def open(self, name: str) -> Stored:
        """Open a file that is there."""
        for moment in MOMENTS:
            with suppress(FileNotFoundError):
                return self._open(name)
            time.sleep(moment)
            with suppress(OSError):
                any(Path(self.folder).iterdir())  # so that a network's file system looks again
        return self._open(name)

    def _open(self, name: str) -> Stored:
        path = self._path(name)
        with path.open("rb") as file:
            end = file.seek(-16, os.SEEK_END)
            length, mark = int.from_bytes(file.read(8), "little"), file.read(8)
            if mark != WHOLE or length > end:
                raise OSError(f"{path}: is cut short")
            file.seek(end - length)
            index = json.loads(file.read(length))
        return Stored(path, index["arrays"], index["figures"])

    def find(self, name: str) -> Stored | None:
        """Return a file that is there and whole, if it is."""
        with suppress(OSError, ValueError):
            return self._open(name)
        return None

    def put(self, name: str, arrays: Arrays, **figures: Any) -> None:
        """Write arrays and figures as a file."""
        with self.writing(name) as writer:
            for key, array in arrays.items():
                writer.add(key, array)
            writer.figures = figures

    def remove(self, *names: str) -> None:
        """Take away files that nobody reads any more."""
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def clear(self, pattern: str = "*") -> None:
        """Take away what an earlier estimation left, all or what has such names."""
        for path in Path(self.folder).glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != TOKEN:
                path.unlink(missing_ok=True)
