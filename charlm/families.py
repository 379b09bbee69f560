"""The kinds of models there are, by the name that a model file carries."""

from charlm.mixture.model import MixtureModel
from charlm.model import FAMILIES, StorableModel
from charlm.ngram.model import NgramModel
from charlm.rnn.model import RnnModel

__all__ = ["FAMILIES"]

_CLASSES: tuple[type[StorableModel], ...] = (NgramModel, RnnModel, MixtureModel)
FAMILIES.update({family.kind: family for family in _CLASSES})
