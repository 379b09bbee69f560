"""Beside KenLM's trainer, which no package index carries: its times were recorded elsewhere.

They are for the first 64,090,640 characters of text8 on two cores of an AMD Zen 4, `lmplz` and
`query` of kpu/kenlm at 4cb443e, lines of 1,000 characters (November 2026). So they are shown only
where that text is given; their ratio to ours is no more than a hint on another machine. KenLM
scored the test part; we score the beginning of the text given, whose n-grams were all seen.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from charlm.storage import load
from tests.benchmarks import texts
from tests.benchmarks.measure import costs, seconds, times, train_command

COLUMNS = ("what", "charlm", "KenLM, recorded", "times", "charlm, MB")
SHA256 = "7e2360173c5a150e8c75fb167918d89b47a5e7d643b38d01a5c2679ad3f472fa"
TRAINING = {4: 17.9, 7: 44.8}  # by order, seconds of the whole process
SCORING = {4: 10.2e6, 7: 3.1e6}  # characters a second
SCORED = 5_000_000


def rows(given: Path | None = None) -> Iterator[tuple[str, ...]]:
    """Measure what was recorded; nothing where the text is another."""
    content = texts.read(given) if given else b""
    if sha256(content).hexdigest() != SHA256:
        return
    with TemporaryDirectory() as folder:
        text, model = Path(folder) / "text.txt", Path(folder) / "model.charlm"
        text.write_bytes(content)
        for order, recorded in TRAINING.items():
            (cost,) = costs(train_command(text, order, model))
            ratio, memory = times(recorded / cost.seconds), f"{cost.megabytes:,.0f}"
            yield f"train, order {order}", f"{cost.seconds:.1f} s", f"{recorded} s", ratio, memory
            speed = _scoring_speed(model, content[:SCORED].decode())
            ratio = times(speed / SCORING[order])
            theirs = f"{SCORING[order] / 1e6:.1f} M/s"
            yield f"score, order {order}", f"{speed / 1e6:.1f} M/s", theirs, ratio, ""


def _scoring_speed(path: Path, text: str) -> float:
    """Characters a second, of a text already seen; opening the model is left out."""
    trained = load(path)
    ids = trained.tokenizer.encode(text)
    (taken,) = seconds(lambda: trained.model.score(ids), rounds=3)
    return len(ids) / taken
