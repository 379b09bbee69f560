"""Memory is bounded by the model and a piece of text, never by the text."""

import gzip
import tracemalloc
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from charlm.ngram.counts import Sequences, count
from charlm.text import corpus
from charlm.text.tokenizer import SEQUENCES, TextPolicy
from charlm.text.training_set import prepare

PIECE = 1 << 14


def peak(path: Path, policy: TextPolicy) -> int:
    """Most bytes in use while a text is counted from a file."""
    tracemalloc.start()
    held_out = 0.001 if policy.sequence == "file" else 0.0  # drawing lines takes 8 bytes a line
    data = prepare(corpus.read([str(path)]), policy, valid_fraction=held_out)
    sequences = Sequences(data.streams, data.tokenizer.vocab_size, data.tokenizer.end)
    deque(count(sequences, 2, chunk=PIECE), maxlen=0)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.mark.slow
@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_memory_does_not_grow_with_the_text(
    sequence: str, pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "BLOCK", PIECE)
    letters = np.frombuffer(b"ab\n" if sequence == "line" else b"abc", np.uint8)  # or no line end
    peaks, sizes = [], (200_000, 1_600_000)
    for size in sizes:
        text = letters[np.random.default_rng(0).integers(0, 3, size)].tobytes()
        (tmp_path / "text").write_bytes(pack(text))
        peaks.append(peak(tmp_path / "text", TextPolicy(sequence=sequence)))
    # Threads are some pieces ahead at times; the text as bytes alone would be all of its growth.
    assert peaks[1] - peaks[0] < 0.5 * (sizes[1] - sizes[0])
