"""What pruning did: n-grams, bytes and bits, before and after."""

from charlm.api.pruning import cost
from charlm.cli.console import say
from charlm.evaluation.bits import Evaluation
from charlm.ngram.model import NgramModel
from charlm.ngram.ranges.resources import Resources
from charlm.progress import Report
from charlm.text.training_set import TrainingSet


def tell(pruned: NgramModel, data: TrainingSet, using: Resources, report: Report) -> None:
    """Compare with the whole model, which is trained once more for that; it takes a second time."""
    found = cost(pruned, data, using, report)
    before, after = sum(found.whole.ngrams), sum(pruned.ngrams)
    sizes = f"{_size(found.whole):z.1f} MB before, {_size(pruned):z.1f} MB after"
    say(f"Pruned {before - after:,} of {before:,} n-grams: {sizes}.")
    where = "Held-out text"
    if found.sample is not None:
        where = f"First {found.sample:,} symbols of the training text"
    say(f"{where}: {_bits(found.before)} before pruning, {_bits(found.after)} after.")


def _size(model: NgramModel) -> float:
    return sum(array.nbytes for array in model.arrays().values()) / 1e6


def _bits(evaluation: Evaluation) -> str:
    return f"{evaluation.bits_per_unit:z.3f} bits/{evaluation.unit}"
