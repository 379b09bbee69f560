"""What samples are asked for."""

from dataclasses import dataclass

LINES = 10  # samples of a model of lines, where no number is given


@dataclass(frozen=True)
class Request:
    """The model, what its samples are to be like, and the texts that they are held against, if any.

    `number` None is the number that is usual for such a model, `seed` None another text every time.
    """

    model: str
    prompt: str
    length: int
    stop: tuple[str, ...]
    temperature: float
    top_k: int | None
    top_p: float | None
    number: int | None
    seed: int | None
    corpus: tuple[str, ...]
    column: str | None = None
    as_text: bool = False
    prompt_file: str | None = None
    regex: str | None = None
    starts_with: str = ""
    min_length: int = 0
    unique: bool = False
    new: bool = False
    novelty: bool = False
    beam: int | None = None

    @property
    def is_choosy(self) -> bool:
        """Whether not any sample will do."""
        asked = (self.regex is not None, self.starts_with, self.min_length, self.unique, self.new)
        return any(asked)
