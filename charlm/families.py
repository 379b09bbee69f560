"""The kinds of models there are, by the name that a model file carries."""

from charlm.model import StorableModel
from charlm.ngram.model import NgramModel
from charlm.rnn.model import RnnModel

FAMILIES: dict[str, type[StorableModel]] = {
    family.kind: family for family in (NgramModel, RnnModel)
}
