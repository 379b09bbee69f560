"""A trained model: the model, its tokenizer, and the record of its training.

It is what all consumers take: evaluation, sampling, coding, surprisal and the commands. Where it
comes from, a file or a training a moment ago, none of them asks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np

from charlm.arrays import Holder
from charlm.model import Reader, StorableModel
from charlm.text.corpus import ERRORS, Document, Fingerprint
from charlm.text.decoding import Decoding
from charlm.text.holdout import HoldOut
from charlm.text.tokenizer import Tokenizer
from charlm.text.training_set import TrainingSet
from charlm.version import __version__

Fingerprints = tuple[Fingerprint, ...]
WIDTH, LARGEST = 9, 1e9  # of such a table: bytes, mean, spread and six limits
TypicalRows = tuple[tuple[float, ...], ...]  # by length (`evaluation/open_set.py`)


@dataclass(frozen=True)
class Record:
    """What a model file says of the training; None where it says nothing.

    Texts have fingerprints, never names or places. `texts` are all that the model has seen,
    `valid` those that were held out whole, `tuning` those that a mixture's weights were learnt on,
    with the records of its `members`. `init_from` is the fingerprint of the model that a training
    went on from; `stopped_after` the step after which one was stopped, `seconds` what it took
    until then. `largest_sum` is what probabilities of an imported model add up to, where that is
    more than 1 (`ngram/arpa/excess.py`). `typical` is what held-out text of its kind costs, by
    length (`evaluation/open_set.py`). `more` holds the plan of a network's training
    (`rnn/training/plan.py`), and whatever newer versions of charlm say.
    """

    texts: Fingerprints | None = None
    valid: Fingerprints | None = None
    valid_fraction: float | None = None
    seed: int | None = None
    encoding: str | None = None
    errors: str | None = None
    symbols: int | None = None
    held_out_symbols: int | None = None
    init_from: str | None = None
    stopped_after: int | None = None
    seconds: float | None = None
    largest_sum: float | None = None
    tuning: Fingerprints | None = None
    tuning_symbols: int | None = None
    members: tuple["Record", ...] | None = None
    typical: TypicalRows | None = None
    charlm: str | None = None
    numpy: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, data: TrainingSet, more: Mapping[str, Any] | None = None) -> Self:
        """Return the record of a training on this data; `more` is said besides."""
        held_out = data.hold_out
        return cls(
            texts=data.texts,
            valid=data.valid,
            valid_fraction=held_out.fraction,
            seed=held_out.seed,
            encoding=held_out.decoding.encoding,
            errors=held_out.decoding.errors,
            symbols=data.symbols,
            held_out_symbols=sum(map(len, data.held_out_ids)),
            more=more or {},
            charlm=__version__,
            numpy=np.__version__,
        )

    @classmethod
    def of_mixture(cls, members: Iterable[Self], tuning: Fingerprints, symbols: int) -> Self:
        """Return the record of a mixture, tuned on texts of so many symbols."""
        records = tuple(members)
        read = [text for record in records for text in record.texts or ()]
        seen = {text.sha256: text for text in (*read, *tuning)}
        return cls(
            texts=tuple(seen.values()),
            tuning=tuning,
            tuning_symbols=symbols,
            members=records,
            charlm=__version__,
            numpy=np.__version__,
        )

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> Self:
        """Read what `to_json` gives.

        Raises:
            TypeError, ValueError: a value is none of its kind.
        """
        names = [one.name for one in fields(cls) if one.name in known and one.name != "more"]
        values = {name: _value(name, known[name]) for name in names}
        return cls(**values, more={name: known[name] for name in known if name not in values})

    def to_json(self) -> dict[str, Any]:
        """Return all that it says, by name."""
        said = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "more"}
        said = {name: _plain(value) for name, value in said.items() if value is not None}
        return dict(sorted({**said, **self.more}.items()))

    def has_seen(self, document: Document) -> bool:
        """Tell whether a model was trained on a text, or a mixture tuned on it."""
        return document.sha256 in {text.sha256 for text in self.texts or ()}

    def held_out_of(self, documents: Iterable[Document]) -> HoldOut | None:
        """Return which part of just these texts was held out; None if none was."""
        texts = tuple(document.fingerprint for document in documents)
        if self.texts != texts or self.errors not in ERRORS or not self.valid_fraction:
            return None
        if self.seed is None or self.seed < 0:
            return None
        decoding = Decoding(str(self.encoding), self.errors)
        return HoldOut(self.valid_fraction, self.seed, decoding)

    @property
    def excess(self) -> float | None:
        """The largest sum of probabilities above 1, its own or that of a member."""
        sums = [self.largest_sum, *(record.excess for record in self.members or ())]
        return max(filter(None, sums), default=None)


_TEXTS = {"texts", "valid", "tuning"}
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("seed", "symbols", "held_out_symbols"), int),
    **dict.fromkeys(("stopped_after", "tuning_symbols"), int),
    **dict.fromkeys(("encoding", "errors", "init_from", "charlm", "numpy"), str),
    **dict.fromkeys(("valid_fraction", "seconds", "largest_sum"), (int, float)),
}


def _value(name: str, value: Any) -> Any:
    """Read one value of a record."""
    if name in _TEXTS:
        return tuple(map(_fingerprint, value))
    if name == "members":
        return tuple(map(Record.from_json, value))
    if name == "typical":
        return _rows(value)
    if isinstance(value, bool) or not isinstance(value, _TYPES[name]):
        raise TypeError(f"{name} is {value!r}")
    return value


def _rows(value: Any) -> TypicalRows:
    """Read a table of numbers, which have bounds and are of one width."""
    rows = tuple(tuple(map(float, row)) for row in value)
    numbers = [number for row in rows for number in row]
    whole = rows and len({len(row) for row in rows}) == 1 and len(rows[0]) == WIDTH
    if not whole or not all(abs(number) < LARGEST for number in numbers):
        raise ValueError("what is typical is no table")
    if any(row[0] <= 0 or row[2] <= 0 for row in rows) or sorted(rows) != list(rows):
        raise ValueError("what is typical is of no length")
    return rows


def _fingerprint(text: Any) -> Fingerprint:
    sha256, size = text["sha256"], text.get("bytes", 0)
    if not isinstance(sha256, str) or not isinstance(size, int):
        raise TypeError(f"a text is {text!r}")
    return Fingerprint(sha256, size)


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if not isinstance(value, tuple):
        return value
    return list(map(_plain_part, value))


def _plain_part(one: Any) -> Any:
    if isinstance(one, Record):
        return one.to_json()
    return list(one) if type(one) is tuple else {"bytes": one.bytes, "sha256": one.sha256}


@dataclass(frozen=True, eq=False, repr=False)
class TrainedModel(Holder):
    """A model with what belongs to it."""

    model: StorableModel
    tokenizer: Tokenizer
    record: Record = field(default_factory=Record)

    def changes(self, errors: str = "strict") -> str:
        """Return what alters texts before they are scored; empty where nothing does.

        Bits of an altered text are not comparable with others. `errors` says what decoding did
        with bytes that are not valid.
        """
        policy = self.tokenizer.policy
        lowercase = "lowercase" if policy.lowercase else None
        replaced = f"errors={errors}" if errors != "strict" else None
        return "+".join(filter(None, [policy.normalize, lowercase, replaced]))

    def signature(self, errors: str = "strict", reader: Reader | None = None) -> str:
        """Return all that decides a figure: model, what learns, unit, policies and version.

        Figures of equal signatures can be compared (after Post 2018).
        """
        policy = self.tokenizer.policy
        parts = {
            "kind": self.model.kind,
            **self.model.describe(),
            **(reader.describe() if reader else {}),
            "unit": policy.unit,
            "unknown": "none" if self.tokenizer.unit.alphabet else "spelt",
            "sequence": policy.sequence,
        }
        if policy.drops_cr:
            parts["newlines"] = policy.newlines
        if policy.min_count > 1:
            parts["min-count"] = str(policy.min_count)
        excess = self.record.excess
        reasons = [self.changes(errors), "" if excess is None else f"sums-to-{excess:.3g}"]
        if any(reasons):
            parts["not-comparable"] = "+".join(filter(None, reasons))
        parts["version"] = __version__
        return "|".join(f"{key}:{value}" for key, value in parts.items())
