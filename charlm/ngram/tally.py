"""Counts that add up: what was counted in some texts, kept to be added, taken away, and trained on.

A tally holds the distinct windows of `order + 1` symbols of its texts, and how often each occurs
(`counting/windows.py`). Every text is a sequence, or several, of its own, so that

    tally(A B) = tally(A) + tally(B)        tally(A B) - tally(B) = tally(A)

exactly, in any order and however they are put together, and a model trained on a tally is the
model of its texts. It keeps every symbol, and n-grams of any count: what is rare is left out when a
model is trained. Shorter windows begin as longer ones do, so a tally serves all orders up to its
own.

Symbols are sorted by code point, in each tally and in what two have together. So other ids leave
windows in their order, and adding is merging.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Self

import numpy as np

from charlm.arrays import Holder, Ids, Integers
from charlm.errors import UsageError
from charlm.ngram.counting.counted_windows import CountedWindows
from charlm.ngram.counting.merging import CountedWords, Counts, merge, order_of, shrunk
from charlm.ngram.counting.packing import Packing, Words, begins
from charlm.ngram.counting.windows import CHUNK, Sequences, distinct_windows
from charlm.progress import Report, silent
from charlm.text.tokenizer import Tokenizer
from charlm.text.training_set import TrainingSet
from charlm.text.vocabulary import UNKNOWN, Vocabulary
from charlm.trained import Record
from charlm.version import __version__


@dataclass(frozen=True, eq=False, repr=False)
class Tally(Holder):
    """What was counted, the tokenizer, which knows every symbol, and what is known of the texts.

    The record has the texts in the order of their fingerprints, so that it is the same however they
    were put together.
    """

    windows: CountedWindows
    tokenizer: Tokenizer
    record: Record

    @classmethod
    def of(
        cls, order: int, tokenizer: Tokenizer, words: Words, counts: Counts, record: Record
    ) -> Self:
        """Put the parts together."""
        windows = CountedWindows(order, tokenizer.vocab_size, tokenizer.end, words, counts)
        return cls(windows, tokenizer, record)

    @property
    def size(self) -> int:
        """How many distinct windows there are."""
        return len(self.windows.counts)

    @property
    def order(self) -> int:
        """Models of this order, and of all below it, can be trained on it."""
        return self.windows.order


def count(data: TrainingSet, order: int, *, chunk: int = CHUNK, report: Report = silent) -> Tally:
    """Count the windows of texts, which keep every symbol.

    Raises:
        UsageError: the order is below 0, or rare symbols were left out.
    """
    refuse_uncountable(data, order)
    tokenizer = data.tokenizer
    words, counts = distinct_windows(Sequences.of(data), order + 1, chunk, report)
    return Tally.of(order, tokenizer, words, counts, counted_record(data))


def refuse_uncountable(data: TrainingSet, order: int) -> None:
    """Refuse what cannot be counted.

    Raises:
        UsageError: the order is below 0, or rare symbols were left out.
    """
    if order < 0:
        raise UsageError("the order must be at least 0")
    if data.tokenizer.policy.min_count > 1:
        raise UsageError("counts keep every symbol; leave out the rare ones when you train on them")


def counted_record(data: TrainingSet) -> Record:
    """Return what is known of texts that are counted, in the order of their fingerprints."""
    record = Record.of(data)
    return Record(
        texts=tuple(sorted(record.texts or ())),
        encoding=record.encoding,
        errors=record.errors,
        symbols=data.symbols,
        charlm=record.charlm,
        numpy=record.numpy,
    )


def add(tallies: Sequence[Tally]) -> Tally:
    """Add tallies: their symbols are united, and the smallest order is that of all.

    Raises:
        UsageError: they cut or treat texts in different ways.
    """
    for tally in tallies[1:]:
        refuse_unlike(tallies[0], tally)
    order = min(tally.order for tally in tallies)
    tokenizer = united(tallies)
    alike = [_translated(shortened(tally, order), tokenizer) for tally in tallies]
    words, counts = merge(list(map(_counted, alike)))
    return Tally.of(order, tokenizer, words, shrunk(counts), record_of(tallies))


def refuse_unlike(tally: Tally, other: Tally) -> None:
    """Refuse what was counted in other ways.

    Raises:
        UsageError: texts were cut or treated differently.
    """
    if tally.tokenizer.policy != other.tokenizer.policy:
        raise UsageError("they do not go together: texts were cut or treated in different ways")


def _counted(tally: Tally) -> CountedWords:
    return tally.windows.words, tally.windows.counts


def subtract(whole: Tally, part: Tally) -> Tally:
    """Take away what was counted in a part of the texts; symbols that are left nowhere go too.

    Raises:
        UsageError: the part has texts, or windows, that the whole lacks, or nothing would be left.
    """
    order = min(whole.order, part.order)
    known = set(whole.tokenizer.vocabulary.symbols)
    refuse_unlike(whole, part)
    if not known.issuperset(part.tokenizer.vocabulary.symbols):
        raise UsageError("they are no part of it: they have symbols that it lacks")
    texts = Counter(whole.record.texts)
    texts.subtract(Counter(part.record.texts))
    if any(number < 0 for number in texts.values()):
        raise UsageError("they are no part of it: they have texts that it lacks")
    kept, taken = shortened(whole, order), _translated(shortened(part, order), whole.tokenizer)
    left = _difference(kept, taken)
    rest = tuple(sorted(texts.elements()))
    symbols = kept.windows.symbols - taken.windows.symbols
    record = replace(record_of([whole]), texts=rest, symbols=symbols)
    return _without_lost_symbols(replace(left, record=record))


def _difference(whole: Tally, part: Tally) -> Tally:
    """Take away the counts of windows, all of which must be there as often."""
    (words, counts), taken = _counted(whole), _counted(part)
    none = words, np.zeros_like(counts)
    in_part = merge([none, taken])[1]  # of each window of either, how often the part has it
    if len(in_part) != len(counts):
        raise UsageError("they are no part of it: they have n-grams that it lacks")
    left = counts.astype(np.int64) - in_part.astype(np.int64)
    if (left < 0).any():
        raise UsageError("they are no part of it: they have n-grams more often than it has")
    stays = np.flatnonzero(left)
    if not len(stays):
        raise UsageError("nothing would be left")
    words = tuple(word[stays] for word in words)
    counts = shrunk(left[stays].astype(np.uint64))
    return Tally.of(whole.order, whole.tokenizer, words, counts, whole.record)


def _without_lost_symbols(tally: Tally) -> Tally:
    """Return a tally whose tokenizer knows what occurs in it, or the whole of a closed alphabet."""
    tokenizer = tally.tokenizer
    if tokenizer.unit.alphabet is not None:
        return tally
    occurs = tally.windows.of_symbols[1 : len(tokenizer.vocabulary)] > 0
    symbols = tokenizer.vocabulary.symbols
    stay = tuple(s for s, there in zip(symbols, occurs, strict=True) if there)
    smaller = replace(tokenizer, vocabulary=Vocabulary(stay))
    return _relabelled(tally, ids_in(tokenizer, smaller), smaller)


def shortened(tally: Tally, order: int) -> Tally:
    """Return the tally of a smaller order.

    Raises:
        UsageError: the order is larger than what was counted.
    """
    if order == tally.order:
        return tally
    if order > tally.order:
        raise UsageError(f"n-grams were counted for orders up to {tally.order}, not {order}")
    columns = tally.windows.packing.unpack(tally.windows.words)[: order + 1]
    packing = Packing(tally.tokenizer.start + 1, order + 1)
    words, counts = _summed(packing.pack(columns), tally.windows.counts)
    return Tally.of(order, tally.tokenizer, words, counts, tally.record)


def without_rare_symbols(tally: Tally, min_count: int) -> Tally:
    """Return the tally in which symbols that occur less often are unknown.

    Raises:
        UsageError: no symbol is left, or the alphabet is closed.
    """
    if min_count == 1:
        return tally
    smaller = without_rare(tally.tokenizer, tally.windows.of_symbols, min_count)
    return _relabelled(tally, ids_in(tally.tokenizer, smaller), smaller)


def without_rare(tokenizer: Tokenizer, occurrences: Integers, min_count: int) -> Tokenizer:
    """Return the tokenizer that knows the symbols that occur so often, (V,).

    Raises:
        UsageError: there is none, or the alphabet is closed.
    """
    policy = replace(tokenizer.policy, min_count=min_count)
    often = occurrences[1 : len(tokenizer.vocabulary)] >= min_count
    symbols = tokenizer.vocabulary.symbols
    stay = tuple(s for s, enough in zip(symbols, often, strict=True) if enough)
    smaller = Tokenizer(policy, Vocabulary(stay))
    if smaller.vocab_size == 1:
        raise UsageError(f"no symbol occurs {min_count} times; choose a smaller min-count")
    return smaller


def ids_in(tokenizer: Tokenizer, smaller: Tokenizer) -> Ids:
    """Return what ids are in a tokenizer that may lack symbols, START last, (V + 1,)."""
    special = [] if tokenizer.end is None else [smaller.end]
    found = [smaller.vocabulary.ids.get(s, UNKNOWN) for s in tokenizer.vocabulary.symbols]
    return np.array([UNKNOWN, *found, *special, smaller.start], np.int32)


def _translated(tally: Tally, tokenizer: Tokenizer) -> Tally:
    """Return the tally by the ids of a tokenizer that knows as much."""
    if tokenizer == tally.tokenizer:
        return tally
    return _relabelled(tally, tally.tokenizer.ids_in(tokenizer), tokenizer)


def _relabelled(tally: Tally, ids: Ids, tokenizer: Tokenizer) -> Tally:
    """Return the tally by other ids, which may be the same for several symbols."""
    columns = [ids[column] for column in tally.windows.packing.unpack(tally.windows.words)]
    words = Packing(tokenizer.start + 1, tally.order + 1).pack(columns)
    if (np.diff(ids) <= 0).any():  # no longer in order
        order = order_of(words)
        words, counts = tuple(word[order] for word in words), tally.windows.counts[order]
    else:
        counts = tally.windows.counts
    words, counts = _summed(words, counts)
    return Tally.of(tally.order, tokenizer, words, counts, tally.record)


def _summed(words: Words, counts: Counts) -> tuple[Words, Counts]:
    """Add up the counts of equal windows, which stand side by side."""
    starts = np.flatnonzero(begins(words))
    sums = np.add.reduceat(counts, starts, dtype=np.uint64)
    return tuple(word[starts] for word in words), shrunk(sums)


def united(tallies: Sequence[Tally]) -> Tokenizer:
    """Return a tokenizer that knows what any of theirs knows."""
    return reduce(Tokenizer.with_symbols_of, (tally.tokenizer for tally in tallies))


def record_of(tallies: Sequence[Tally]) -> Record:
    """Return what is known of all texts; how they were decoded only where it was one way."""
    records = [tally.record for tally in tallies]
    texts = tuple(sorted(text for record in records for text in record.texts or ()))
    encodings = {(record.encoding, record.errors) for record in records}
    encoding, errors = encodings.pop() if len(encodings) == 1 else (None, None)
    symbols = sum(record.symbols or 0 for record in records)
    return Record(
        texts=texts,
        encoding=encoding,
        errors=errors,
        symbols=symbols,
        charlm=__version__,  # of what adds, so that the order does not matter
        numpy=np.__version__,
    )


def trained_record(record: Record) -> Record:
    """Return the record of a model that is trained on the texts of a tally."""
    return replace(record, seed=0, valid=(), valid_fraction=0.0, held_out_symbols=0)
