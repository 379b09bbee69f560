"""Samples as JSON: the text, why it ended, and the bits that it costs the model."""

import base64
from dataclasses import dataclass
from typing import Any

from charlm.arrays import Float64s, Holder
from charlm.evaluation.bits import finite
from charlm.sampling.samples import Generator, Sample, costs


@dataclass(frozen=True, eq=False, repr=False)
class Described(Holder):
    """A sample of a generator, and the bits of each symbol, (T,)."""

    generator: Generator
    sample: Sample
    costs: Float64s

    @classmethod
    def of(cls, generator: Generator, sample: Sample) -> "Described":
        """Let the model say what a sample costs."""
        return cls(generator, sample, costs(generator.reader(), sample.ids))

    def to_json(self, *, each: bool) -> dict[str, Any]:
        """Return JSON types; `each` adds the bits of each symbol."""
        symbols, total = len(self.sample.ids), float(self.costs.sum())
        known: dict[str, Any] = {
            **self._text("prompt", self.generator.prompt),
            **self._text("text", self.sample.text),
            "ending": self.sample.ending,
            "symbols": symbols,
            "total_bits": finite(total),
            "bits_per_symbol": finite(total / symbols) if symbols else None,
        }
        if each:
            known["surprisal"] = [
                {**self._text("symbol", self.generator.names[symbol]), "bits": finite(cost)}
                for symbol, cost in zip(self.sample.ids, self.costs.tolist(), strict=True)
            ]
        return known

    def _text(self, name: str, text: str) -> dict[str, str | None]:
        """Return a text by its name; bytes that are no UTF-8 as Base64 beside it."""
        encoding = self.generator.trained.tokenizer.unit.encoding
        if encoding is None:
            return {name: text}
        data = text.encode(encoding)
        try:
            return {name: data.decode()}
        except UnicodeDecodeError:
            return {name: None, f"{name}_base64": base64.b64encode(data).decode()}
