"""What `charlm info` is asked. It imports nothing heavy."""

from dataclasses import dataclass

LIKELIEST, SIDE = 10, 32  # symbols that are listed, and rows of a matrix, where no number is given


@dataclass(frozen=True)
class Request:
    """The model, which of its thoughts are wanted, and the texts to count in, if any.

    `top` None is what suits a list or a matrix; `svg` is where the matrix goes as a picture.
    """

    model: str
    history: str | None = None
    text: str | None = None
    matrix: bool = False
    top: int | None = None
    corpus: tuple[str, ...] = ()
    column: str | None = None
    as_text: bool = False
    svg: str | None = None
    verify: bool = False

    @property
    def asks_for_list(self) -> bool:
        """Whether symbols are to be listed."""
        return self.history is not None or self.text is not None

    @property
    def looks_inside(self) -> bool:
        """Whether what the model thinks is wanted, and not what the file holds."""
        return self.asks_for_list or self.shows_matrix

    @property
    def shows_matrix(self) -> bool:
        """Whether the matrix is wanted: where texts are counted in, it is if nothing else is."""
        return self.matrix or (bool(self.corpus) and not self.asks_for_list)
