"""Tasks over a range of n-grams by their newest symbols: what is counted, and what is interpolated.

In such a range every n-gram has its left neighbours and its suffix beside it. Its rows are in
suffix order; what goes to the ranges of contexts and comes from them is in the order of keys, with
the oldest symbol first.
"""

from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Booleans, Rows
from charlm.ngram.counting.counts import cumulative, sums
from charlm.ngram.counting.merging import CountedWords, merge_unsorted, order_of, shrunk
from charlm.ngram.counting.packing import Packing, Words
from charlm.ngram.ranges.keys import place
from charlm.ngram.ranges.plan import Plan
from charlm.ngram.ranges.spool import Stored, Writer
from charlm.search import differs

CLASSES = 6  # n-grams by count: 0 to 4, and more


def tabulate(plan: Plan, shard: int) -> dict[str, Any]:
    """Count the n-grams of a range.

    Two files: `counted` goes to the contexts, `ordered` stays with the suffixes. The figures are,
    by length, how many n-grams there are, how many that are not part of a longer one, and how many
    of each small count.
    """
    words, occurrences = windows_of(plan, shard)
    columns = plan.packing.unpack(words)
    del words
    figures: dict[str, Any] = {}
    with (
        plan.spool.writing(f"ordered-{shard}") as ordered,
        plan.spool.writing(f"counted-{shard}") as counted,
    ):
        _tabulate(plan, columns, occurrences, counted, ordered, figures)
        counted.figures = ordered.figures = figures
    return figures


def windows_of(plan: Plan, shard: int) -> CountedWords:
    """Return the distinct windows of a range, and how often each occurs, from all runs."""
    parts: list[list[NDArray[Any]]] = []
    for name in plan.runs:
        run = plan.spool.open(name)
        low, high = plan.windows_between(shard, run)
        names = [f"{i}.windows" for i in range(len(plan.packing.slices))]
        parts.append([run.read(each, low, high) for each in (*names, "counts")])
    *words, counts = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    if len(parts) == 1:
        return tuple(words), shrunk(counts)
    return merge_unsorted(tuple(words), counts)


def _tabulate(
    plan: Plan,
    columns: list[NDArray[Any]],
    occurrences: NDArray[Any],
    counted: Writer,
    ordered: Writer,
    figures: dict[str, Any],
) -> None:
    start, prefix = plan.vocab_size, plan.prefix
    total = cumulative(occurrences)
    runs = accumulate(map(differs, columns), np.logical_or)
    row: Rows = np.empty(0, np.int32)
    key: Words = ()
    for length, (is_run, is_longer_run) in enumerate(pairwise(chain(runs, [None])), start=1):
        assert is_run is not None
        if length < prefix:
            continue
        if length == prefix + 1:
            _add_head(plan, columns, is_run, total, counted)
        is_gram = is_run if length == 1 else is_run & (columns[length - 2] != start)
        if length == prefix:
            key = _keys_of_prefixes(plan, columns, np.flatnonzero(is_gram))
        else:
            grams, count, neighbours = sums(is_run, is_gram, is_longer_run, total)
            oldest, suffix = columns[length - 1][grams], row[grams]
            key = plan.keys.extended(tuple(word[suffix] for word in key), oldest, length)
            adjusted = count if neighbours is None else np.where(oldest == start, count, neighbours)
            maximal = len(grams) if neighbours is None else int(np.count_nonzero(oldest == start))
            figures[str(length)] = {
                "ngrams": len(grams),
                "maximal": maximal,
                "counts": _classes(count),
                "adjusted": _classes(adjusted),
            }
            order = order_of(key).astype(np.int32)
            ordered.add(f"{length}.order", order)
            ordered.add(f"{length}.suffix", suffix)
            key_in_order = tuple(word[order] for word in key)
            for i, word in enumerate(key_in_order):
                counted.add(f"{length}.{i}.key", word)
            figures[str(length)]["slices"] = _slices(plan, key_in_order, length)
            counted.add(f"{length}.count", shrunk(count[order]))
            counted.add(f"{length}.adjusted", shrunk(adjusted[order]))
        row = np.cumsum(is_gram, dtype=np.int32)
        row -= 1


def _keys_of_prefixes(plan: Plan, columns: list[NDArray[Any]], grams: NDArray[np.int64]) -> Words:
    """Return the keys of the n-grams that are all head, in suffix order."""
    key: Words = ()
    for length in range(1, plan.prefix + 1):
        key = plan.keys.extended(key, columns[length - 1][grams], length)
    return key


def _add_head(
    plan: Plan, columns: list[NDArray[Any]], is_run: Booleans, total: Rows, counted: Writer
) -> None:
    """Add the distinct windows of one symbol more than the head has."""
    runs = np.flatnonzero(is_run)
    packing = Packing(plan.symbols, plan.prefix + 1)
    words = packing.pack([column[runs] for column in columns[: plan.prefix + 1]])
    for i, word in enumerate(words):
        counted.add(f"head.{i}.windows", word)
    counted.add("head.counts", total[np.append(runs[1:], len(is_run))] - total[runs])


def _classes(count: Rows) -> list[int]:
    found: list[int] = np.bincount(np.minimum(count, CLASSES - 1), minlength=CLASSES).tolist()
    return found


def events(plan: Plan, shard: int, stride: int, first: dict[int, int], continuation: bool) -> None:
    """Take every `stride`-th event of a range, and say what its n-grams are, of each length.

    `first` is the number of events of each length in the ranges before. Events are longest first;
    for each length, the file has the n-gram's place among the keys, its count, and whether the
    event takes one of it.
    """
    ordered, counted = plan.spool.open(f"ordered-{shard}"), plan.spool.open(f"counted-{shard}")
    rows, leaves = np.empty(0, np.int64), np.empty(0, bool)
    with plan.spool.writing(f"events-{shard}") as file:
        begun = {}
        for length in reversed(plan.lengths):
            order = ordered.read(f"{length}.order")
            count = counted.read(f"{length}.count")
            maximal = _maximal(plan, counted, order, length)
            begin = maximal[-first[length] % stride :: stride]
            begun[str(length)] = len(begin)
            rows = np.concatenate([rows, begin])
            leaves = np.concatenate([leaves, np.ones(len(begin), bool)])
            inverse = np.empty(len(order), np.int32)
            inverse[order] = np.arange(len(order), dtype=np.int32)
            places = inverse[rows]
            file.add(f"{length}.weight", count[places[len(rows) - len(begin) :]])
            if continuation and length < plan.width:
                count = counted.read(f"{length}.adjusted")
            file.add(f"{length}.place", places)
            file.add(f"{length}.count", count[places].astype(np.int64))
            file.add(f"{length}.leaves", leaves)
            if continuation:
                leaves = leaves & (count[places] == 1)
            rows = ordered.read(f"{length}.suffix")[rows]
        file.add("head.row", rows)
        file.add("head.leaves", leaves)
        file.figures = {"begun": begun}


def _maximal(
    plan: Plan, counted: Stored, order: NDArray[np.int32], length: int
) -> NDArray[np.int32]:
    """Return the rows of n-grams that are no part of a longer one: of START, the largest symbol."""
    if length == plan.width:
        return np.arange(len(order), dtype=np.int32)
    number = -(-length // plan.keys.digits)
    keys = tuple(counted.mapped(f"{length}.{i}.key") for i in range(number))
    starts = place(keys, plan.keys.packed((plan.vocab_size,), length))
    return np.sort(order[starts:])


def _slices(plan: Plan, keys: Words, length: int) -> list[int]:
    """Return where the keys of each range of contexts begin in those of a range of suffixes."""
    found = [place(keys, plan.keys.packed(bound, length)) for bound in plan.contexts]
    return [0, *found, len(keys[0])]


def interpolate(plan: Plan, shard: int) -> None:
    """Add up the probabilities of the n-grams of a range, from the shortest to the longest."""
    ordered = plan.spool.open(f"ordered-{shard}")
    weighed = [plan.spool.open(f"weighed-{i}") for i in range(plan.ranges)]
    lower = plan.spool.open("head").read("probability", *_head_rows(plan, shard))
    with plan.spool.writing(f"interpolated-{shard}") as file:
        for length in plan.lengths:
            own, backoff = (
                np.concatenate(
                    [
                        stored.read(
                            f"{length}.{name}", *stored.figures["slices"][str(length)][shard]
                        )
                        for stored in weighed
                    ]
                )
                for name in ("own", "backoff")
            )
            order = ordered.read(f"{length}.order")
            backoff *= lower[ordered.read(f"{length}.suffix")][order]
            backoff += own
            file.add(f"{length}.probability", backoff.astype(np.float32))
            if length < plan.width:
                lower = np.empty(len(order))
                lower[order] = backoff


def _head_rows(plan: Plan, shard: int) -> tuple[int, int]:
    """Return which of the head's longest n-grams lie in a range, in suffix order."""
    low, high = plan.spool.open("head").figures["suffixes"][shard]
    return low, high
