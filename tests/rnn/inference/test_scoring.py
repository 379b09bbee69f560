"""Segments side by side must give what one reading from the start gives."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from charlm.arrays import Ids, Integers
from charlm.model import StaticReader, stepwise
from charlm.parallel import cores, processes
from charlm.parallel.processes import AVAILABLE, shared
from charlm.rnn.config import RnnConfig
from charlm.rnn.inference import scoring, segments
from charlm.rnn.inference.scoring import Distributor, Scorer
from charlm.rnn.inference.segments import Differing, Read, Segments, Streams
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import State, get
from tests.support.models import configurations

V, H = 6, 16


def model(gain: float, activation: str = "tanh", end: int | None = None) -> RnnModel:
    """A random network whose recurrent matrix has all singular values at `gain`."""
    config = RnnConfig(hidden=H, activation=activation)
    arrays = get(V, config).initialize(np.random.default_rng(3))
    arrays["W"] *= gain
    arrays["U"] *= 0.02
    parameters = {name: array.astype(np.float32) for name, array in arrays.items()}
    return RnnModel(config, V, end, 0.01, parameters)


def scorer(model: RnnModel) -> Scorer:
    return Scorer(model.network, model.parameters, model.reserve)


def readings(monkeypatch: pytest.MonkeyPatch, piece: int = 10_000) -> list[int]:
    """Note of each reading of a piece how many segments it is of."""
    monkeypatch.setattr(segments, "PIECE_STEPS", piece)
    widths: list[int] = []

    class Noted(Segments):
        def __init__(self, length: int, read: Read, differing: Differing):
            def noted(pieces: Sequence[slice], streams: Streams, state: State) -> list[State]:
                widths.extend([len(streams)] * len(pieces))
                return read(pieces, streams, state)

            super().__init__(length, noted, differing)

    monkeypatch.setattr(scoring, "Segments", Noted)
    return widths


@pytest.mark.parametrize(
    ("activation", "gain", "rounds", "expected_widths"),
    [
        ("tanh", 0.5, 1, [5, 4]),
        ("linear", 1.0, 1, [5, 4, 1, 1, 1]),
        ("linear", 1.0, 4, [5, 4, 3, 2, 1]),
    ],
)
@pytest.mark.parametrize("end", [None, 5])
def test_segments_change_nothing(
    activation: str,
    gain: float,
    rounds: int,
    expected_widths: list[int],
    end: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A network that forgets is read twice at most; one that never does, at last alone.

    After as many rounds as there are segments nothing can differ. Without forgetting, float32
    rounding adds up over the text, in all readings alike.
    """
    network = model(gain, activation, end)
    ids = np.random.default_rng(4).integers(1, V, 2600).astype(np.int32)
    if activation == "linear":
        ids[ids == end] = 1  # no sequence ends, or its start would heal the state
    initial = network.initial_state()
    expected, expected_state = scorer(network).score_one(network.inputs(ids), ids, initial)
    widths = readings(monkeypatch)
    monkeypatch.setattr(scoring, "ROUNDS", rounds)
    scored, state = network.score(ids)
    np.testing.assert_allclose(
        scored, expected, rtol=0, atol=1e-3 if activation == "linear" else 1e-5
    )
    np.testing.assert_allclose(state[0], expected_state[0], rtol=1e-3, atol=1e-4)
    assert widths == expected_widths


def unit(cell: str, W: float, b: tuple[float, ...], U: dict[int, tuple[float, ...]]) -> RnnModel:
    """A network of one unit; U has what each gate takes from some symbols."""
    config = RnnConfig(cell=cell, hidden=1)
    arrays = get(V, config).initialize(np.random.default_rng(3))
    arrays["W"][:], arrays["b"][:], arrays["U"][:] = W, b, 0
    for symbol, column in U.items():
        arrays["U"][:, symbol] = column
    parameters = {name: array.astype(np.float32) for name, array in arrays.items()}
    return RnnModel(config, V, None, 0.01, parameters)


IDS = np.random.default_rng(4).integers(1, V, 4000).astype(np.int32)
OPEN, START = 30.0, V


def test_what_start_decides_for_good_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """tanh(3 h) has two resting points; from zero a segment would stay between them."""
    network, widths = unit("elman", 3.0, (0.0,), {START: (-5.0,)}), readings(monkeypatch)
    expected, _ = scorer(network).score_one(IDS, IDS, network.initial_state())
    np.testing.assert_allclose(network.score(IDS)[0], expected, rtol=0, atol=1e-5)
    assert widths == [7]


def test_a_count_that_shows_late_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """c falls to -30 and then rises slowly: tanh(c) is -1 for long, at last 1."""
    network = unit("lstm", 0.0, (OPEN, OPEN, OPEN, 0.012), {2: (0.0, 0.0, 0.0, -20.0)})
    ids = np.where(np.arange(len(IDS)) < 30, 2, 1).astype(np.int32)
    expected, state = scorer(network).score_one(ids, ids, network.initial_state())
    assert np.ptp(expected[50:]) > 0.1
    widths = readings(monkeypatch)
    scored, after = network.score(ids)
    np.testing.assert_allclose(scored, expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(after, state, rtol=0, atol=1e-4)
    assert len(widths) > 1


def test_reading_again_ends_where_nothing_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """h halves about every 7 symbols: within 200 nothing of a wrong start is left."""
    network = model(0.9, "linear")
    expected, _ = scorer(network).score_one(IDS, IDS, network.initial_state())
    widths = readings(monkeypatch, 200)
    np.testing.assert_allclose(network.score(IDS)[0], expected, rtol=0, atol=1e-5)
    assert widths == [7, 7, 7, 6]


def test_a_small_number_beside_a_large_one_is_compared_by_its_own_size() -> None:
    network = scorer(unit("lstm", 0.0, (OPEN,) * 4, {}))
    before = np.array([[500.0], [0.5]])
    assert network._differing((before,), (before * (1 + 1e-6),)).tolist() == []
    assert network._differing((before,), (before + np.array([[0], [1e-3]]),)).tolist() == [0]


def test_a_state_that_misses_by_little_is_read_again() -> None:
    """One part in a thousand is rounding to nobody."""
    network = model(1.0, "linear")
    ids = np.ones(2600, np.int32)
    ids[:150] = 2  # a little more than in what segments 1 to 3 read
    network.parameters["U"][:] *= 1e-3
    expected, _ = scorer(network).score_one(ids, ids, network.initial_state())
    np.testing.assert_allclose(network.score(ids)[0], expected, rtol=0, atol=1e-5)


LARGE = 120_000  # symbols: one part in 100,000 of such an id is more than one


@pytest.mark.parametrize("name", dict(configurations(3)))
def test_segments_change_nothing_where_the_vocabulary_is_large(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read whole, and symbol by symbol; neighbours in the vocabulary mean other things."""
    config = dict(configurations(3))[name]
    monkeypatch.setattr(scoring, "SHORTEST", 15)
    monkeypatch.setattr(scoring, "LEAD", 8)
    monkeypatch.setattr(segments, "PIECE_STEPS", 5)
    arrays = get(LARGE, config).initialize(np.random.default_rng(3))
    arrays["V"] *= 3
    parameters = {letter: array.astype(np.float32) for letter, array in arrays.items()}
    network = RnnModel(config, LARGE, None, 0.01, parameters)
    ids = LARGE - np.random.default_rng(4).integers(1, 3, 64).astype(np.int32)
    expected = stepwise(StaticReader(network), ids)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(network.score(ids)[0], expected, rtol=1e-5, atol=1e-4)


def test_outputs_are_made_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    network = model(0.5)
    ids = np.random.default_rng(4).integers(1, V, 300).astype(np.int32)
    whole, _ = network.score(ids)
    monkeypatch.setattr(scoring, "BLOCK_NUMBERS", 10)
    np.testing.assert_allclose(network.score(ids)[0], whole, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "config",
    [
        RnnConfig("window", "gru", hidden=H, context=7),
        RnnConfig("output", hidden=H, trace_decay=0.5),
        RnnConfig(cell="lstm", hidden=H, layers=2),
    ],
)
@pytest.mark.parametrize("groups", [1, 2, 5])
def test_workers_change_nothing(
    config: RnnConfig, groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One worker a group, of 5 segments."""
    arrays = get(V, config).initialize(np.random.default_rng(3))
    parameters = {name: array.astype(np.float32) for name, array in arrays.items()}
    network = RnnModel(config, V, None, 0.01, parameters)
    ids = np.random.default_rng(4).integers(0, V, 2600).astype(np.int32)
    expected, after = scorer(network).score_one(ids, ids, network.initial_state())
    monkeypatch.setattr(scoring, "GROUPS", groups)
    monkeypatch.setattr(cores, "usable", lambda: groups)
    monkeypatch.setattr(scoring, "WORTH_MORE", 0)
    scored, state = network.score(ids)
    np.testing.assert_allclose(scored, expected, rtol=0, atol=1e-4)
    for part, expected_part in zip(state, after, strict=True):
        np.testing.assert_allclose(part, expected_part, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    "config",
    [
        RnnConfig("window", "gru", hidden=H, context=7),
        RnnConfig("output", hidden=H, trace_decay=0.5),
        RnnConfig(cell="lstm", hidden=H, layers=2),
    ],
)
@pytest.mark.parametrize("kind", [Scorer, Distributor])
def test_workers_of_every_kind_give_the_same_bits(
    config: RnnConfig, kind: type[Scorer], monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = get(V, config).initialize(np.random.default_rng(3))
    parameters = {name: array.astype(np.float32) for name, array in arrays.items()}
    network = RnnModel(config, V, None, 0.01, parameters)
    ids = np.random.default_rng(4).integers(0, V, 2600).astype(np.int32)
    found = []
    for worth, available in ((10**9, True), (0, True), (0, False)):
        monkeypatch.setattr(scoring, "WORTH_MORE", worth)
        monkeypatch.setattr(processes, "AVAILABLE", available and AVAILABLE)
        made = kind(network.network, network.parameters, 0.01)
        scored, state = made.score(ids, ids, network.initial_state())
        found.append([scored.tobytes(), *(part.tobytes() for part in state)])
    assert found[0] == found[1] == found[2]


@pytest.mark.skipif(not AVAILABLE, reason="processes cannot be copied here")
@pytest.mark.parametrize("lengths", [None, np.full(26, 100)])
def test_a_long_text_is_scored_by_two_processes(
    lengths: Integers | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, symbols = os.getpid(), shared(2, np.int64)
    block = Scorer.score_block

    def counting(self: Scorer, inputs: Ids, *rest: Any) -> Any:
        symbols[int(os.getpid() != here)] += inputs.size
        return block(self, inputs, *rest)

    monkeypatch.setattr(Scorer, "score_block", counting)
    monkeypatch.setattr(scoring, "WORTH_MORE", 2600)
    monkeypatch.setattr(scoring, "SEGMENTS", 13)
    monkeypatch.setattr(cores, "usable", lambda: 2)
    ids = np.random.default_rng(4).integers(1, V, 2600).astype(np.int32)
    network = model(0.5)
    scored = network.score(ids)[0] if lengths is None else network.score_each(ids, lengths)
    assert np.isfinite(scored).all()
    assert symbols.sum() >= 2500  # the first symbols of sequences are read together
    assert symbols.min() >= 1000
