"""Stops charlm where a test says; Python imports this as it starts if this folder is on its path.

Commands and workers of any kind, and the processes that they start, so obey files in the folder
CHARLM_HELD:

    hold    the beginning of a name: the first who begins to write such a file between tasks puts
            its process number into `held`, and waits until `held` is gone

CHARLM_VERSION is what the version of charlm is here. With CHARLM_BLIND a process does not see the
folder between tasks. With CHARLM_STALLED workers are thought to stall after so many seconds.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import charlm
from charlm import version

FOLDER = Path(os.environ["CHARLM_HELD"])
HOLD, HELD = FOLDER / "hold", FOLDER / "held"

if "CHARLM_VERSION" in os.environ:
    charlm.__version__ = version.__version__ = os.environ["CHARLM_VERSION"]

from charlm.ngram.ranges.laid_out import LaidOut  # noqa: E402
from charlm.ngram.ranges.spool import Spool, Writer  # noqa: E402
from charlm.parallel import tasks  # noqa: E402

if "CHARLM_BLIND" in os.environ:
    Spool._path = lambda self, name: Path("nowhere", name)  # type: ignore[method-assign]
tasks.STALLED = float(os.environ.get("CHARLM_STALLED", tasks.STALLED))

writing, arrays = Spool.writing, LaidOut.arrays


def wait_at(name: str) -> None:
    """Wait here if that is wanted."""
    with suppress(FileNotFoundError):
        if name.startswith(HOLD.read_text()):
            HOLD.rename(FOLDER / f"holding-{os.getpid()}")  # which one alone can do
            part = FOLDER / f"held-{os.getpid()}"
            part.write_text(str(os.getpid()))
            part.rename(HELD)
            while HELD.exists():
                time.sleep(0.01)


@contextmanager
def held(self: Spool, name: str) -> Iterator[Writer]:
    """Write a file, half of it before waiting."""
    with writing(self, name) as writer:
        wait_at(name)
        yield writer


def arrays_held(self: LaidOut) -> object:
    """Return what the model's file will hold."""
    wait_at("model")
    return arrays(self)


Spool.writing = held  # type: ignore[method-assign]
LaidOut.arrays = arrays_held  # type: ignore[method-assign, assignment]
