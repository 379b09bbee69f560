"""What others do: a dictionary of counters as tutorials write it, markovify, NLTK, KenLM.

As a program, `python -m tests.benchmarks.peers NAME TEXT`, it only trains. Each peer is imported
where it is used, so that such a process holds nothing else.
"""

from __future__ import annotations

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import accumulate
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from markovify.chain import Chain
    from nltk.lm import WittenBellInterpolated

ORDER = 4
Table: TypeAlias = dict[str, Counter[str]]


def count_by_hand(text: str) -> Table:
    """Relative frequencies only."""
    table: Table = defaultdict(Counter)
    for i in range(ORDER, len(text)):
        table[text[i - ORDER : i]][text[i]] += 1
    return table


def score_by_hand(table: Table, text: str) -> float:
    """Log-likelihood of what the table has seen."""
    totals = {history: sum(successors.values()) for history, successors in table.items()}
    result = 0.0
    for i in range(ORDER, len(text)):
        successors = table.get(text[i - ORDER : i])
        if successors and successors[text[i]]:
            result += log(successors[text[i]] / totals[text[i - ORDER : i]])
    return result


def sampler_by_hand(table: Table) -> Callable[[int], str]:
    """Choose by cumulative counts, which are made beforehand; start again after a dead end."""
    choices = {
        history: (list(successors), list(accumulate(successors.values())))
        for history, successors in table.items()
    }
    first, rng = next(iter(choices)), random.Random(0)

    def sample(length: int) -> str:
        text = first
        symbols = []
        for _ in range(length):
            successors, cumulative = choices[text]
            symbol = rng.choices(successors, cum_weights=cumulative)[0]
            symbols.append(symbol)
            text = text[1:] + symbol
            if text not in choices:
                text = first
        return "".join(symbols)

    return sample


def train_markovify(text: str) -> Chain:
    """Its chain, of characters; a line is a run."""
    from markovify.chain import Chain

    return Chain(map(list, text.splitlines()), ORDER)


def sample_markovify(model: Chain, length: int) -> list[str]:
    """Runs, one after the other."""
    symbols: list[str] = []
    while len(symbols) < length:
        symbols += model.walk()
        symbols.append("\n")
    return symbols


def train_nltk(text: str) -> WittenBellInterpolated:
    """The smoother of NLTK that is not hopeless at scoring."""
    from nltk.lm import WittenBellInterpolated
    from nltk.lm.preprocessing import padded_everygram_pipeline

    model = WittenBellInterpolated(ORDER + 1)
    model.fit(*padded_everygram_pipeline(ORDER + 1, [list(text)]))
    return model


def score_nltk(model: WittenBellInterpolated, text: str) -> float:
    """One call a character."""
    return float(sum(model.logscore(text[i], text[i - ORDER : i]) for i in range(ORDER, len(text))))


def kenlm_scorer(arpa: Path, symbols: list[str]) -> Callable[[], object]:
    """KenLM's own C++, on a model of ours; its Python module, one call."""
    import kenlm

    quiet = kenlm.Config()
    quiet.show_progress = False
    quiet.arpa_complain = kenlm.ARPALoadComplain.NONE
    theirs = kenlm.Model(str(arpa), quiet)
    text = " ".join(symbols)
    return lambda: theirs.score(text, bos=True, eos=False)


def kenlm_strings_scorer(arpa: Path) -> Callable[[list[str]], object]:
    """The same, a call for each string, whose characters are parted beforehand."""
    import kenlm

    quiet = kenlm.Config()
    quiet.show_progress = False
    quiet.arpa_complain = kenlm.ARPALoadComplain.NONE
    theirs = kenlm.Model(str(arpa), quiet)
    parted: dict[int, list[str]] = {}

    def score(strings: list[str]) -> float:
        if id(strings) not in parted:
            parted[id(strings)] = [" ".join(string) for string in strings]
        return float(sum(map(theirs.score, parted[id(strings)])))

    return score


TRAINERS: dict[str, Callable[[str], object]] = {
    "counter": count_by_hand,
    "markovify": train_markovify,
    "nltk": train_nltk,
}

if __name__ == "__main__":
    TRAINERS[sys.argv[1]](Path(sys.argv[2]).read_text())
