"""Stop texts: with which symbol one of them is complete, where it begins, where one may begin.

If a text contains several of them, the one that ends first counts; of those that end together, the
longest. So the answer does not depend on how much of the text is looked at together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from charlm.errors import UsageError


@dataclass(frozen=True)
class Stops:
    """Texts before which a sample ends.

    Raises:
        UsageError: one of them is empty.
    """

    texts: Sequence[str]

    def __post_init__(self) -> None:
        if "" in self.texts:
            raise UsageError("a stop text cannot be empty")

    def find(self, text: str) -> int | None:
        """Return the place where the stop text that ends first begins; None if there is none."""
        places = [(text.find(stop), stop) for stop in self.texts]
        complete = [(place + len(stop), place) for place, stop in places if place >= 0]
        return min(complete)[1] if complete else None

    def open(self, text: str) -> int:
        """Return the place from which the text may still become a stop text, its end if none."""
        for place in range(max(0, len(text) - self._longest_beginning), len(text)):
            if any(stop.startswith(text[place:]) for stop in self.texts):
                return place
        return len(text)

    def until_complete(self, drawn: Iterable[tuple[int, str]]) -> Iterator[int]:
        """Return symbols, each given with its text, up to the one that completes a stop text."""
        last, longest = {stop[-1] for stop in self.texts}, self._longest_beginning
        seen = ""
        for symbol, text in drawn:
            yield symbol
            seen = seen[max(0, len(seen) - longest) :] + text
            if not last.isdisjoint(text) and any(stop in seen for stop in self.texts):
                return

    @property
    def _longest_beginning(self) -> int:
        """Most characters of a stop text that is not yet complete."""
        return max(map(len, self.texts), default=1) - 1
