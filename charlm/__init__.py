"""Character language models: n-gram and recurrent, in NumPy, compared by one honest number.

The library in one line: `charlm.train_ngram`, `charlm.train_rnn` and `charlm.mix` make a
`charlm.Model`, which `Model.save` and `charlm.load` keep; `charlm/api/model.py` shows what it can
do. Importing charlm imports nothing else: what is heavy comes with the first use of a name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from charlm.version import __version__ as __version__

if TYPE_CHECKING:
    from charlm.api.arpa import export, import_arpa
    from charlm.api.comparing import Identified, compare, identify
    from charlm.api.corpora import corpus
    from charlm.api.counting import Counts, count, load_counts
    from charlm.api.filtering import filter_documents
    from charlm.api.gradients import check_gradients
    from charlm.api.items import ScoredItems, score_items
    from charlm.api.mixing import mix
    from charlm.api.model import Model, load
    from charlm.api.states import State
    from charlm.api.torch import export_torch
    from charlm.api.training import train_ngram, train_rnn
    from charlm.errors import (
        CharlmError,
        CompressedFileError,
        ModelFileError,
        OutputError,
        TextError,
        TrainingError,
        UsageError,
        WorkerError,
    )

__all__ = [
    "CharlmError",
    "CompressedFileError",
    "Counts",
    "Identified",
    "Model",
    "ModelFileError",
    "OutputError",
    "ScoredItems",
    "State",
    "TextError",
    "TrainingError",
    "UsageError",
    "WorkerError",
    "check_gradients",
    "compare",
    "corpus",
    "count",
    "export",
    "export_torch",
    "filter_documents",
    "identify",
    "import_arpa",
    "load",
    "load_counts",
    "mix",
    "score_items",
    "train_ngram",
    "train_rnn",
]

_HOMES = {
    "Counts": "api.counting",
    "Identified": "api.comparing",
    "Model": "api.model",
    "ScoredItems": "api.items",
    "State": "api.states",
    "check_gradients": "api.gradients",
    "compare": "api.comparing",
    "corpus": "api.corpora",
    "count": "api.counting",
    "export": "api.arpa",
    "export_torch": "api.torch",
    "filter_documents": "api.filtering",
    "identify": "api.comparing",
    "import_arpa": "api.arpa",
    "load_counts": "api.counting",
    "load": "api.model",
    "mix": "api.mixing",
    "score_items": "api.items",
    "train_ngram": "api.training",
    "train_rnn": "api.training",
}


if not TYPE_CHECKING:  # so that checkers know no other names than those

    def __getattr__(name: str) -> Any:
        """Import a name of the library when it is first used (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module 'charlm' has no attribute {name!r}")
        return getattr(import_module(f"charlm.{_HOMES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
