"""Training within little memory, and by a cluster of this machine, beside training in memory.

Whole processes. The text is drawn, or the reader's own; what training leaves on the disk meanwhile
is looked at ten times a second.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from tests.benchmarks import texts
from tests.benchmarks.measure import Cost, costs, times, train_command

COLUMNS = ("what", "seconds", "as in memory, times", "MB", "MB in memory", "disk, MB")
LENGTH = 30_000_000  # characters, where no text is given
LITTLE = (("7", "300M"), ("10", "600M"), ("12", "600M"))  # orders and memory
CLUSTER = "7"


def rows(given: Path | None = None) -> Iterator[tuple[str, ...]]:
    """Measure orders that memory holds and orders that it would not on a small machine."""
    with TemporaryDirectory() as folder:
        text, model = Path(folder) / "text.txt", Path(folder) / "model.charlm"
        text.write_bytes(texts.read(given) if given else texts.drawn(LENGTH))
        whole: dict[str, Cost] = {}
        for order, memory in LITTLE:
            command = train_command(text, int(order), model)
            (whole[order],) = costs(command)
            little = [*command, "--memory", memory]
            yield row(f"order {order}, --memory {memory}", little, whole[order])
        command = [*train_command(text, int(CLUSTER), model), "--scheduler", "local:2"]
        yield row(f"order {CLUSTER}, --scheduler local:2", command, whole[CLUSTER])


def row(name: str, command: list[str], whole: Cost) -> tuple[str, ...]:
    """Measure a command beside what the whole in memory took."""
    folder, done, most = Path(command[command.index("--output") + 1]).parent, Event(), [0]
    watch = Thread(target=_watch, args=(folder, done, most), daemon=True)
    watch.start()
    (cost,) = costs(command)
    done.set()
    watch.join()
    sizes = f"{cost.megabytes:,.0f}", f"{whole.megabytes:,.0f}", f"{most[0] / 1e6:,.0f}"
    return name, f"{cost.seconds:.1f}", times(cost.seconds / whole.seconds), *sizes


def _watch(folder: Path, done: Event, most: list[int]) -> None:
    while not done.wait(0.1):
        files = folder.glob(".*.spool/*")
        most[0] = max(most[0], sum(_size(file) for file in files))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
