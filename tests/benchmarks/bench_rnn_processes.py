"""Networks as processes: what starting takes, and the memory of training."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.bench_rnn import NETWORKS, TEXT, TORCH, WINDOW, name_of
from tests.benchmarks.measure import costs, times

COLUMNS = ("process", "charlm s", "torch s", "charlm MB", "torch MB", "share of memory")
STEPS = 10


def rows() -> Iterator[tuple[str, ...]]:
    """Measure ours, and PyTorch's where it is installed."""
    yield compare(
        "import", ["-c", "import charlm.rnn.training.loop"], ["-c", "import torch"], rounds=5
    )
    with TemporaryDirectory() as folder:
        text = Path(folder) / "text.txt"
        text.write_text(TEXT)
        for config, batch in NETWORKS:
            if config.pattern != "hidden":
                continue
            sizes = [config.cell, *map(str, (config.hidden, config.layers, batch))]
            ours = ["-m", "charlm", "train", "rnn", str(text), "-o", f"{folder}/m", "--force"]
            ours += ["--cell", sizes[0], "--hidden", sizes[1], "--layers", sizes[2]]
            ours += ["--batch", sizes[3], "--window", str(WINDOW), "--steps", str(STEPS)]
            theirs = ["-m", "tests.benchmarks.torch_peer", *sizes]
            yield compare(f"train {STEPS} steps, {name_of(config, batch)}", ours, theirs)


def compare(
    name: str, ours: Sequence[str], theirs: Sequence[str], rounds: int = 1
) -> tuple[str, ...]:
    """Return a line of the table."""
    if not TORCH:
        (our,) = costs(ours, rounds=rounds)
        return name, f"{our.seconds:.2f}", "", f"{our.megabytes:.0f}", "", ""
    our, their = costs(ours, theirs, rounds=rounds)
    shares = times(our.megabytes / their.megabytes)
    return (
        name, f"{our.seconds:.2f}", f"{their.seconds:.2f}",
        f"{our.megabytes:.0f}", f"{their.megabytes:.0f}", shares,
    )  # fmt: skip
