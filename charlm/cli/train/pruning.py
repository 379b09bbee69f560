"""What pruning did: n-grams, bytes and bits, before and after."""

from dataclasses import replace
from typing import TYPE_CHECKING

from charlm.cli.console import say
from charlm.text.training_set import TrainingSet

if TYPE_CHECKING:
    from charlm.ngram.counting.counts import Sequences
    from charlm.ngram.model import NgramModel
    from charlm.progress import Report

SAMPLE = 1_000_000  # symbols of the training text, where nothing is held out


def tell(model: "NgramModel", sequences: "Sequences", data: TrainingSet, report: "Report") -> None:
    """Compare with the whole model, which is trained once more for that; it takes a second time."""
    from charlm.ngram.estimation import fit

    whole = fit(sequences, replace(model.config, prune=()), report)
    before, after = sum(whole.ngrams), sum(model.ngrams)
    sizes = f"{_size(whole):z.1f} MB before, {_size(model):z.1f} MB after"
    say(f"Pruned {before - after:,} of {before:,} n-grams: {sizes}.")
    where = "Held-out text"
    texts = data.held_out
    if not texts:
        sample = data.train[0][:SAMPLE]
        where = f"First {len(sample):,} symbols of the training text"
        texts = (data.tokenizer.decode(sample.tolist()),)
    figures = [_bits(m, data, texts) for m in (whole, model)]
    say(f"{where}: {figures[0]} before pruning, {figures[1]} after.")


def _size(model: "NgramModel") -> float:
    return sum(array.nbytes for array in model.arrays().values()) / 1e6


def _bits(model: "NgramModel", data: TrainingSet, texts: tuple[str, ...]) -> str:
    from charlm.evaluation.bits import evaluate, total
    from charlm.trained import TrainedModel

    result = total([evaluate(TrainedModel(model, data.tokenizer), text) for text in texts])
    if result.bits_per_char is None:
        return f"{result.bits_per_byte:z.3f} bits/byte"
    return f"{result.bits_per_char:z.3f} bits/char"
