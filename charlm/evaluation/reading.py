"""In which way a model reads a text: as it is, learning from it, or fed with its own expectations.

Each way has a name before there is a reader: figures of different readings are different figures,
and every text begins with a reader that has read nothing. For figures, this is the only place where
a name becomes a reader.
"""

from enum import StrEnum

from charlm.model import Reader, StaticReader, StorableModel
from charlm.rnn.inference.free_running import FreeRunningReader


class Reading(StrEnum):
    """How a model reads a text.

    It is frozen, or it learns from each symbol after predicting it (adaptive), or it is fed what it
    expected instead of the text (free-running).
    """

    FROZEN = ""
    ADAPTIVE = "adaptive"
    FREE_RUNNING = "free-running"

    @classmethod
    def of(cls, adaptive: bool) -> "Reading":
        """Return how the text itself is read, by a model that learns or does not."""
        return cls.ADAPTIVE if adaptive else cls.FROZEN

    def reader(self, model: StorableModel) -> Reader:
        """Return a reader that has read nothing.

        Raises:
            UsageError: the model cannot read so.
        """
        if self is Reading.ADAPTIVE:
            return model.adaptive_reader()
        return FreeRunningReader(model) if self is Reading.FREE_RUNNING else StaticReader(model)
