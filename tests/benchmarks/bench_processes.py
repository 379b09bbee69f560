"""Training as a whole process: start, reading, counting, smoothing, writing; and its memory.

The peers neither smooth (but NLTK) nor write a file.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measure import costs, times, train_command
from tests.benchmarks.peers import ORDER, TRAINERS
from tests.support.models import CORPORA

COLUMNS = ("train beside", "characters", "our s", "peer s", "times", "our MB", "peer MB")
CHARACTERS = {"counter": 900_000, "markovify": 900_000, "nltk": 100_000}
NAMES = {"counter": "dict of Counter", "markovify": "markovify", "nltk": "NLTK"}


def rows() -> Iterator[tuple[str, ...]]:
    """Measure each peer beside us."""
    text = (CORPORA / "shakespeare.txt").read_text()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        for name in TRAINERS:
            path.write_text(text[: CHARACTERS[name]])
            ours, peer = costs(
                train_command(path, ORDER, Path(folder) / "model.charlm"),
                ["-m", "tests.benchmarks.peers", name, str(path)],
                rounds=3,
            )
            taken = (f"{ours.seconds:.2f}", f"{peer.seconds:.2f}")
            ratio = times(peer.seconds / ours.seconds)
            memory = (f"{ours.megabytes:,.0f}", f"{peer.megabytes:,.0f}")
            yield NAMES[name], f"{CHARACTERS[name]:,}", *taken, ratio, *memory
