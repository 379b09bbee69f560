r"""Filtering as a library: the texts that a model finds likely, as `charlm filter` keeps them.

>>> import charlm
>>> good = charlm.train_ngram("she sells sea shells by the sea shore\n" * 99, order=3)
>>> texts = ["the sea shells", "SEE !!! SHELL5 !!!", "she sells the shore", ""]
>>> list(charlm.filter_documents(good, texts, below=3))
['the sea shells', 'she sells the shore']
>>> list(charlm.filter_documents(good, texts, best=1))
['the sea shells']
"""

from collections.abc import Iterable, Iterator
from contextlib import closing

import numpy as np

from charlm.api.arguments import check_text, encoded, refuse_no_model
from charlm.api.model import Model
from charlm.errors import UsageError
from charlm.evaluation.filtering import Bounds, Share, bits_per_char
from charlm.evaluation.ranking import ScoreFile
from charlm.trained import TrainedModel

CHARS = 1 << 21  # of texts that are scored at once


def filter_documents(
    model: Model,
    texts: Iterable[str],
    *,
    below: float | None = None,
    above: float | None = None,
    best: float | None = None,
) -> Iterator[str]:
    """Return the texts whose bits per character lie below and above, or the best of them.

    `best` is a share, as 0.3, or a whole number of texts; then all are in memory at once. Otherwise
    they are read as they come, some at a time, however many there are. Empty ones are left out.

    Raises:
        TextError: a text has half a character.
        UsageError: a text is no string, or it is not said what to keep.
    """
    if not isinstance(model, Model):
        refuse_no_model("model", model)
    if (best is None) == (below is None and above is None):
        raise UsageError("say which texts to keep: either below and above, or best")
    if best is None:
        return _between(model.trained, texts, Bounds(below, above))
    share = Share(float(best), of_all=isinstance(best, float) and best <= 1)
    return iter(_best(model.trained, list(texts), share))


def _between(trained: TrainedModel, texts: Iterable[str], bounds: Bounds) -> Iterator[str]:
    for batch in _batches(texts):
        scores, _ = bits_per_char(trained, batch)
        yield from (batch[i] for i in np.flatnonzero(bounds.keeps(scores)).tolist())


def _best(trained: TrainedModel, texts: list[str], share: Share) -> list[str]:
    with closing(ScoreFile(columns=1)) as scores:
        for batch in _batches(texts):
            scores.add(bits_per_char(trained, batch)[0][:, None])
        rule = share.rule(scores)
        flags = [rule.keeps(block[:, 0]) for block in scores.blocks()]
    return [text for text, kept in zip(texts, np.concatenate(flags), strict=True) if kept]


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch, size = list[str](), 0
    for text in texts:
        check_text(text)
        encoded(text, "strict")
        batch.append(text)
        size += len(text)
        if size >= CHARS:
            yield batch
            batch, size = [], 0
    yield batch
