"""What `charlm sample` prints: one sample after the other, as text or as JSON."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import click
import numpy as np

from charlm import storage
from charlm.cli.console import console, say, to_json
from charlm.cli.palette import Palette
from charlm.cli.sample import novelty
from charlm.cli.sample.as_json import Described
from charlm.cli.sample.as_text import LINE_END, NUL, Pieces, TextView
from charlm.cli.sample.novelty import Findings
from charlm.cli.sample.request import LINES, Request
from charlm.sampling.drawing import SamplingConfig
from charlm.sampling.samples import Generator, Piece, Sample, joined
from charlm.surprisal.colours import Scale
from charlm.text import sources
from charlm.text.corpus import Document, read
from charlm.text.rows import RowOptions
from charlm.trained import TrainedModel

SCHEMA = 1
NO_COLOURS = (
    "No colours here; --surprisal --json lists the bits of each symbol, --color always insists."
)


def show(request: Request, *, null: bool, surprisal: bool, as_json: bool) -> None:
    """Draw samples and print them, as text or as JSON.

    Raises:
        TextError: a text to hold them against cannot be read.
        UsageError: such samples cannot be drawn.
    """
    prompt = _prompt(request.prompt)
    documents = read(request.corpus, say, RowOptions(request.column, request.as_text))
    trained = storage.load(request.model)
    generator = _generator(trained, request, prompt)
    number = request.number or (1 if trained.tokenizer.end is None else LINES)
    printer = Printer(generator, number, np.random.default_rng(request.seed), documents)
    if as_json:
        printer.print_json(request.model, each=surprisal)
    else:
        printer.print_text(NUL if null else LINE_END, surprisal=surprisal)


def _prompt(given: str) -> str:
    """Return a prompt, read as it would have been typed: `echo` closes it with a line end."""
    if given != sources.STANDARD_INPUT:
        return given
    return os.fsdecode(sources.raw(given)).removesuffix("\n")


def _generator(trained: TrainedModel, request: Request, prompt: str) -> Generator:
    """Return what draws the samples that were asked for; say what of it the model does not know."""
    typed = trained.tokenizer.unit.from_typed
    config = SamplingConfig(request.temperature, request.top_k, request.top_p)
    stop = tuple(map(typed, request.stop))
    generator = Generator(trained, config, typed(prompt), request.length, stop)
    if generator.unknown:
        say(f"The model has never seen {', '.join(map(repr, generator.unknown))}: read as unknown.")
    for text in generator.unreachable:
        say(f"No symbol of the model has every character of {text!r}: it will never stop there.")
    return generator


@dataclass(frozen=True)
class Printer:
    """Prints so many samples, and says how new they are beside a corpus, if there is one."""

    generator: Generator
    number: int
    rng: np.random.Generator
    corpus: Sequence[Document]

    def print_text(self, closing: str, *, surprisal: bool) -> None:
        """Show samples while they are drawn; what is said of them comes after, elsewhere."""
        palette = _palette() if surprisal else None
        view = TextView(self.generator, self.number, closing, palette)
        drawn: list[list[int]] = []
        for place, pieces in enumerate(self._samples(), start=1):
            view.show(place, self._keep(pieces, drawn) if self.corpus else pieces)
        if palette is not None:
            palette.show_legend(console(sys.stderr))
        elif surprisal:
            say(NO_COLOURS)
        if self.corpus:
            self._find(drawn).tell()

    def _samples(self) -> Iterator[Pieces]:
        return islice(self.generator.samples(self.rng), self.number)

    def _keep(self, pieces: Pieces, drawn: list[list[int]]) -> Iterator[Piece]:
        """Keep the symbols of a sample while its pieces pass."""
        drawn.append([])
        for piece in pieces:
            drawn[-1] += piece.ids
            yield piece

    def print_json(self, model: str, *, each: bool) -> None:
        """Print one object a line, as soon as it is known; `each` adds the bits of each symbol."""
        samples: Iterator[Sample] = map(joined, self._samples())
        findings = None
        if self.corpus:
            kept = list(samples)
            samples = iter(kept)
            findings = self._find([sample.ids for sample in kept])
        for i, sample in enumerate(samples):
            facts: dict[str, Any] = {"schema": SCHEMA, "model": model, "sample": i + 1}
            facts |= Described.of(self.generator, sample).to_json(each=each)
            if findings is not None:
                facts["novelty"] = findings.to_json(i)
            click.echo(to_json(facts))

    def _find(self, drawn: list[list[int]]) -> Findings:
        trained = self.generator.trained
        end = trained.tokenizer.end
        samples = [ids[:-1] if ids[-1:] == [end] else ids for ids in drawn]
        return novelty.find(trained, samples, self.corpus)


def _palette() -> Palette | None:
    """Return the colours of standard output; None where it has none."""
    palette = Palette(console(), Scale.usual())
    return None if palette.marks else palette
