"""What `charlm sample` prints: one sample after the other, as text or as JSON."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from charlm import storage
from charlm.cli.asked import Asked
from charlm.cli.console import console, say, to_json, unwatched, warn
from charlm.cli.files import STANDARD_OUTPUT
from charlm.cli.palette import Palette
from charlm.cli.sample import novelty
from charlm.cli.sample.as_json import Described
from charlm.cli.sample.as_text import LINE_END, NUL, Pieces, TextView
from charlm.cli.sample.novelty import Findings
from charlm.cli.sample.request import LINES, Request
from charlm.cli.tabular import TABLE, Output, Row, say_written
from charlm.files.writing import write_atomically
from charlm.sampling.constraints import Constraint
from charlm.sampling.drawing import SamplingConfig
from charlm.sampling.novelty import known_texts
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


def show(request: Request, asked: Asked, *, null: bool, surprisal: bool) -> None:
    """Draw samples and print them, as text, as a table or as JSON.

    Raises:
        TextError: a text to hold them against cannot be read.
        UsageError: such samples cannot be drawn.
    """
    documents = read(request.corpus, say, RowOptions(request.column, request.as_text))
    is_text = not (asked.is_json or asked.is_table)
    output = Output(asked, None if is_text else TABLE)
    inputs = [*filter(None, [request.prompt_file]), *(document.name for document in documents)]
    output.check(request.model, *inputs)
    prompt = _prompt(request)
    trained = storage.load(request.model)
    generator = _generator(trained, request, prompt, documents)
    number = request.number or (1 if trained.tokenizer.end is None or request.beam else LINES)
    printer = Printer(
        generator,
        number,
        np.random.default_rng(request.seed),
        [] if request.new and not request.novelty else documents,
        request.beam,
    )
    if asked.is_json:
        output.lines(printer.json_lines(request.model, each=surprisal), flush=True)
    elif asked.is_table:
        output.table(printer.rows(request.model), flush=True)
    elif asked.output not in (None, STANDARD_OUTPUT):
        printer.write(str(asked.output), NUL if null else LINE_END)
    else:
        printer.print_text(NUL if null else LINE_END, surprisal=surprisal)


def _prompt(request: Request) -> str:
    """Return a prompt, read as it would have been typed: `echo` closes it with a line end.

    Raises:
        TextError: the file cannot be read, or is a model.
    """
    name = request.prompt_file or request.prompt
    if request.prompt_file is None and name != sources.STANDARD_INPUT:
        return name
    data = sources.raw(name)
    if request.prompt_file is not None:
        Document(name, data).refuse_foreign(data)
    return os.fsdecode(data).removesuffix("\n")


def _generator(
    trained: TrainedModel, request: Request, prompt: str, documents: Sequence[Document]
) -> Generator:
    """Return what draws the samples that were asked for; say what of it the model does not know."""
    typed = trained.tokenizer.unit.from_typed
    config = SamplingConfig(request.temperature, request.top_k, request.top_p)
    stop = tuple(map(typed, request.stop))
    generator = Generator(
        trained, config, typed(prompt), request.length, stop, _wanted(trained, request, documents)
    )
    if generator.unknown:
        say(f"The model has never seen {', '.join(map(repr, generator.unknown))}: read as unknown.")
    for text in generator.unreachable:
        say(f"No symbol of the model has every character of {text!r}: it will never stop there.")
    return generator


def _wanted(
    trained: TrainedModel, request: Request, documents: Sequence[Document]
) -> Constraint | None:
    """Return what samples must be; None where any will do."""
    if not request.is_choosy:
        return None
    return Constraint(
        pattern=request.regex,
        starts_with=request.starts_with,
        min_length=request.min_length,
        is_known=known_texts(trained, documents) if request.new else None,
        unique=request.unique,
    )


@dataclass(frozen=True)
class Printer:
    """Prints so many samples, and says how new they are beside a corpus, if there is one."""

    generator: Generator
    number: int
    rng: np.random.Generator
    corpus: Sequence[Document]
    beam: int | None = None

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

    def write(self, path: str, closing: str) -> None:
        """Write samples to a file, whole or not at all, each after its prompt and closed."""
        unit = self.generator.trained.tokenizer.unit
        drawn: list[list[int]] = []

        def pieces() -> Iterator[bytes]:
            for sample in self._samples():
                text = self.generator.prompt
                for piece in self._keep(sample, drawn):
                    text += piece.text
                ended = closing != NUL and text.endswith(LINE_END)
                yield (text + closing * (not ended)).encode(unit.encoding or "utf-8", "replace")

        write_atomically(path, pieces())
        say_written(path)
        if self.corpus:
            self._find(drawn).tell()

    def rows(self, model: str) -> Iterator[Row]:
        """Yield a row for each sample, the headings first."""
        unit = self.generator.trained.tokenizer.unit
        names = ("model", "sample", "prompt", "text", "ending", "symbols", "total_bits")
        yield [*names, "longest_copy"] if self.corpus else names
        kept = list(map(joined, self._samples())) if self.corpus else map(joined, self._samples())
        found = self._find([one.ids for one in kept]) if isinstance(kept, list) else None
        for i, sample in enumerate(kept):
            cost = float(Described.of(self.generator, sample).costs.sum())
            texts = [unit.as_text(text) for text in (self.generator.prompt, sample.text)]
            row = [model, i + 1, *texts, sample.ending, len(sample.ids), f"{cost:z.6f}"]
            yield [*row, found.novelties[i].longest_copy] if found is not None else row

    def _samples(self) -> Iterator[Pieces]:
        if self.beam is not None:
            drawn: Iterator[Pieces] = (
                iter([piece]) for piece in self.generator.likeliest(self.beam, self.number)
            )
        else:
            drawn = islice(self.generator.samples(self.rng, unwatched()), self.number)
        number = 0
        for sample in drawn:
            number += 1
            yield sample
        if number < self.number:
            warn(f"{number} of {self.number} samples: there are no more such as are wanted.")

    def _keep(self, pieces: Pieces, drawn: list[list[int]]) -> Iterator[Piece]:
        """Keep the symbols of a sample while its pieces pass."""
        drawn.append([])
        for piece in pieces:
            drawn[-1] += piece.ids
            yield piece

    def json_lines(self, model: str, *, each: bool) -> Iterator[str]:
        """Yield one object a line, as soon as it is known; `each` adds the bits of each symbol."""
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
            yield to_json(facts) + "\n"

    def _find(self, drawn: list[list[int]]) -> Findings:
        trained = self.generator.trained
        end = trained.tokenizer.end
        samples = [ids[:-1] if ids[-1:] == [end] else ids for ids in drawn]
        return novelty.find(trained, samples, self.corpus)


def _palette() -> Palette | None:
    """Return the colours of standard output; None where it has none."""
    palette = Palette(console(), Scale.usual())
    return None if palette.marks else palette
