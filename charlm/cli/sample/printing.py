"""What `charlm sample` prints: one sample after the other, as text or as JSON."""

import base64
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from charlm.cli.console import console, say, to_json
from charlm.cli.sample.text import Pieces, TextView

if TYPE_CHECKING:
    import numpy as np

    from charlm.cli.palette import Palette
    from charlm.cli.sample.novelty import Findings
    from charlm.sampling.samples import Generator, Piece, Sample
    from charlm.text.corpus import Document

SCHEMA = 1
NO_COLOURS = (
    "No colours here; --surprisal --json lists the bits of each symbol, --color always insists."
)


@dataclass(frozen=True)
class Samples:
    """How many samples there are to be, and the texts that they are held against, if any."""

    generator: "Generator"
    number: int
    rng: "np.random.Generator"
    corpus: Sequence["Document"]

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

    def _keep(self, pieces: Pieces, drawn: list[list[int]]) -> Iterator["Piece"]:
        """Keep the symbols of a sample while its pieces pass."""
        drawn.append([])
        for piece in pieces:
            drawn[-1] += piece.ids
            yield piece

    def print_json(self, model: str, *, each: bool) -> None:
        """Print one object a line, as soon as it is known; `each` adds the bits of each symbol."""
        from charlm.sampling.samples import joined

        samples: Iterator[Sample] = map(joined, self._samples())
        findings = None
        if self.corpus:
            kept = list(samples)
            samples = iter(kept)
            findings = self._find([sample.ids for sample in kept])
        for i, sample in enumerate(samples):
            facts = {"schema": SCHEMA, "model": model, "sample": i + 1}
            facts |= described(self.generator, sample, each=each)
            if findings is not None:
                facts["novelty"] = findings.facts(i)
            click.echo(to_json(facts))

    def _find(self, drawn: list[list[int]]) -> "Findings":
        from charlm.cli.sample.novelty import find

        trained = self.generator.trained
        end = trained.tokenizer.end
        samples = [ids[:-1] if ids[-1:] == [end] else ids for ids in drawn]
        return find(trained, samples, self.corpus)


def _palette() -> "Palette | None":
    """Return the colours of standard output; None where it has none."""
    from charlm.cli.palette import Palette
    from charlm.surprisal.colours import Scale

    palette = Palette(console(), Scale.usual())
    return None if palette.marks else palette


def described(generator: "Generator", sample: "Sample", *, each: bool) -> dict[str, Any]:
    """Give what is known of a sample as JSON types; `each` adds the bits of each symbol."""
    from charlm.evaluation.bits import finite
    from charlm.sampling.samples import bits

    costs = bits(generator.reader(), sample.ids)
    total = float(costs.sum())
    facts = {
        **_text("prompt", generator.prompt, generator),
        **_text("text", sample.text, generator),
        "ending": sample.ending,
        "symbols": len(sample.ids),
        "total_bits": finite(total),
        "bits_per_symbol": finite(total / len(sample.ids)) if sample.ids else None,
    }
    if each:
        facts["surprisal"] = [
            {**_text("symbol", generator.names[symbol], generator), "bits": finite(cost)}
            for symbol, cost in zip(sample.ids, costs.tolist(), strict=True)
        ]
    return facts


def _text(name: str, text: str, generator: "Generator") -> dict[str, Any]:
    """Give a text for JSON; bytes that are no UTF-8 as Base64 beside it."""
    encoding = generator.trained.tokenizer.unit.encoding
    if encoding is None:
        return {name: text}
    data = text.encode(encoding)
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {name: None, f"{name}_base64": base64.b64encode(data).decode()}
