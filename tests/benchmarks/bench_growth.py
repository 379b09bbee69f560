"""How an n-gram model grows with its text and its order: time, memory, n-grams, bytes for each.

Whole processes; "B each" are bytes of the file for an n-gram. The text is drawn from the corpora,
or given. The largest cell, 60 M characters at order 12, takes some gigabytes of memory and of disk.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from charlm.ngram.model import NgramModel
from charlm.storage import load
from tests.benchmarks import texts
from tests.benchmarks.measure import costs, train_command

COLUMNS = ("text MB", "order", "s", "MB/s", "peak MB", "n-grams", "file MB", "B each")
SIZES = (1_000_000, 10_000_000, 60_000_000)
ORDERS = range(2, 13, 2)


def rows(given: Path | None = None) -> Iterator[tuple[str, ...]]:
    """Measure each size and order."""
    content = texts.read(given) if given else texts.drawn(max(SIZES))
    with TemporaryDirectory() as folder:
        text, model = Path(folder) / "text.txt", Path(folder) / "model.charlm"
        for size in SIZES:
            text.write_bytes(content[:size].decode(errors="ignore").encode())  # no half character
            for order in ORDERS:
                yield _row(text, order, model)
            if size >= len(content):
                return


def _row(text: Path, order: int, model: Path) -> tuple[str, ...]:
    (cost,) = costs(train_command(text, order, model))
    size, file = text.stat().st_size, model.stat().st_size
    trained = load(model).model
    assert isinstance(trained, NgramModel)
    ngrams = sum(trained.ngrams)
    return (
        f"{size / 1e6:.1f}",
        str(order),
        f"{cost.seconds:.2f}",
        f"{size / cost.seconds / 1e6:.1f}",
        f"{cost.megabytes:,.0f}",
        f"{ngrams:,}",
        f"{file / 1e6:.1f}",
        f"{file / ngrams:.1f}",
    )
