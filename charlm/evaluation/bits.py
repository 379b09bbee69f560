r"""The one honest number: how many bits a model needs for a text.

    L = -sum_t log2 P(x_t | x_<t)

over every predicted event: no tail is dropped, line ends count where the model predicts them, and
an unknown symbol costs P(UNKNOWN | history) *and* the bits that say which symbol it was
(`Tokenizer.spelling_bits`). So every model is a distribution over all texts, and models over
different vocabularies and units can be compared:

    bits_per_char = L / code points        bits_per_byte = L / UTF-8 bytes of the text
    perplexity    = 2^(L / symbols)        (only between models of the same unit)

A model is frozen, or it learns while it reads (an adaptive reader): each symbol is predicted
before it is learnt, so the number is as honest, but it is another number. Each figure carries a
signature that names what decides it (`TrainedModel.signature`).
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, isfinite, log
from time import perf_counter

import numpy as np

from charlm.arrays import Float64s, Holder, Ids
from charlm.model import Reader, StaticReader
from charlm.progress import Progress, Report, silent
from charlm.text.units import Unit
from charlm.text.vocabulary import UNKNOWN
from charlm.trained import TrainedModel

SYMBOLS_PER_REPORT = 1 << 20  # symbols scored between two progress reports
ADAPTIVE_SYMBOLS_PER_REPORT = 1 << 14  # the same, where each of them teaches


@dataclass(frozen=True)
class Evaluation:
    """What a model needs for a text, or for several together.

    `symbols` are the predicted events. `chars` and `bytes` are those of the decoded text, before
    any normalisation, but without a byte order mark and without the CRs that `--newlines lf`
    leaves out; `chars` is None if the text is bytes that are not UTF-8. `impossible` is the first
    event of probability zero and its place, if there is one: then `total_bits` is infinite.
    `known_bits` leaves the unknown symbols out; `spelling_bits` is the part of the total that says
    which they were.
    """

    symbols: int
    chars: int | None
    bytes: int
    unknown_symbols: int
    total_bits: float
    known_bits: float
    seconds: float = field(compare=False)
    impossible: tuple[int, str] | None = None
    spelling_bits: float = 0.0

    def __repr__(self) -> str:
        names = ("bits_per_char", "bits_per_byte", "perplexity", "total_bits")
        figures = [f"{name}={_shown(getattr(self, name))}" for name in names]
        counts = [f"{name}={getattr(self, name)}" for name in ("symbols", "unknown_symbols")]
        return f"Evaluation({', '.join(figures + counts)})"

    @property
    def nats_per_char(self) -> float | None:
        """Natural logarithms, as papers on networks give it."""
        bits = self.bits_per_char
        return None if bits is None else bits * log(2)

    @property
    def bits_per_symbol(self) -> float | None:
        """Per predicted event."""
        return _ratio(self.total_bits, self.symbols)

    @property
    def bits_per_char(self) -> float | None:
        """Per code point."""
        return _ratio(self.total_bits, self.chars)

    @property
    def bits_per_byte(self) -> float | None:
        """Per byte of UTF-8; comparable between all units."""
        return _ratio(self.total_bits, self.bytes)

    @property
    def unit(self) -> str:
        """What bits are given per: char, or byte where the text has no characters."""
        return "byte" if self.bits_per_char is None else "char"

    @property
    def bits_per_unit(self) -> float | None:
        """Per `unit`."""
        return self.bits_per_byte if self.bits_per_char is None else self.bits_per_char

    @property
    def perplexity(self) -> float | None:
        """Per predicted event, unknown symbols included."""
        return exponential(self.bits_per_symbol)

    @property
    def perplexity_known(self) -> float | None:
        """Per predicted event, unknown symbols left out."""
        return exponential(_ratio(self.known_bits, self.symbols - self.unknown_symbols))


def _shown(figure: float | None) -> str:
    return "None" if figure is None else f"{figure:z.4f}"


def _ratio(numerator: float, denominator: int | None) -> float | None:
    return numerator / denominator if denominator else None


def finite(value: float | None) -> float | None:
    """Return a figure as JSON can hold it: None where it is infinite or no number."""
    return value if value is not None and isfinite(value) else None


def exponential(bits: float | None) -> float | None:
    """Return 2^bits, inf where that is too large a number."""
    if bits is None:
        return None
    return 2.0**bits if bits < sys.float_info.max_exp else inf


@dataclass(frozen=True, eq=False, repr=False)
class SymbolBits(Holder):
    """The symbols of a text, the bits of each with its spelling, and the spelling alone, (T,)."""

    ids: Ids
    bits: Float64s
    spelling: Float64s
    seconds: float


def evaluate(
    trained: TrainedModel, text: str, report: Report = silent, reader: Reader | None = None
) -> Evaluation:
    """Score a text, as the model's unit decodes it (`Document.text`), and sum up.

    `reader` is an adaptive reader of the model that has read nothing; None leaves it frozen.
    """
    return sum_up(trained, text, score(trained, text, report, reader))


def sum_up(trained: TrainedModel, text: str, scored: SymbolBits) -> Evaluation:
    """Add up what the symbols of a text cost."""
    unknown = scored.ids == UNKNOWN
    chars, size = sizes_of(trained.tokenizer.with_line_ends(text), trained.tokenizer.unit)
    return Evaluation(
        symbols=len(scored.ids),
        chars=chars,
        bytes=size,
        unknown_symbols=int(unknown.sum()),
        total_bits=float(scored.bits.sum()),
        known_bits=float(scored.bits[~unknown].sum()),
        seconds=scored.seconds,
        impossible=_first_impossible(trained, text, scored.bits),
        spelling_bits=float(scored.spelling.sum()),
    )


def score(
    trained: TrainedModel, text: str, report: Report = silent, reader: Reader | None = None
) -> SymbolBits:
    """Say what each symbol of a text costs, as `evaluate` reads it."""
    began = perf_counter()
    ids = trained.tokenizer.encode(text)
    log_probs = score_in_pieces(reader or StaticReader(trained.model), ids, report)
    spelling = trained.tokenizer.spelling_bits(text, ids)
    bits = log_probs  # in its place: fresh memory for a long text costs more than the sums
    bits /= -log(2)
    bits += spelling
    return SymbolBits(ids, bits, spelling, perf_counter() - began)


def score_in_pieces(reader: Reader, ids: Ids, report: Report = silent) -> Float64s:
    """Score a text of any length, reporting progress; natural logs, (T,)."""
    log_probs = np.empty(len(ids))
    piece = ADAPTIVE_SYMBOLS_PER_REPORT if reader.describe() else SYMBOLS_PER_REPORT
    for low in range(0, len(ids), piece):
        high = min(len(ids), low + piece)
        log_probs[low:high] = reader.score(ids[low:high])
        report(Progress("scoring", high, len(ids)))
    return log_probs


def total(evaluations: Sequence[Evaluation]) -> Evaluation:
    """Add up what one model needs for several texts."""
    chars = [e.chars for e in evaluations]
    return Evaluation(
        symbols=sum(e.symbols for e in evaluations),
        chars=None if None in chars else sum(filter(None, chars)),
        bytes=sum(e.bytes for e in evaluations),
        unknown_symbols=sum(e.unknown_symbols for e in evaluations),
        total_bits=sum(e.total_bits for e in evaluations),
        known_bits=sum(e.known_bits for e in evaluations),
        seconds=sum(e.seconds for e in evaluations),
        impossible=next((e.impossible for e in evaluations if e.impossible), None),
        spelling_bits=sum(e.spelling_bits for e in evaluations),
    )


def sizes_of(text: str, unit: Unit) -> tuple[int | None, int]:
    """Code points and UTF-8 bytes of a text; of raw bytes, code points only if they are UTF-8."""
    if unit.encoding is None:
        return len(text), len(text.encode())
    data = text.encode(unit.encoding)
    try:
        return len(data.decode()), len(data)
    except UnicodeDecodeError:
        return None, len(data)


def _first_impossible(trained: TrainedModel, text: str, bits: Float64s) -> tuple[int, str] | None:
    places = np.flatnonzero(bits == inf)
    if not len(places):
        return None
    place = int(places[0])
    return place, trained.tokenizer.cut(text)[place]
