"""The text that `charlm mix` learns weights on: one that no model was trained on.

It is a file of its own, or the part that the models held out of the text they were trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from charlm.cli.console import say, warn
from charlm.errors import UsageError

if TYPE_CHECKING:
    from charlm.text.corpus import Document
    from charlm.trained import TrainedModel

Models = dict[str, "TrainedModel"]
SAME = "train them with the same --valid-fraction"


@dataclass(frozen=True)
class TuningText:
    """Texts, and the documents that they are of."""

    documents: Sequence["Document"]
    texts: Sequence[str]


def read(models: Models, names: Sequence[str], encoding: str, errors: str) -> TuningText:
    """Read files, and warn where a model has seen one."""
    from charlm.text import corpus, units

    documents = corpus.read(names, note=say)
    for name, model in models.items():
        for document in documents:
            if model.record.has_seen(document):
                warn(
                    f"{name} was trained on {document.name}; its weight is too large. "
                    "Tune on a text that no model has seen, or on what they --held-out."
                )
    unit = units.get(_first(models).tokenizer.policy.unit)
    return TuningText(documents, [d.text(unit, encoding, errors) for d in documents])


def held_out(models: Models, names: Sequence[str]) -> TuningText:
    """Find what models held out of these texts; other texts than theirs are new to them anyway.

    Raises:
        UsageError: none was trained on them, one has seen all, or they held out different parts.
    """
    from charlm.text import corpus
    from charlm.text.training_set import HoldOut

    documents, policy = corpus.read(names, note=say), _first(models).tokenizer.policy
    named = ", ".join(names)
    parts: set[HoldOut] = set()
    for name, model in models.items():
        if not any(map(model.record.has_seen, documents)):
            continue
        part = model.record.held_out_of(documents)
        if part is None:
            raise UsageError(f"{name} has held nothing out of {named}; {SAME}")
        parts.add(part if policy.sequence == "line" else replace(part, seed=0))  # which draws lines
    if not parts:
        raise UsageError(f"no model was trained on {named}; give it as --tune")
    if len(parts) > 1:
        raise UsageError(f"the models held out different parts of {named}; {SAME} and --seed")
    return TuningText(documents, parts.pop().find(documents, policy))


def _first(models: Models) -> "TrainedModel":
    return next(iter(models.values()))
