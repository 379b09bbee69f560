"""Memory is bounded by the model and a piece of text, never by the text."""

import gzip
import tracemalloc
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from charlm.evaluation import ranking
from charlm.evaluation.filtering import Filtering, Share
from charlm.ngram.arpa.reading import read
from charlm.ngram.arpa.writing import write
from charlm.ngram.counting.counts import Sequences, count
from charlm.ngram.model import NgramModel
from charlm.text import batches, corpus
from charlm.text.batches import Reading
from charlm.text.tokenizer import SEQUENCES, TextPolicy
from charlm.text.training_set import prepare
from tests.support.models import ngram

PIECE = 1 << 14


def peak(path: Path, policy: TextPolicy) -> int:
    """Most bytes in use while a text is counted from a file."""
    tracemalloc.start()
    held_out = 0.001 if policy.sequence == "file" else 0.0  # drawing lines takes 8 bytes a line
    data = prepare(corpus.read([str(path)]), policy, valid_fraction=held_out)
    sequences = Sequences.of(data)
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
    monkeypatch.setattr(corpus, "BLOCK_BYTES", PIECE)
    letters = np.frombuffer(b"ab\n" if sequence == "line" else b"abc", np.uint8)  # or no line end
    peaks, sizes = [], (200_000, 1_600_000)
    for size in sizes:
        text = letters[np.random.default_rng(0).integers(0, 3, size)].tobytes()
        (tmp_path / "text").write_bytes(pack(text))
        peaks.append(peak(tmp_path / "text", TextPolicy(sequence=sequence)))
    # Threads are some pieces ahead at times; the text as bytes alone would be all of its growth.
    assert peaks[1] - peaks[0] < 0.5 * (sizes[1] - sizes[0])


@pytest.mark.slow
@pytest.mark.parametrize("end", [b"", b"\\n"])
def test_nor_with_the_number_of_rows(
    end: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of ten characters, with line ends in them or without, learnt and filtered."""
    monkeypatch.setattr(corpus, "BLOCK_BYTES", PIECE)
    monkeypatch.setattr(batches, "BYTES", PIECE)
    monkeypatch.setattr(ranking, "IN_MEMORY", 1)
    monkeypatch.setattr(ranking, "BLOCK", 1000)
    trained, path = ngram("witten-bell", 1), tmp_path / "docs.jsonl"
    peaks, sizes = [], (5_000, 40_000)  # rows
    for size in sizes:
        path.write_bytes(b'{"text": "abcabcabca%s"}\n' % end * size)
        learnt = peak(path, TextPolicy(unit="grapheme" if end else "char"))
        tracemalloc.start()
        filtering = Filtering(trained, corpus.read([str(path)]), Reading())
        deque(filtering.kept(Share(0.5, of_all=True)), maxlen=0)
        peaks.append(max(learnt, tracemalloc.get_traced_memory()[1]))
        tracemalloc.stop()
        assert filtering.counted.kept == size // 2
        filtering.scores.close()
    # An object a row would be more than its text.
    assert peaks[1] - peaks[0] < 10 * (sizes[1] - sizes[0])


def test_an_arpa_file_takes_a_few_times_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the seven hundred bytes an n-gram that lists of lines, names and numbers take.

    What a block of the file takes comes on top, however many n-grams there are.
    """
    monkeypatch.setattr(corpus, "BLOCK_BYTES", PIECE)
    peaks, ngrams = [], []
    for order in (3, 6):
        trained = ngram("witten-bell", order)
        assert isinstance(trained.model, NgramModel)
        path = tmp_path / "m.arpa"
        path.write_text("".join(write(trained.model, trained.tokenizer.vocabulary.symbols)))
        (document,) = corpus.read([str(path)])
        tracemalloc.start()
        read(document.name, document.lines(trained.tokenizer.unit, "utf-8", "strict"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        ngrams.append(sum(trained.model.ngrams))
    assert peaks[1] - peaks[0] < 250 * (ngrams[1] - ngrams[0])
