"""The text that `charlm mix` learns weights on: one that no model was trained on.

It is a file of its own, or the part that the models held out of the text they were trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from charlm.api.mixing import shared_held_out
from charlm.cli.console import say
from charlm.cli.files import warn_if_seen
from charlm.cli.wording import option
from charlm.text import corpus
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding, decode
from charlm.text.rows import RowOptions
from charlm.trained import TrainedModel

Models = dict[str, TrainedModel]

SEEN = "its weight is too large. Tune on a text that no model has seen, or on what they --held-out."


@dataclass(frozen=True)
class TuningText:
    """Texts, and the documents that they are of."""

    documents: Sequence[Document]
    texts: Sequence[str]


def read(models: Models, names: Sequence[str], rows: RowOptions, decoding: Decoding) -> TuningText:
    """Read files, and warn where a model has seen one."""
    documents = corpus.read(names, note=say, options=rows)
    for name, model in models.items():
        warn_if_seen(name, model, documents, SEEN)
    unit = next(iter(models.values())).tokenizer.unit
    return TuningText(documents, [text for d in documents for text in decode(d, unit, decoding)])


def held_out(models: Models, names: Sequence[str], rows: RowOptions) -> TuningText:
    """Find what models held out of these texts; errors as `shared_held_out`."""
    documents = corpus.read(names, note=say, options=rows)
    return TuningText(documents, shared_held_out(models, documents, option))
