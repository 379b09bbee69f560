"""Presets: every value is one of a configuration's fields, and what is asked for comes first."""

import pytest

from charlm.errors import UsageError
from charlm.rnn import networks
from charlm.rnn.presets import DEFAULT, PRESETS, SHAPE, TRAINING, configure, default


@pytest.mark.parametrize("name", PRESETS)
def test_presets_make_networks(name: str) -> None:
    assert PRESETS[name].keys() <= {*SHAPE, *TRAINING}
    config, training = configure(name, {})
    assert networks.get(5, config).shapes()
    for field, value in PRESETS[name].items():
        assert getattr(config if field in SHAPE else training, field) == value


def test_presets_grow() -> None:
    work = [preset["work"] for preset in PRESETS.values()]
    hidden = [preset["hidden"] for preset in PRESETS.values()]
    assert (work, hidden) == (sorted(work), sorted(hidden))


def test_what_is_asked_for_comes_first() -> None:
    config, training = configure("large", {"hidden": 9, "cell": "lstm", "dropout": 0.5})
    assert (config.hidden, config.cell, training.dropout) == (9, "lstm", 0.5)
    assert training.work == PRESETS["large"]["work"]


def test_another_optimizer_has_its_own_rate() -> None:
    """Those of a preset are for AdamW."""
    assert configure("medium", {})[1].learning_rate == PRESETS["medium"]["learning_rate"]
    _, training = configure("medium", {"optimizer": "sgd", "weight_decay": 0.5})
    assert (training.learning_rate, training.weight_decay) == (None, 0.5)


@pytest.mark.parametrize(
    ("asked", "cell"),
    [
        ({"pattern": "output"}, "elman"),
        ({"activation": "relu"}, "elman"),
        ({"activation": "tanh"}, default("cell")),
        ({"pattern": "output", "cell": "gru"}, "gru"),  # refused by the network, by name
    ],
)
def test_the_cell_suits_what_is_asked_for(asked: dict[str, str], cell: str) -> None:
    assert configure(DEFAULT, asked)[0].cell == cell


def test_defaults_shown_are_those_taken() -> None:
    config, training = configure(DEFAULT, {})
    for name in (*SHAPE, *TRAINING):
        assert default(name) == getattr(config if name in SHAPE else training, name)


def test_unknown_presets_list_those_there_are() -> None:
    with pytest.raises(UsageError, match="unknown preset 'huge'; there are tiny, small, medium"):
        configure("huge", {})
