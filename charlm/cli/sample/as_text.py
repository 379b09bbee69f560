"""Samples as text, shown while they are drawn, with colours where these are wanted."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from charlm.cli.console import shown_text, text_writer, write_shown
from charlm.cli.palette import Palette
from charlm.sampling.samples import Generator, Piece, costs

LINE_END, NUL = "\n", "\0"
RULE, WIDTH = "─", 40

Pieces: TypeAlias = Iterator[Piece]
WritePiece: TypeAlias = Callable[[Piece], None]


@dataclass(frozen=True)
class TextView:
    """Shows samples, each closed by a line end of its own or by NUL; in colours with a palette.

    On a terminal a rule stands before each of several samples that may have many lines.
    """

    generator: Generator
    samples: int
    closing: str = LINE_END
    palette: Palette | None = None

    def show(self, place: int, pieces: Pieces) -> None:
        """Show a sample after its prompt, piece by piece."""
        tokenizer, last = self.generator.trained.tokenizer, self.generator.prompt
        if self.samples > 1 and tokenizer.end is None and sys.stdout.isatty():
            rule = f"{RULE * 2} {place} of {self.samples} "
            write_shown(rule.ljust(WIDTH, RULE) + LINE_END)
        write, write_piece = self._writers(tokenizer.unit.encoding)
        write(self.generator.prompt)
        for piece in pieces:
            write_piece(piece)
            sys.stdout.flush()
            last = piece.text or last
        if self.closing == NUL or not last.endswith(LINE_END):
            write(self.closing)

    def _writers(self, encoding: str | None) -> tuple[Callable[[str], None], WritePiece]:
        if self.palette is None:
            write = text_writer(encoding)
            return write, lambda piece: write(piece.text)
        shown = shown_text(encoding)
        return lambda text: write_shown(shown(text)), _painter(self.generator, shown, self.palette)


def _painter(generator: Generator, shown: Callable[[str], str], palette: Palette) -> WritePiece:
    """Return what shows each symbol by its bits; several bytes of a character, by all."""
    reader, waiting = generator.reader(), 0.0

    def write(piece: Piece) -> None:
        nonlocal waiting
        painted = []
        for text, cost in zip(piece.texts, costs(reader, piece.ids).tolist(), strict=True):
            waiting += cost
            if text := shown(text):
                painted.append(palette.paint(text, waiting))
                waiting = 0.0
        write_shown("".join(painted))

    return write
