"""Filtering documents, JSON lines in and out: a whole process."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import texts
from tests.benchmarks.measure import costs, train_command

COLUMNS = ("what", "characters/s", "MB")
LENGTH = 20_000_000  # characters
DOCUMENT = 2_000
ORDER = 5


def rows() -> Iterator[tuple[str, ...]]:
    """Measure what keeps about half of the documents."""
    with TemporaryDirectory() as folder:
        text, model = Path(folder) / "text.txt", Path(folder) / "model.charlm"
        documents, kept = Path(folder) / "documents.jsonl", Path(folder) / "kept.jsonl"
        content = texts.drawn(LENGTH).decode()
        text.write_text(content[: LENGTH // 4])
        costs(train_command(text, ORDER, model))
        with documents.open("w") as file:
            for low in range(0, LENGTH, DOCUMENT):
                file.write(json.dumps({"text": content[low : low + DOCUMENT]}) + "\n")
        files = [str(model), str(documents), "-o", str(kept)]
        (cost,) = costs(["-m", "charlm", "filter", *files, "--below", "2", "--force"])
        yield f"filter, order {ORDER}", f"{LENGTH / cost.seconds:,.0f}", f"{cost.megabytes:,.0f}"
