r"""A trained network over a larger vocabulary, for a text with symbols that it never met.

All that the network has learnt stays as it is. A new symbol starts as an average of the known ones.

As an output: a vector added to all rows of V changes no distribution, so a row says something about
its symbol only by its difference from the mean row. Each of n new symbols gets the mean row, and as
its bias the mean of c, less log n. All n together are then as likely as one symbol of average
logit. At each history h

    sum over new symbols of P(x | h)  ~  exp(mean over known symbols of log P(x | h))

This is a geometric mean of K probabilities: at most 1 / K, and far less where the network is sure
of what follows. The known symbols keep their proportions, as each of their log-probabilities falls
by the same log(1 - share).

As an input, a new symbol has the mean column of U (or R).
"""

from math import log

import numpy as np

from charlm.arrays import Floats, Ids
from charlm.errors import UsageError
from charlm.rnn.model import RnnModel
from charlm.text.vocabulary import UNKNOWN

INPUTS, OUTPUTS = ("U", "R"), ("V", "c")  # a column for each symbol and START; a row each


def grow(model: RnnModel, ids: Ids, vocab_size: int) -> RnnModel:
    """Return the network over so many symbols; `ids`, (V + 1,), has its own there, START last.

    Raises:
        UsageError: it has rows for n-grams, whose places follow from the numbers of the symbols.
    """
    added = np.setdiff1d(np.arange(vocab_size + 1), ids)
    if not len(added):
        return model
    if model.config.ngrams:
        raise UsageError(
            "a network with rows for n-grams takes no symbols that it lacks; train a new one"
        )
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
