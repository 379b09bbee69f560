"""Fine-tuning: a trained network as the start of another training.

Its shape stays, and so do its symbols and the way in which texts become symbols. Symbols of the new
texts that it lacks are added (`rnn/training/growth.py`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from charlm import storage
from charlm.api.wording import OptionName
from charlm.arrays import Holder
from charlm.errors import UsageError
from charlm.rnn.model import RnnModel
from charlm.rnn.training.growth import grow
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.trained import Record, TrainedModel


@dataclass(frozen=True, eq=False, repr=False)
class InitialModel(Holder):
    """The model that a training starts from; `sha256` is that of its file."""

    name: str
    model: RnnModel
    tokenizer: Tokenizer
    record: Record
    sha256: str
    option: OptionName = str

    @classmethod
    def of(cls, trained: TrainedModel) -> Self:
        """Take a model at hand.

        Raises:
            UsageError: it is no recurrent network.
        """
        name = "the initial model"
        return cls(name, *_parts(name, trained), storage.fingerprint(trained))

    @classmethod
    def load(cls, name: str, option: OptionName) -> Self:
        """Open a model file.

        Raises:
            ModelFileError: it cannot be read.
            UsageError: it is no recurrent network.
        """
        parts = _parts(name, storage.load(name))
        return cls(name, *parts, sha256(Path(name).read_bytes()).hexdigest(), option)

    def shape(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the shape of the network by field.

        Raises:
            UsageError: another one was asked for.
        """
        return self._kept(asdict(self.model.config), asked)

    def policy(self, asked: Mapping[str, Any]) -> TextPolicy:
        """Return how texts become symbols.

        Raises:
            UsageError: another way was asked for.
        """
        return TextPolicy(**self._kept(asdict(self.tokenizer.policy), asked))

    def added(self, tokenizer: Tokenizer) -> int:
        """Return how many symbols another tokenizer knows besides."""
        return tokenizer.vocab_size - self.tokenizer.vocab_size

    def over(self, tokenizer: Tokenizer) -> RnnModel:
        """Return the network over the symbols of a tokenizer that knows as much or more."""
        return grow(self.model, self.tokenizer.ids_in(tokenizer), tokenizer.vocab_size)

    def recorded(self, record: Record) -> Record:
        """Add where the parameters come from, and what they were trained on before."""
        texts = record.texts or ()
        older = tuple(text for text in self.record.texts or () if text not in texts)
        return replace(record, texts=texts + older, init_from=self.sha256)

    def _kept(self, values: dict[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return values that stay as they are, if no others were asked for."""
        for name, value in values.items():
            if asked.get(name, value) != value:
                raise UsageError(
                    f"{self.name} has {self.option(name)} {value}; leave the option out"
                )
        return values


def _parts(name: str, trained: TrainedModel) -> tuple[RnnModel, Tokenizer, Record]:
    if not isinstance(trained.model, RnnModel):
        raise UsageError(f"{name}: only a recurrent network can be trained on")
    return trained.model, trained.tokenizer, trained.record
