"""Models that know what is typical of their kind of text, from what was held out."""

from collections.abc import Sequence
from dataclasses import replace

from charlm.errors import Advice, TextError, UsageError
from charlm.evaluation.open_set import Typical, typical
from charlm.trained import TrainedModel


def calibrated(trained: TrainedModel, held_out: Sequence[str]) -> TrainedModel:
    """Return a model with the record of what held-out text costs it; itself where that is short."""
    found = typical(trained, held_out) if any(held_out) else None
    if found is None:
        return trained
    return replace(trained, record=replace(trained.record, typical=found.rows))


def known(name: str, trained: TrainedModel) -> Typical:
    """Return what a model knows to be typical of its kind.

    Raises:
        UsageError: it knows nothing of that.
    """
    if trained.record.typical is None:
        raise UsageError(f"{name}: does not know what is typical of its kind", Advice.HOLD_OUT)
    return Typical.of(trained.record.typical)


def learnt(name: str, trained: TrainedModel, held_out: Sequence[str]) -> Typical:
    """Return what is typical of held-out text, decoded as the model's unit wants it.

    Raises:
        TextError: it is too short.
    """
    found = typical(trained, held_out)
    if found is None:
        raise TextError(f"{name}: is too short to say what is typical; give some thousand letters")
    return found
