r"""Samples that are as they are wanted, each as often as the model gives it among those.

The simplest way is to draw a sample and, if it is not what is wanted, to draw another one. That is
exact: what is kept follows the conditional distribution. It is also slow where little is wanted.
Here as much is drawn in the same way, and no mistake is made twice. A tree holds what was tried:

    weight(prefix) = the share of what follows a prefix that is not known to be dead,
                     1 where nothing is known
                   = sum over symbols c of P(c | prefix) weight(prefix c)

A symbol that leads nowhere has weight 0 as soon as its prefix was reached (`Course.live`), and with
it the weights of all shorter prefixes sink. A try goes down the tree by P(c | prefix) times weight
over weight, and below the tree by P(c | prefix) alone; if it meets what is dead, it is given up.
Along the way the weights cancel, so a try reaches a text x that is wanted with probability

    P(x) / weight(root)

whatever the tree has learnt. So every try that succeeds follows P(x | x is wanted), exactly, and
the tree only makes failures rarer. (This is rejection sampling with a proposal that adapts. The
tree is that of Park et al. 2024, Grammar-Aligned Decoding, who do without rejection and are exact
only in the limit.) Where weight(root) is 0, there is no such text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from charlm.arrays import Float64s, Holder
from charlm.errors import UsageError
from charlm.progress import Progress, Report, silent
from charlm.sampling.course import Course, Position

MOST_TRIES = 100_000  # that fail one after the other
TRIES_PER_REPORT = 200
MOST_CELLS = 1 << 23  # symbols of prefixes that are remembered
LEAST_WEIGHT = 1e-290


@dataclass(eq=False, repr=False)
class _Node(Holder):
    """A prefix that was reached: P(c | prefix) and, times their weights, what is left of it."""

    position: Position
    probs: Float64s
    left: Float64s
    is_whole: bool
    children: dict[int, "_Node"] = field(default_factory=dict)

    @property
    def weight(self) -> float:
        """What is left of all that may follow."""
        return 1.0 if self.is_whole else float(self.left.sum())


_Path = list[tuple[_Node, int]]


class ConditionalSampler:
    """Draws the symbols of samples that are wanted."""

    def __init__(self, course: Course, report: Report = silent):
        self._report = report
        self._course, self._unique = course, course.constraint.unique
        self._drawn: set[tuple[int, ...]] = set()
        self._root: _Node | None = None
        self._cells = 0

    def samples(self, rng: np.random.Generator) -> Iterator[tuple[int, ...]]:
        """Draw samples, without end or, where they are unique, until there are no more.

        Raises:
            UsageError: there is none, or they are too rare to be found.
        """
        found = False
        while (sample := self._draw(rng)) is not None:
            found = True
            yield sample
        if not found:
            raise UsageError("no text that this model can write is such as is wanted")

    def _draw(self, rng: np.random.Generator) -> tuple[int, ...] | None:
        """Draw one; None where there is none."""
        for tried in range(MOST_TRIES):
            if tried % TRIES_PER_REPORT == TRIES_PER_REPORT - 1:
                self._report(Progress("looking", tried, MOST_TRIES))
            if self._root is None or self._cells > MOST_CELLS:
                self._cells = 0
                self._root = self._reached(self._course.start)
            if self._root.weight < LEAST_WEIGHT:
                return None
            path: _Path = []
            if (sample := self._try(self._root, path, rng)) is not None:
                if not self._unique:
                    return sample
                self._bury(sample)
                if sample not in self._drawn:  # which the tree may have forgotten
                    self._drawn.add(sample)
                    return sample
        share = f", at most {self._root.weight:.1g} of what it writes" if self._root else ""
        raise UsageError(
            f"none of {MOST_TRIES:,} tries was such as is wanted: this model writes such texts too "
            f"rarely{share}"
        )

    def _try(self, node: _Node, path: _Path, rng: np.random.Generator) -> tuple[int, ...] | None:
        """Go down the tree and on; return a sample, or None where the try is given up.

        `path` is filled with the way down the tree.
        """
        while not node.is_whole:
            symbol = _choose(node.left, rng.random())
            path.append((node, symbol))
            if self._course.ends(node.position, symbol):
                return (*node.position.ids, symbol)
            if symbol not in node.children:
                return self._go_on(self._course.after(node.position, symbol), path, rng)
            node = node.children[symbol]
        return node.position.ids

    def _go_on(
        self, position: Position, path: _Path, rng: np.random.Generator
    ) -> tuple[int, ...] | None:
        """Draw what the model writes after a prefix that is not in the tree, until it is dead.

        From what has failed the tree learns: the prefix, and where no end was reached all further
        ones, so that the next try cannot die in the same way.
        """
        reached, draws = position, self._course.draws(position, rng)
        while not self._course.is_whole(reached):
            symbol = next(draws)
            ends = self._course.ends(reached, symbol)
            if not self._course.may_follow(reached, symbol):
                self._learn(position, reached.ids[len(position.ids) :], path, whole=not ends)
                return None
            if ends:
                return (*reached.ids, symbol)
            reached = self._course.reading(reached, symbol)
        return reached.ids

    def _learn(self, position: Position, drawn: Sequence[int], path: _Path, *, whole: bool) -> None:
        """Put a prefix into the tree below a path, and the `whole` way that was gone from there."""
        way, positions = list(path), [position]
        for symbol in drawn if whole else ():
            positions.append(self._course.after(positions[-1], symbol))
        for one in positions:
            node, symbol = way[-1]
            child = node.children[symbol] = self._reached(one)
            _tell(way, child.weight)
            if len(one.ids) < len(positions[-1].ids):
                way.append((child, positions[len(one.ids) - len(position.ids) + 1].ids[-1]))

    def _reached(self, position: Position) -> _Node:
        probs = self._course.probs(position)
        live = self._course.live(position, probs)
        self._cells += len(probs)
        return _Node(position, probs, np.where(live, probs, 0.0), self._course.is_whole(position))

    def _bury(self, sample: tuple[int, ...]) -> None:
        """See to it that a sample is not drawn again: its way is put into the tree, to its end."""
        assert self._root is not None
        if not sample:  # the only one
            self._root.is_whole = False
            self._root.left[:] = 0.0
            return
        path: _Path = [(self._root, sample[0])]
        for symbol in sample[1:]:
            node, last = path[-1]
            if last not in node.children:
                node.children[last] = self._reached(self._course.after(node.position, last))
                _tell(path, node.children[last].weight)
            path.append((node.children[last], symbol))
        _tell(path, 0.0)


def _choose(left: Float64s, share: float) -> int:
    """Return a symbol by its share of what is left, of which there is some."""
    ends = np.cumsum(left)
    return int(np.searchsorted(ends[:-1], share * ends[-1], side="right"))


def _tell(path: _Path, weight: float) -> None:
    """Tell all prefixes of a path what is left at its end."""
    for node, symbol in reversed(path):
        node.left[symbol] = node.probs[symbol] * weight
        weight = node.weight
