"""One small trained model of every registered kind, for the tests of laws that all must keep."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import product
from pathlib import Path

import pytest

from charlm.api import ngram_training
from charlm.api.network_training import NetworkTraining
from charlm.mixture import fit, member, unite
from charlm.ngram.config import NgramConfig
from charlm.ngram.smoothing import SMOOTHERS
from charlm.rnn.cells import CELLS
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import NETWORKS
from charlm.text.corpus import Document
from charlm.text.tokenizer import SEQUENCES, TextPolicy
from charlm.text.training_set import TrainingSet, prepare
from charlm.trained import Record, TrainedModel

CORPORA = Path(__file__).parents[2] / "corpora"
SHAKESPEARE = (CORPORA / "shakespeare.txt").read_text()
TEXT, TUNING = SHAKESPEARE[:4000], SHAKESPEARE[4000:5000]
UNSEEN = "Zounds! 中文 & the qu\nick{brown} fox, \t\n\njumps over; to be or not\n"
TRAINING = TrainingConfig(steps=12, batch=4, window=8, validations=0)
RARE = 150  # what is seen less often is unknown: a third of the text


@cache
def training_set(sequence: str = "file", unit: str = "char", min_count: int = 1) -> TrainingSet:
    """The text, tokenized."""
    policy = TextPolicy(unit=unit, sequence=sequence, min_count=min_count)
    return prepare([Document("text", TEXT.encode())], policy)


def ngram(
    smoothing: str,
    order: int,
    sequence: str = "file",
    unit: str = "char",
    prune: tuple[int, ...] = (),
    min_count: int = 1,
) -> TrainedModel:
    """An n-gram model of the text."""
    data = training_set(sequence, unit, min_count)
    return ngram_training.fit(data, NgramConfig(order, smoothing, prune=prune))


def configurations(hidden: int) -> Iterator[tuple[str, RnnConfig]]:
    """Every pattern with every cell and activation that it takes, and two layers or a trace."""
    for pattern, cell in product(NETWORKS, CELLS):
        if cell not in (NETWORKS[pattern].cells or CELLS):
            continue
        for activation in CELLS[cell].activations:
            name = f"{pattern}-{cell}-{activation}"
            config = RnnConfig(pattern, cell, activation, hidden, context=5)
            yield name, config
            if NETWORKS[pattern].reads_ngrams and activation == "tanh":
                yield f"{name}-ngrams", replace(config, ngrams=3, rows=11)
            if pattern == "output":
                yield f"{name}-trace", replace(config, trace_decay=0.6)
            else:
                yield f"{name}-layers", replace(config, layers=2)


def rnn(
    config: RnnConfig, sequence: str = "file", unit: str = "char", min_count: int = 1
) -> TrainedModel:
    """A recurrent network, hardly trained."""
    data = training_set(sequence, unit, min_count)
    training = NetworkTraining(config, TRAINING, data)
    run = training.start()
    training.go_on(run)
    return training.trained(run)


def few_symbols(sequence: str) -> TrainedModel:
    """An n-gram model of a few lines: it lacks symbols that others have, and has one they lack."""
    document = Document("few", TEXT[:300].encode() + "ß\n".encode())
    data = prepare([document], TextPolicy(sequence=sequence))
    return ngram_training.fit(data, NgramConfig(2))


def mixture(members: Sequence[str], *, gated: bool) -> TrainedModel:
    """A mixture of models of those names, tuned on text that none was trained on."""
    return mix([make(name) for name in members], gated=gated)


def mix(members: Sequence[TrainedModel], *, gated: bool = False) -> TrainedModel:
    """A mixture of models."""
    tokenizer = unite([one.tokenizer for one in members])
    united = [member(one.model, one.tokenizer, tokenizer) for one in members]
    model = fit(united, tokenizer.end, [tokenizer.encode(TUNING)], gated=gated)
    return TrainedModel(model, tokenizer, Record())


def members_of_mixtures(sequence: str) -> dict[str, list[str]]:
    """Of one family, of two, of several vocabularies, and mixtures."""
    kneser_ney, network = f"modified-kneser-ney-4-{sequence}", f"hidden-elman-tanh-{sequence}"
    return {
        "ngrams": [f"witten-bell-4-{sequence}", f"mle-1-{sequence}"],
        "families": [kneser_ney, network],
        "vocabularies": [f"few-symbols-{sequence}", kneser_ney],
        "nested": [f"gate-ngrams-{sequence}", f"mixture-families-{sequence}"],
        "rare": [f"witten-bell-4-{sequence}-rare", f"hidden-elman-tanh-{sequence}-rare"],
    }


MIXED = [*members_of_mixtures("file")]
_NGRAMS = {
    f"{smoothing}-{order}-{sequence}": partial(ngram, smoothing, order, sequence)
    for smoothing, order, sequence in product(SMOOTHERS, (0, 1, 4), SEQUENCES)
}
_PRUNED = {
    f"{smoothing}-3-{sequence}-pruned": partial(ngram, smoothing, 3, sequence, prune=(0, 1, 1, 2))
    for smoothing, sequence in product(SMOOTHERS, SEQUENCES)
}
# Models that met UNKNOWN in training.
_RARE = {
    f"{smoothing}-4-{sequence}-rare": partial(ngram, smoothing, 4, sequence, min_count=RARE)
    for smoothing, sequence in product(SMOOTHERS, SEQUENCES)
}
_WORDS = {
    f"{smoothing}-2-{sequence}-words": partial(ngram, smoothing, 2, sequence, "word", min_count=2)
    for smoothing, sequence in product(("modified-kneser-ney", "mle"), SEQUENCES)
}
_RNNS = {
    f"{name}-{sequence}": partial(rnn, config, sequence)
    for (name, config), sequence in product(configurations(9), SEQUENCES)
} | {
    f"hidden-elman-tanh-{sequence}-rare": partial(
        rnn, RnnConfig("hidden", "elman", "tanh", 9), sequence, min_count=RARE
    )
    for sequence in SEQUENCES
}
_MIXTURES = {
    f"{weights}-{name}-{sequence}": partial(mixture, members, gated=weights == "gate")
    for weights, name in product(("mixture", "gate"), MIXED)
    for sequence, members in ((s, members_of_mixtures(s)[name]) for s in SEQUENCES)
}
_FEW_SYMBOLS = {f"few-symbols-{sequence}": partial(few_symbols, sequence) for sequence in SEQUENCES}
NGRAMS, RNNS, MIXTURES = [*_NGRAMS, *_PRUNED, *_RARE], [*_RNNS], [*_MIXTURES]
MODELS = [*NGRAMS, *RNNS, *MIXTURES]
WORDS = [*_WORDS]  # for laws in which no symbol is a character


# Of two kinds that differ by the sequence alone, `make test` tries one: in turn, so that files and
# lines meet every sort of model. The others are shared by `make test-slow` and `make endurance`,
# two of them each in turn, for two that follow each other are often of one sort.
QUICK_MODELS = ["modified-kneser-ney-4-file", "hidden-gru-tanh-file", "gate-families-line"]
_PAIRS = [MODELS[at : at + 2] for at in range(0, len(MODELS), 2)]
FAST_MODELS = [
    next((name for name in pair if name in QUICK_MODELS), pair[turn % 2])
    for turn, pair in enumerate(_PAIRS)
]
SLOW_MODELS = [name for name in MODELS if name not in FAST_MODELS]
_TWINS = dict(zip(SLOW_MODELS, FAST_MODELS, strict=True))
_MARKS = {
    name: pytest.mark.endurance if turn // 2 % 2 else pytest.mark.slow
    for turn, name in enumerate(SLOW_MODELS)
}


def each(names: Sequence[str]) -> pytest.MarkDecorator:
    """A test over models by `name`; of two of a kind that are both here, one is slow at least."""
    cases = [
        pytest.param(name, marks=_MARKS[name] if _TWINS.get(name) in names else ())
        for name in names
    ]
    return pytest.mark.parametrize("name", cases)


def turn(name: str) -> int:
    """Return 0 or 1: which way a model goes in a law of two ways; the other of its kind does not.

    Models that are tried by `make test`, and those of `make test-slow`, go both ways.
    """
    return ([*MODELS, *WORDS].index(name) // 4 + (name in SLOW_MODELS)) % 2


@cache
def make(name: str) -> TrainedModel:
    """The model of that name, trained once."""
    makers: dict[str, Callable[[], TrainedModel]] = {**_NGRAMS, **_FEW_SYMBOLS, **_PRUNED}
    return (makers | _RARE | _WORDS | _RNNS | _MIXTURES)[name]()


def recurrent(name: str) -> RnnModel:
    """The network of that name."""
    model = make(name).model
    assert isinstance(model, RnnModel)
    return model
