"""Estimation in ranges of n-grams: memory is a choice, and workers may be anywhere.

What `estimation.py` does at once with all n-grams of a length, is done here in ranges of them, by
tasks that know nothing of each other and leave files for each other (`spool.py`). The model is the
same, byte for byte, however many ranges there are and whoever does the tasks.

N-grams are cut in two ways. By their newest symbols: then an n-gram, its left neighbours and its
suffix, from which it is counted and upon which it is interpolated, lie in one range
(`suffixes.py`). By their oldest symbols: then a history, the n-grams that extend it and their rows
in the model's tables do (`contexts.py`). Each n-gram crosses three times:

    suffix -> context     its key and its counts
    context -> suffix     its own share of the probability, and the back-off weight of its history
    suffix -> context     its probability

Where others work, they read and count the texts, too, in sections (`surveying.py`, `countable.py`).

N-grams so short that they lie across such ranges are few. The driver has them all (`head.py`), and
it alone tunes the discounts, from a sample of events that the ranges give it.
"""
