r"""Writing an n-gram model as an ARPA file.

log10 of 0 is -99. Nine decimals bring every float32 back exactly. A model of fewer orders than it
has is a model too (`shortened`): what longer contexts back off to, by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log10
from pathlib import Path

import numpy as np

from charlm.errors import UsageError
from charlm.files import foreign
from charlm.files.replacing import Kind
from charlm.ngram.arpa.file import LOG_ZERO
from charlm.ngram.arpa.names import USUAL, Names
from charlm.ngram.model import NgramModel
from charlm.ngram.tables import Tables
from charlm.text import sources
from charlm.text.vocabulary import END_NAME, START_NAME


def is_arpa(path: Path) -> bool:
    """Tell whether a file begins as ARPA files do, compressed or not."""
    return foreign.is_arpa(sources.beginning(path, foreign.BEGINNING))


ARPA = Kind("an ARPA file", is_arpa)


def shortened(model: NgramModel, order: int) -> NgramModel:
    """Return the model that P(x | h) backs off to where h has `order` symbols at most.

    Each order of a back-off model is a distribution by itself, which sums to one. Of Kneser-Ney it
    is not the model that training with that order gives: shorter contexts ask there after how many
    different symbols a symbol came, which is best only below longer ones.

    Raises:
        UsageError: the model has no such order.
    """
    if not 0 <= order <= model.order:
        raise UsageError(f"the model has contexts of 0 to {model.order} symbols, not of {order}")
    config = replace(model.config, order=order, prune=model.config.prune[: order + 1])
    tables = replace(
        model.tables,
        keys=model.tables.keys[: order + 1],
        probability=model.tables.probability[: order + 1],
        backoff=model.tables.backoff[:order],
    )
    return NgramModel(config, tables, model.notes[: order + 1])


def write(model: NgramModel, symbols: Sequence[str], names: Names = USUAL) -> Iterator[str]:
    """Yield the lines of the file, each with its line end.

    `symbols` are those of the ids between UNKNOWN and END, `names` what they are called there.

    Raises:
        UsageError: they cannot be called so (`Names.of`).
    """
    called = names.of(symbols)
    return _file(model.tables, called + [END_NAME] * (model.end is not None))


def _file(tables: Tables, names: list[str]) -> Iterator[str]:
    yield "\\data\\\n"
    numbers = [tables.ngrams[0] + (1 if tables.end is not None else 2), *tables.ngrams[1:]]
    for k, number in enumerate(numbers, start=1):
        yield f"ngram {k}={number}\n"
    texts = [*names, START_NAME]  # of the rows of one length
    for k in range(1, tables.order + 2):
        yield f"\n\\{k}-grams:\n"
        if k > 1:
            history, symbol = np.divmod(tables.keys[k - 1].astype(np.int64), tables.vocab_size)
            pairs = zip(history.tolist(), symbol.tolist(), strict=True)
            texts = [f"{texts[h]} {names[s]}" for h, s in pairs]
        yield from _lines(tables, k, texts)
        if k == 1 and tables.end is None:
            yield f"{LOG_ZERO}\t{END_NAME}\n"  # never predicted, but KenLM insists on it
    yield "\n\\end\\\n"


def _lines(tables: Tables, k: int, texts: list[str]) -> Iterator[str]:
    """Yield the n-grams of one length; START has a back-off weight, but no probability."""
    logs = [*map(_log, tables.probability[k - 1].tolist())]
    logs += [LOG_ZERO] * (len(texts) - len(logs))
    if k > tables.order:
        for log, text in zip(logs, texts, strict=True):
            yield f"{log:z.9f}\t{text}\n"
        return
    for log, text, weight in zip(logs, texts, tables.backoff[k - 1].tolist(), strict=True):
        yield f"{log:z.9f}\t{text}\t{_log(weight):z.9f}\n"


def _log(probability: float) -> float:
    return log10(probability) if probability > 0 else LOG_ZERO
