"""What is swept: settings, each of which is trained once, or by several seeds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, TypeAlias

from charlm.api.network_training import configured
from charlm.api.training import UNPRUNED
from charlm.errors import UsageError
from charlm.ngram.config import NgramConfig
from charlm.ngram.smoothing import registry
from charlm.rnn import networks
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.presets import DEFAULT

Options: TypeAlias = tuple[tuple[str, Any], ...]  # names and values, in the order of the sweep

NGRAM: Final = ("order", "smoothing", "discounts")
NETWORK: Final = (
    "preset", "pattern", "cell", "hidden", "layers", "dropout", "learning_rate", "steps",
    "max_seconds",
)  # fmt: skip
ORDERS: Final = tuple(range(9))  # where nothing else is swept


@dataclass(frozen=True)
class Setting:
    """A kind of model, and the options that were given for it; others are as usual."""

    kind: str  # ngram or rnn
    options: Options

    def __str__(self) -> str:
        named = (_named(name, value) for name, value in self.options)
        return " ".join([self.kind, *named])

    @property
    def ngram(self) -> NgramConfig:
        """The configuration of an n-gram model.

        Raises:
            UsageError: a value is impossible.
        """
        return NgramConfig(prune=UNPRUNED, **dict(self.options))

    def network(self, seed: int) -> tuple[RnnConfig, TrainingConfig]:
        """Return the configurations of a network.

        Raises:
            UsageError: a value is impossible.
        """
        asked = dict(self.options)
        return configured(asked.pop("preset", DEFAULT), {**asked, "seed": seed}, None)


@dataclass(frozen=True)
class Run:
    """A setting trained by a seed; n-gram models have none, so theirs is 0."""

    setting: Setting
    seed: int

    def __str__(self) -> str:
        return str(self.setting) + (f" seed {self.seed}" if self.setting.kind == "rnn" else "")

    @property
    def name(self) -> str:
        """What its files are called, without their endings."""
        return str(self).replace(" ", "-")


def settings_of(swept: Mapping[str, Sequence[Any]]) -> list[Setting]:
    """Return every combination of the values, n-gram models first.

    Networks are swept where an option of theirs is given, n-gram models where one of theirs is, or
    none at all.

    Raises:
        UsageError: a value is impossible, or there is no such option.
    """
    if unknown := [name for name in swept if name not in (*NGRAM, *NETWORK)]:
        raise UsageError(f"{unknown[0]} cannot be swept; {', '.join((*NGRAM, *NETWORK))} can")
    given = {name: _distinct(values) for name, values in swept.items() if len(values)}
    if not given:
        given = {"order": ORDERS}
    found = [Setting("ngram", options) for options in _combined(given, NGRAM)]
    found += [Setting("rnn", options) for options in _combined(given, NETWORK)]
    for setting in found:
        _check(setting)
    return found


def runs_of(settings: Iterable[Setting], seeds: int) -> list[Run]:
    """Return the trainings, those of networks by seeds from 0."""
    return [
        Run(setting, seed)
        for setting in settings
        for seed in range(seeds if setting.kind == "rnn" else 1)
    ]


def _combined(given: Mapping[str, Sequence[Any]], names: Sequence[str]) -> Iterator[Options]:
    own = [name for name in names if name in given]
    if own:
        for values in product(*(given[name] for name in own)):
            yield tuple(zip(own, values, strict=True))


def _distinct(values: Sequence[Any]) -> Sequence[Any]:
    return tuple(dict.fromkeys(values))


def _named(name: str, value: Any) -> str:
    """Return what tells a value from others; names, as that of a cell, stand for themselves."""
    word = "max-time" if name == "max_seconds" else name.replace("_", "-")
    return value if isinstance(value, str) else f"{word} {value:g}"


def _check(setting: Setting) -> None:
    if setting.kind == "ngram":
        registry.get(setting.ngram.smoothing)
    else:
        networks.get(2, setting.network(0)[0])
