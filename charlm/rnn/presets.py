"""Presets: four sizes of network, from some seconds to an hour of training on two cores.

A preset is values for fields of the two configurations, by name; what is asked for besides comes
before it. Nothing here imports NumPy, so that the command line's help can show the values.
"""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final

from charlm.errors import UsageError
from charlm.rnn.config import RnnConfig, TrainingConfig

DEFAULT: Final = "small"

TWO_LAYERS: dict[str, Any] = {"cell": "gru", "layers": 2, "batch": 64, "weight_decay": 0.15}
PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        name: MappingProxyType(values)
        for name, values in {
            "tiny": {"cell": "gru", "hidden": 128, "work": 5e11},
            "small": {"cell": "gru", "hidden": 256, "work": 7e12},
            "medium": TWO_LAYERS
            | {"hidden": 384, "dropout": 0.2, "learning_rate": 5e-3, "work": 7e13},
            "large": TWO_LAYERS
            | {"hidden": 768, "dropout": 0.3, "learning_rate": 2.5e-3, "work": 4e14},
        }.items()
    }
)
FOR_ADAMW = ("learning_rate", "weight_decay")
SHAPE = tuple(field.name for field in fields(RnnConfig))
TRAINING = tuple(field.name for field in fields(TrainingConfig))


def configure(preset: str, asked: Mapping[str, Any]) -> tuple[RnnConfig, TrainingConfig]:
    """Return the configurations of a preset, with what was asked for in its place.

    A pattern or an activation that only the elman cell has chooses that cell, unless a cell was
    asked for.

    Raises:
        UsageError: there is no such preset, or a value is out of its range.
    """
    if preset not in PRESETS:
        raise UsageError(f"unknown preset {preset!r}; there are {', '.join(PRESETS)}")
    values = {**PRESETS[preset], **asked}
    if asked.get("optimizer", "adamw") != "adamw":
        values = {n: v for n, v in values.items() if n in asked or n not in FOR_ADAMW}
    only_elman = values.get("pattern") == "output" or values.get("activation", "tanh") != "tanh"
    if only_elman and "cell" not in asked:
        values["cell"] = "elman"
    return (
        RnnConfig(**{name: values[name] for name in SHAPE if name in values}),
        TrainingConfig(**{name: values[name] for name in TRAINING if name in values}),
    )


def default(name: str) -> Any:
    """Return what a field is where nothing is asked for."""
    ours = {
        field.name: field.default for kind in (RnnConfig, TrainingConfig) for field in fields(kind)
    }
    return PRESETS[DEFAULT].get(name, ours[name])
