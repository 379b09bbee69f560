"""Segments side by side must give what one reading from the start gives."""

import os
from threading import Barrier
from typing import Any

import numpy as np
import pytest

from charlm.arrays import Ids
from charlm.rnn import scoring
from charlm.rnn.config import RnnConfig
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import get
from charlm.rnn.scoring import Scorer

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


@pytest.mark.parametrize(
    ("activation", "gain", "rounds", "alone"),
    [("tanh", 0.5, 0, False), ("linear", 1.0, 1, True), ("linear", 1.0, 4, False)],
)
@pytest.mark.parametrize("end", [None, 5])
def test_segments_change_nothing(
    activation: str,
    gain: float,
    rounds: int,
    alone: bool,
    end: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A network that forgets is read once; one that never does, again, at last alone.

    After as many rounds as there are segments nothing can differ. Without forgetting, float32
    rounding adds up over the text, in all readings alike.
    """
    single = Scorer.score_one
    calls: list[int] = []

    def counted(*arguments: Any) -> object:
        calls.append(1)
        return single(*arguments)

    network = model(gain, activation, end)
    ids = np.random.default_rng(4).integers(1, V, 2600).astype(np.int32)
    if activation == "linear":
        ids[ids == end] = 1  # no sequence ends, or its start would heal the state
    initial = network.initial_state()
    expected, expected_state = single(scorer(network), network.inputs(ids), ids, initial)
    monkeypatch.setattr(Scorer, "score_one", counted)
    monkeypatch.setattr(scoring, "ROUNDS", rounds)
    scored, state = network.score(ids)
    np.testing.assert_allclose(
        scored, expected, rtol=0, atol=1e-3 if activation == "linear" else 1e-5
    )
    np.testing.assert_allclose(state[0], expected_state[0], rtol=1e-3, atol=1e-4)
    assert (len(calls) > 1) == alone  # the tail is always read alone


def test_a_state_that_misses_by_little_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One part in a thousand is rounding to nobody."""
    network = model(1.0, "linear")
    monkeypatch.setattr(scoring, "WARM_UP", 500)  # of segments of 650 symbols
    ids = np.ones(2600, np.int32)
    ids[:150] = 2  # what segment 1 does not see in its warm-up
    network.parameters["U"][:] *= 1e-3
    expected, _ = scorer(network).score_one(ids, ids, network.initial_state())
    np.testing.assert_allclose(network.score(ids)[0], expected, rtol=0, atol=1e-5)


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
def test_threads_change_nothing(
    config: RnnConfig, groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread a group, of 5 segments; those of a window's network never read anew."""
    arrays = get(V, config).initialize(np.random.default_rng(3))
    parameters = {name: array.astype(np.float32) for name, array in arrays.items()}
    network = RnnModel(config, V, None, 0.01, parameters)
    ids = np.random.default_rng(4).integers(0, V, 2600).astype(np.int32)
    expected, after = scorer(network).score_one(ids, ids, network.initial_state())
    monkeypatch.setattr(scoring, "GROUPS", groups)
    scored, state = network.score(ids)
    np.testing.assert_allclose(scored, expected, rtol=0, atol=1e-4)
    for part, expected_part in zip(state, after, strict=True):
        np.testing.assert_allclose(part, expected_part, rtol=0, atol=1e-4)


def test_groups_are_read_by_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits for the other: one alone would wait for ever."""
    both = Barrier(2, timeout=30)
    block = Scorer._score_block

    def waiting(self: Scorer, inputs: Ids, *rest: Any) -> Any:
        if inputs.shape[1] > 1:
            both.wait()
        return block(self, inputs, *rest)

    monkeypatch.setattr(Scorer, "_score_block", waiting)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    ids = np.random.default_rng(4).integers(1, V, 2600).astype(np.int32)
    assert np.isfinite(model(0.5).score(ids)[0]).all()
