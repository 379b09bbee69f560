"""What pruning costs: an n-gram model beside the whole one that it was made from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from charlm.api.ngram_training import fit
from charlm.arrays import Holder, Ids
from charlm.evaluation.bits import Evaluation
from charlm.evaluation.documents import evaluate_all
from charlm.ngram.model import NgramModel
from charlm.ngram.ranges.resources import Resources
from charlm.progress import Report, silent
from charlm.text.training_set import TrainingSet
from charlm.trained import TrainedModel

SAMPLE = 1_000_000  # symbols of the training text, where nothing is held out


@dataclass(frozen=True, eq=False, repr=False)
class PruningCost(Holder):
    """Both models, and what each needs for the same text.

    That is the held-out text, or where there is none so many symbols (`sample`) of the beginning of
    the training text.
    """

    whole: NgramModel
    pruned: NgramModel
    sample: int | None
    before: Evaluation
    after: Evaluation


def cost(
    pruned: NgramModel, data: TrainingSet, using: Resources, report: Report = silent
) -> PruningCost:
    """Train the whole model, which takes as long as the pruned one took, and judge both."""
    using = replace(using, folder=using.folder / "whole", resume=False)
    whole = fit(data, replace(pruned.config, prune=()), report, using).model
    assert isinstance(whole, NgramModel)
    texts, sample = data.held_out, None
    if not texts:
        beginnings = _beginnings(data.train)
        texts = tuple(data.tokenizer.decode(ids.tolist()) for ids in beginnings)
        sample = sum(map(len, beginnings))
    before, after = (
        evaluate_all(TrainedModel(model, data.tokenizer), texts) for model in (whole, pruned)
    )
    return PruningCost(whole, pruned, sample, before, after)


def _beginnings(streams: Iterable[Ids]) -> list[Ids]:
    """Return what the sample has of each stream."""
    found, left = list[Ids](), SAMPLE
    for ids in streams:
        if left and len(ids):
            found.append(ids[:left])
            left -= len(found[-1])
    return found
