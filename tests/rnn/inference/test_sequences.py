"""Many sequences side by side: each as by itself, and what they share is read once."""

import numpy as np
import pytest

from charlm.arrays import Float64s, Ids
from charlm.rnn.config import RnnConfig
from charlm.rnn.inference import sequences
from charlm.rnn.inference.scoring import Scorer
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import Pass, get

V, END = 9, 8
CONFIGS = [
    RnnConfig(cell="gru", hidden=12),
    RnnConfig(cell="lstm", hidden=7, layers=2),
    RnnConfig("window", "gru", hidden=6, context=4),
    RnnConfig("output", hidden=8, trace_decay=0.5),
]


def network(config: RnnConfig, end: int | None = None) -> RnnModel:
    arrays = get(V, config).initialize(np.random.default_rng(3))
    parameters = {name: array.astype(np.float32) for name, array in arrays.items()}
    return RnnModel(config, V, end, 0.01, parameters)


def drawn(lengths: list[int], symbols: int = V) -> list[Ids]:
    rng = np.random.default_rng(5)
    return [rng.integers(0, symbols, length).astype(np.int32) for length in lengths]


def together(model: RnnModel, texts: list[Ids]) -> Float64s:
    return model.score_each(np.concatenate(texts), np.array(list(map(len, texts))))


@pytest.mark.parametrize("most", [1, 3, 1024])
@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_each_sequence_is_scored_as_by_itself(
    config: RnnConfig, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of any lengths, with ENDs inside, alike or alike at first."""
    monkeypatch.setattr(sequences, "MOST", most)
    model = network(config, END)
    first = drawn([40])[0]
    texts = [*drawn([0, 1, 1, 2, 3, 0, 70, 33, 32, 31, 5, 5]), *drawn([6] * 30, symbols=2)]
    texts += [first, first, first[:20], np.append(first[:20], np.int32(3)), first[:1]]
    expected = np.concatenate([model.score(text)[0] for text in texts])
    np.testing.assert_allclose(together(model, texts), expected, rtol=1e-6, atol=1e-6)


def test_what_sequences_share_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    unroll = Scorer.unroll

    def counting(self: Scorer, block: Ids) -> Pass:
        read.append(block.size)
        return unroll(self, block)

    monkeypatch.setattr(Scorer, "unroll", counting)
    model = network(CONFIGS[0])
    texts = [np.array(list(map(int, f"{i:03b}")), np.int32) for i in range(8)] * 50
    together(model, texts)
    assert sum(read) == 2 + 4  # the last symbol is only predicted
    read.clear()
    apart = [np.array([i, *drawn([20])[0]], np.int32) for i in range(8)]
    together(model, apart)
    assert sum(read) == 8 * 21


def test_sequences_that_are_at_their_end_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lengths from 1 to 100, all apart from the first symbol: little is read for nothing."""
    read: list[int] = []
    unroll = Scorer.unroll

    def counting(self: Scorer, block: Ids) -> Pass:
        read.append(block.size)
        return unroll(self, block)

    monkeypatch.setattr(Scorer, "unroll", counting)
    model = network(CONFIGS[0])
    texts = drawn(list(range(1, 101)))
    together(model, texts)
    assert sum(read) < 1.3 * sum(map(len, texts))


def test_what_fills_up_is_never_judged() -> None:
    """A network that would grow without end on other symbols than its own texts'."""
    config = RnnConfig(activation="linear", hidden=4)
    model = network(config)
    parameters = {name: np.zeros_like(array) for name, array in model.parameters.items()}
    parameters["W"] += 2 * np.eye(4, dtype=np.float32)
    parameters["U"][:, 1] = 1e38
    wild = RnnModel(config, V, None, 0.01, parameters)
    texts = [np.full(1, 1, np.int32), *(text % 7 + 2 for text in drawn(list(range(40, 90))))]
    assert np.isfinite(together(wild, texts)).all()
