"""An n-gram model beside a network that was trained: said where it does better.

It is trained on the same part of the text, judged on the same other part, and forgotten; only
where that takes next to no time beside the network's.
"""

from collections.abc import Iterator
from dataclasses import asdict

from charlm.api.ngram_training import fit
from charlm.cli import shell
from charlm.cli.console import say
from charlm.cli.train.request import Request
from charlm.evaluation.bits import Evaluation
from charlm.evaluation.documents import evaluate_all
from charlm.ngram.config import NgramConfig
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import TrainingSet

COST = 1.5e-6  # seconds a symbol, about
STEP = 0.02  # seconds of a step, about; not measured: the same command says the same
SHARE, AT_ONCE = 0.1, 0.3  # of the network's time; seconds that nobody notices


def cost(data: TrainingSet, seconds: float) -> float:
    """Return about how long it takes beside a training of so many seconds; 0 where it is left."""
    took = COST * (data.symbols + sum(map(len, data.held_out)))
    return took if data.held_out and took <= max(AT_ONCE, SHARE * seconds) else 0.0


def tell(request: Request, data: TrainingSet, network: Evaluation, seconds: float) -> None:
    """Say what an n-gram model reaches, if that is better than a network of so many seconds."""
    if not cost(data, seconds):
        return
    ngram = evaluate_all(fit(data, NgramConfig()), data.held_out)
    if ngram.total_bits < network.total_bits:
        command = shell.line(["charlm", "train", *_arguments(request, data.tokenizer.policy)])
        say(f"An n-gram model has {ngram.bits_per_unit:z.3f} bits/{ngram.unit} here: {command}")


def _arguments(request: Request, policy: TextPolicy) -> Iterator[str]:
    """Yield the texts, and how they were treated where that is not the default."""
    yield from (
        f"./{text}" if text.startswith("-") and text != "-" else text for text in request.texts
    )
    if request.column is not None:
        yield from ("--column", request.column)
    if request.as_text:
        yield "--as-text"
    for name, default in asdict(TextPolicy()).items():
        value = getattr(policy, name)
        if value != default:
            yield f"--{name.replace('_', '-')}"
            if value is not True:
                yield str(value)
