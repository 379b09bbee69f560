"""Drawing text from n-grams, in one stream, beside a dictionary of counters and markovify."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from charlm.ngram.model import NgramModel
from charlm.sampling.drawing import SamplingConfig, sample
from tests.benchmarks import peers
from tests.benchmarks.bench_ngram import TRAIN, train
from tests.benchmarks.measure import row, seconds

LENGTH = 50_000


def sample_ours(model: NgramModel, length: int) -> list[int]:
    """Draw from the smoothed model: unlike a table, it can always go on."""
    drawn = sample(model, model.initial_state(), SamplingConfig(), np.random.default_rng(0))
    return list(islice(drawn, length))


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Measure plain sampling."""
    _, model = train(TRAIN)
    by_hand = peers.sampler_by_hand(peers.count_by_hand(TRAIN))
    chain = peers.train_markovify(TRAIN)
    chain.compile(inplace=True)
    ours, counter, markovify = seconds(
        lambda: sample_ours(model, LENGTH),
        lambda: by_hand(LENGTH),
        lambda: peers.sample_markovify(chain, LENGTH),
        rounds=3,
    )
    yield row("sample, against a dict of Counter", ours, counter, LENGTH)
    yield row("sample, against markovify", ours, markovify, LENGTH)
