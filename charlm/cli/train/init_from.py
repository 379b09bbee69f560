"""`--init-from`: a trained network as the start of another training."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click
from click.core import ParameterSource

from charlm.cli.console import say
from charlm.errors import UsageError

if TYPE_CHECKING:
    from charlm.cli.train.request import Request
    from charlm.rnn.model import RnnModel
    from charlm.text.corpus import Fingerprint
    from charlm.text.tokenizer import Tokenizer
    from charlm.trained import Record


@dataclass(frozen=True)
class Base:
    """The model that is trained on: its shape stays, and so do its symbols and its policy."""

    name: str
    model: "RnnModel"
    tokenizer: "Tokenizer"
    texts: tuple["Fingerprint", ...]  # what it was trained on
    sha256: str

    @classmethod
    def load(cls, name: str) -> Self:
        """Open the model file.

        Raises:
            ModelFileError: it cannot be read.
            UsageError: it is no recurrent network.
        """
        from charlm import storage
        from charlm.rnn.model import RnnModel

        trained = storage.load(name)
        if not isinstance(trained.model, RnnModel):
            raise UsageError(f"{name}: only a recurrent network can be trained on")
        sha256 = hashlib.sha256(Path(name).read_bytes()).hexdigest()
        texts = trained.record.texts or ()
        return cls(name, trained.model, trained.tokenizer, texts, sha256)

    def shape(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Give the shape of the network, if nothing else was asked for."""
        shape = asdict(self.model.config)
        for name, value in shape.items():
            if asked.get(name, value) != value:
                self._refuse(name, value)
        return shape

    def adapt(self, request: "Request") -> "Request":
        """Have the texts treated as those of the model were, if nothing else was asked for."""
        policy = asdict(self.tokenizer.policy)
        source = click.get_current_context().get_parameter_source
        for name, value in policy.items():
            asked = source(name) not in (None, ParameterSource.DEFAULT)
            if asked and getattr(request, name) != value:
                self._refuse(name, value)
        return replace(request, **policy)

    def over(self, tokenizer: "Tokenizer") -> "RnnModel":
        """Return the model over the symbols that its text has besides; say how many."""
        from charlm.rnn.training.growth import grow

        if added := tokenizer.vocab_size - self.tokenizer.vocab_size:
            symbols = "symbol" if added == 1 else "symbols"
            say(f"Added {added:,} {symbols} of the text that {self.name} lacks.")
        return grow(self.model, self.tokenizer.ids_in(tokenizer), tokenizer.vocab_size)

    def record(self, record: "Record") -> "Record":
        """Add where the parameters come from, and what they were trained on before."""
        older = tuple(text for text in self.texts if text not in (record.texts or ()))
        return replace(record, texts=(record.texts or ()) + older, init_from=self.sha256)

    def _refuse(self, name: str, value: Any) -> None:
        option = f"--{name.replace('_', '-')}"
        raise UsageError(f"{self.name} has {option} {value}; leave the option out")
