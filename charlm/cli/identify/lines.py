"""Which model explains each line best: rows for programs, objects of JSON, colours for readers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from charlm.cli.charts import COLOURS
from charlm.cli.console import to_json
from charlm.cli.identify.names import padded, short
from charlm.cli.tables import Piece, width_of
from charlm.cli.tabular import Row
from charlm.evaluation.bits import finite
from charlm.evaluation.identification import NOBODY, Identification
from charlm.text.escaping import visible

SCHEMA = 1


@dataclass(frozen=True)
class Lines:
    """What was found, with the names of the models and the lines as a reader sees them."""

    models: tuple[str, ...]
    texts: list[str]
    found: Identification

    def best(self, i: int) -> str | None:
        """Return the name of the best model; None where there is none."""
        best = int(self.found.best[i])
        return None if best == NOBODY else self.models[best]

    def rows(self) -> Iterator[Row]:
        """Yield rows of cells, the headings first."""
        opened = [] if self.found.z is None else ["z"]
        yield ["line", "best", "margin_bits", *opened, *self.models, "text"]
        for i, text in enumerate(self.texts):
            values = [self.found.margin[i], *self._z(i), *self.found.bits[:, i]]
            yield [i + 1, self.best(i) or "", *(f"{value:z.3f}" for value in values), text]

    def _z(self, i: int) -> list[float]:
        return [] if self.found.z is None else [float(self.found.z[i])]

    def objects(self) -> Iterator[str]:
        """Yield a JSON object for each line."""
        return (f"{to_json(self._object(i))}\n" for i in range(len(self.texts)))

    def _object(self, i: int) -> dict[str, Any]:
        size = int(self.found.bytes[i])
        per_model = []
        for model, cost in zip(self.models, self.found.bits[:, i].tolist(), strict=True):
            bits_per_byte = finite(cost / size) if size else None
            per_model.append({"model": model, "bits": finite(cost), "bits_per_byte": bits_per_byte})
        return {
            "schema": SCHEMA,
            "line": i + 1,
            "best": self.best(i),
            "margin_bits": finite(float(self.found.margin[i])),
            **({} if self.found.z is None else {"z": finite(float(self.found.z[i]))}),
            "models": per_model,
            "text": self.texts[i],
        }

    def coloured(self) -> Iterator[list[Piece]]:
        """Yield lines for a terminal, a colour for each model."""
        names = [short(name) for name in self.models]
        number, width = max(4, len(f"{len(self.texts):,}")), max(map(width_of, names))
        opened = "" if self.found.z is None else f"{'z':>6}  "
        head = f"  {'line':>{number}}  {'best':<{width}}  {opened}{'margin':>8}"
        yield [(head, "bold")]
        for i, text in enumerate(self.texts):
            best = int(self.found.best[i])
            shown = visible(text, but="\t").replace("\t", " ")
            if best == NOBODY:
                name, colour, margin = "-", "dim", ""
            else:
                name, colour = names[best], COLOURS[best % len(COLOURS)]
                margin = f"{self.found.margin[i]:z,.1f}"
            judged = padded(name, width), colour
            z = "".join(f"{value:z6.1f}  " for value in self._z(i))
            yield [(f"  {i + 1:>{number},}  ", ""), judged, (f"  {z}{margin:>8}  {shown}", "")]
