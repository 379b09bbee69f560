r"""A trained network over a larger vocabulary, for a text with symbols that it never met.

All that it has learnt stays as it is; what is new starts as an average of what it knows. Adding a
vector to every row of V changes no distribution, so the mean of the rows is the one that says
nothing of a symbol. With n new symbols, each with that row, and the mean of c less log n, all of
them together have what one symbol of average logit would have: at each history h

    sum over new symbols of P(x | h)  ~  exp(mean over known symbols of log P(x | h))

a geometric mean of K probabilities, at most 1 / K, and far less where the network knows what it
wants. Whatever the known symbols had among each other they keep: each log-probability falls by the
same log(1 - share). As an input a new symbol is the mean column of U (or R).
"""

from math import log

import numpy as np

from charlm.arrays import Floats, Ids
from charlm.rnn.model import RnnModel
from charlm.text.vocabulary import UNKNOWN

INPUTS, OUTPUTS = ("U", "R"), ("V", "c")  # a column for each symbol and START; a row each


def grow(model: RnnModel, ids: Ids, vocab_size: int) -> RnnModel:
    """Return the network over so many symbols; `ids`, (V + 1,), has its own there, START last."""
    added = np.setdiff1d(np.arange(vocab_size + 1), ids)
    if not len(added):
        return model
    met = slice(UNKNOWN + 1 if model.reserve else UNKNOWN, model.vocab_size)
    parameters = dict(model.parameters)
    for name in parameters.keys() & {*INPUTS}:
        columns = parameters[name].T
        parameters[name] = np.ascontiguousarray(_spread(columns, columns[met], ids, added).T)
    for name in OUTPUTS:
        rows = parameters[name]
        parameters[name] = _spread(rows, rows[met], ids[:-1], added)
    parameters["c"][added] -= log(len(added))
    end = None if model.end is None else int(ids[model.end])
    return RnnModel(model.config, vocab_size, end, model.reserve, parameters)


def _spread(rows: Floats, met: Floats, ids: Ids, added: Ids) -> Floats:
    """Put rows where they belong now, and the mean of those that were met in the new places."""
    spread = np.empty((len(ids) + len(added), *rows.shape[1:]), rows.dtype)
    spread[ids], spread[added] = rows, met.mean(axis=0)
    return spread
