"""Short strings: one by one and a million together, beside KenLM's Python module.

KenLM reads our n-gram model. It adds up a string's symbols and returns one number; `score` returns
what each symbol costs.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import charlm
from tests.benchmarks.measure import seconds, times
from tests.benchmarks.peers import kenlm_strings_scorer
from tests.support.models import CORPORA

COLUMNS = ("strings of 10 characters", "strings", "charlm", "KenLM", "times as fast")
TEXT = (CORPORA / "shakespeare.txt").read_text()
TRAIN, FLAT = TEXT[:400_000], TEXT[400_000:].replace("\n", " ")
LENGTH, LINE = 10, FLAT[:40]
ORDER = 5  # n-grams of 6 symbols, the most that KenLM's module reads
ONE_BY_ONE, MILLION = 2_000, 1_000_000


def drawn(number: int) -> list[str]:
    """Return pieces of a text that the models have not seen."""
    rng = Random(1)
    starts = (rng.randrange(len(FLAT) - LENGTH) for _ in range(number))
    return [FLAT[start : start + LENGTH] for start in starts]


def one_by_one(function: Callable[[str], object], strings: list[str]) -> None:
    """Call a function for each string."""
    for string in strings:
        function(string)


def rows() -> Iterator[tuple[str, ...]]:
    """Measure each family."""
    strings = drawn(MILLION)
    ngram = charlm.train_ngram(TRAIN, order=ORDER, sequence="line", valid_fraction=0.05)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.arpa"
        charlm.export(ngram, path, space="▁")
        kenlm = kenlm_strings_scorer(path)
        few = strings[:ONE_BY_ONE]
        yield _row("n-gram, score", few, partial(one_by_one, ngram.score, few), kenlm)
        yield _row("n-gram, score_many", strings, partial(ngram.score_many, strings), kenlm)
        next_symbols = partial(one_by_one, ngram.next_symbols, few)
        yield _row("n-gram, next_symbols", few, next_symbols)
    networks = {
        preset: charlm.train_rnn(TRAIN, preset=preset, sequence="line", steps=20, validations=0)
        for preset in ("tiny", "small")
    }
    for preset, network in networks.items():
        score = partial(one_by_one, network.score, [LINE] * 50)
        yield _row(f"{preset} network, score 40 characters", [LINE] * 50, score)
        yield _row(f"{preset} network, score_many", strings, partial(network.score_many, strings))
    for gate in (False, True):
        mixture = charlm.mix([ngram, networks["tiny"]], held_out=TRAIN, gate=gate)
        name = "mixture with a gate" if gate else "mixture"
        yield _row(f"{name}, score_many", strings, partial(mixture.score_many, strings))


def _row(
    name: str,
    strings: list[str],
    function: Callable[[], object],
    peer: Callable[[list[str]], object] | None = None,
) -> tuple[str, ...]:
    functions = [function] if peer is None else [function, partial(peer, strings)]
    ours, *theirs = seconds(*functions, rounds=1 if len(strings) == MILLION else 5)
    number = f"{len(strings):,}"
    beside = (_time(theirs[0], len(strings)), times(theirs[0] / ours)) if theirs else ("", "")
    return name, number, _time(ours, len(strings)), *beside


def _time(taken: float, number: int) -> str:
    if number == MILLION:
        return f"{taken:.1f} s"
    return f"{taken / number * 1e6:,.0f} us each"
