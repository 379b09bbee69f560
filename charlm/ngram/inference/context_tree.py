"""The contexts of a text that is still being read, and what followed each.

The contexts form a tree (Rissanen 1983; in compressors, Cleary & Witten 1984): one step down is one
symbol further back. A context that was seen once is stored as a mere number: the place in the text
of what followed it. When it is met again, it becomes a node with counts, and only then the context
one symbol longer is stored below it. So counts are exact for every context that was met before, and
memory grows by about two contexts a symbol, however long contexts may be.
"""


class Context:
    """How often each symbol followed a context, the total, and the contexts one symbol longer.

    In `longer`, a context that was met once is a place in the text.
    """

    __slots__ = ("counts", "longer", "total")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.total = 0
        self.longer: dict[int, Context | int] = {}


class ContextTree:
    """Contexts up to a length; `seen` are those that the text now ends with, shortest first.

    Before a sequence stands START; contexts begin with it at the earliest.
    """

    def __init__(self, longest: int, start: int, end: int | None):
        self.seen: list[Context] = []
        self._longest, self._start, self._end = longest, start, end
        self._root = Context()
        self._text = [start]
        self._find()

    def add(self, symbol: int) -> None:
        """Count the symbol after every context that was seen; END starts a new sequence."""
        for context in self.seen:
            context.counts[symbol] = context.counts.get(symbol, 0) + 1
            context.total += 1
        if self._unseen is not None:
            parent, older = self._unseen
            parent.longer[older] = len(self._text)
        self._text.append(symbol)
        if symbol == self._end:
            self._text.append(self._start)
        self._find()

    def _find(self) -> None:
        """Walk back from the end of the text, as far as what stands there was seen before."""
        self.seen = []
        self._unseen: tuple[Context, int] | None = None  # where the next context will hang
        context = self._root
        for length in range(1, self._longest + 1):
            older = self._text[-length]
            longer = context.longer.get(older)
            if longer is None:
                self._unseen = context, older
                return
            if isinstance(longer, int):
                longer = context.longer[older] = self._unfold(length, longer)
            self.seen.append(longer)
            if older == self._start:
                return
            context = longer

    def _unfold(self, length: int, place: int) -> Context:
        """Return the context of some length that stands before a place, and was seen only there."""
        context = Context()
        context.counts[self._text[place]] = context.total = 1
        if self._text[place - length] != self._start:
            context.longer[self._text[place - length - 1]] = place
        return context
