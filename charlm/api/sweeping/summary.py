"""What a sweep has found: settings ranked, and how surely, over seeds and over texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from charlm import storage
from charlm.api.sweeping.running import Result
from charlm.api.sweeping.settings import Setting
from charlm.arrays import Holder
from charlm.evaluation import seeds
from charlm.evaluation.comparison import Difference, subtract
from charlm.evaluation.judging import Judge, Judged
from charlm.evaluation.seeds import Spread
from charlm.text.training_set import TrainingSet


@dataclass(frozen=True, eq=False, repr=False)
class Ranked(Holder):
    """A setting with its results, and how it differs from the best one.

    `bits` are per `unit`, over seeds. `over_seeds` is the difference of the means, `over_texts`
    that of the two models of the first seed; both are None for the best one.
    """

    setting: Setting
    results: Sequence[Result]
    unit: str
    bits: Spread
    over_seeds: Spread | None = None
    over_texts: Difference | None = None

    @property
    def is_seeded(self) -> bool:
        """Whether another seed would give another model."""
        return self.setting.kind == "rnn"

    @property
    def seconds(self) -> float:
        """What a training took, on average."""
        return fmean(result.seconds for result in self.results)

    @property
    def figures(self) -> list[float]:
        """Bits per `unit` by seed."""
        return figures_of(self.results, self.unit)


def figures_of(results: Iterable[Result], unit: str) -> list[float]:
    """Return bits per char or byte where there are any."""
    found = (r.bits_per_char if unit == "char" else r.bits_per_byte for r in results)
    return [bits for bits in found if bits is not None]


def unit_of(results: Iterable[Result]) -> str:
    """Return what bits are given per: char, or byte where a text has no characters."""
    return "byte" if all(result.bits_per_char is None for result in results) else "char"


def rank(results: Sequence[Result], data: TrainingSet) -> list[Ranked]:
    """Rank the settings whose trainings gave figures, the best first."""
    unit, found = unit_of(results), list[Ranked]()
    for setting in dict.fromkeys(result.run.setting for result in results):
        own = [result for result in results if result.run.setting == setting and not result.reason]
        if figures := figures_of(own, unit):
            found.append(Ranked(setting, own, unit, seeds.spread(figures)))
    found.sort(key=lambda ranked: ranked.bits.mean)
    return [*found[:1], *_beside_the_best(found, data)]


def beside(other: Ranked, best: Ranked, data: TrainingSet) -> Ranked:
    """Return a setting with its differences from a better one."""
    return _beside(other, best, _judged(best, data), data)


def _beside_the_best(found: Sequence[Ranked], data: TrainingSet) -> Iterable[Ranked]:
    if len(found) > 1:
        judged = _judged(found[0], data)
        for other in found[1:]:
            yield _beside(other, found[0], judged, data)


def _beside(other: Ranked, best: Ranked, judged: Judged, data: TrainingSet) -> Ranked:
    seeded = other.is_seeded, best.is_seeded
    return replace(
        other,
        over_seeds=seeds.difference(other.figures, best.figures, seeded),
        over_texts=subtract(_judged(other, data), judged),
    )


def _judged(ranked: Ranked, data: TrainingSet) -> Judged:
    first = min(ranked.results, key=lambda result: result.run.seed)
    judge = Judge(str(first.run), storage.load(first.model))
    return judge.judge([data.held_out], placing=True)
