"""The tokenizer: text policy and vocabulary in one value, shared by both families.

It travels in the model file, so that every text a model meets is treated as its training text was.
`decode(encode(text)) == text` for texts without unknown symbols and without lossy steps (with
`sequence='line'` a missing last line end is added: the end symbol stands for it).
"""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from charlm.arrays import Float64s, Ids, Lean
from charlm.errors import UsageError
from charlm.text import units
from charlm.text.code_points import blocks_of_code_points
from charlm.text.pieces import DOCUMENT, LINE_END, TextPieces, closed_lines, whole_lines
from charlm.text.units import SCALAR_VALUES, Unit
from charlm.text.vocabulary import UNKNOWN, Vocabulary, encode, encode_characters, table

SEQUENCES = ("file", "line")
NORMALIZATIONS = ("NFC", "NFKC")
NEWLINES = ("keep", "lf")
RETURN_AND_LINE_END = "\r\n"  # ends lines in files from Windows


@dataclass(frozen=True)
class TextPolicy:
    """How a text becomes symbols, before any vocabulary.

    Raises:
        UsageError: a name is not one of those there are, or `min_count` is below 1.
    """

    unit: str = "char"
    sequence: str = "file"
    normalize: str | None = None
    lowercase: bool = False
    min_count: int = 1
    newlines: str = "keep"

    def __post_init__(self) -> None:
        byte = units.get(self.unit).encoding is not None
        if self.sequence not in SEQUENCES:
            raise UsageError(
                f"unknown sequence rule {self.sequence!r}; use {' or '.join(SEQUENCES)}"
            )
        if self.normalize not in (None, *NORMALIZATIONS):
            raise UsageError(f"unknown normalisation {self.normalize!r}; use NFC or NFKC")
        if self.newlines not in NEWLINES:
            raise UsageError(f"unknown newlines {self.newlines!r}; use {' or '.join(NEWLINES)}")
        if byte and (self.normalize or self.lowercase or self.min_count > 1 or self.drops_cr):
            raise UsageError(
                "the byte unit takes bytes as they are: "
                "no normalize, lowercase, min-count, newlines"
            )
        if type(self.min_count) is not int or self.min_count < 1:
            raise UsageError("min-count must be a whole number, at least 1")
        if type(self.lowercase) is not bool:
            raise UsageError("lowercase is either true or false")

    @property
    def drops_cr(self) -> bool:
        """CR LF is read as LF, so that a text is the same wherever it was written."""
        return self.newlines == "lf"

    @property
    def alters(self) -> bool:
        """A text is changed before it is cut, if only by the CRs that it loses."""
        return bool(self.normalize or self.lowercase or self.drops_cr)


@dataclass(frozen=True)
class Tokenizer(Lean):
    """Text to ids and back."""

    policy: TextPolicy
    vocabulary: Vocabulary

    @classmethod
    def fit(cls, texts: Iterable[str], policy: TextPolicy) -> "Tokenizer":
        """Learn the vocabulary of the texts."""
        empty = cls(policy, Vocabulary(()))
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(empty.count([text]))
        return cls.from_counts(counts, policy)

    @classmethod
    def from_counts(cls, counts: Counter[str], policy: TextPolicy) -> "Tokenizer":
        """Take as vocabulary what occurs often enough, or the whole alphabet where it is closed."""
        empty = cls(policy, Vocabulary(()))
        alphabet = empty.unit.alphabet
        counts = Counter(counts if alphabet is None else dict.fromkeys(alphabet, 1))
        for symbol in empty._special:
            counts.pop(symbol, None)
        return replace(empty, vocabulary=Vocabulary.from_counts(counts, policy.min_count))

    @property
    def unit(self) -> Unit:
        """What one symbol is."""
        return units.get(self.policy.unit)

    @property
    def vocab_size(self) -> int:
        """Number of ids a model predicts: UNKNOWN, the symbols, END where lines are sequences."""
        return len(self.vocabulary) + len(self._special)

    @property
    def end(self) -> int | None:
        """Id of END, which stands for the line end; None where each file is one sequence."""
        return len(self.vocabulary) if self.policy.sequence == "line" else None

    @property
    def start(self) -> int:
        """Id of START, which is read but never predicted."""
        return self.vocab_size

    @property
    def line_end(self) -> Ids:
        """What a line follows: a line end, or nothing where it is END or unknown, (1 or 0,)."""
        ids = self.encode(LINE_END)
        return ids[:0] if self.end is not None else ids[ids != UNKNOWN]

    @property
    def _special(self) -> dict[str, int]:
        return {} if self.end is None else {LINE_END: self.end}

    def with_symbols_of(self, other: "Tokenizer") -> "Tokenizer":
        """Return a tokenizer of this policy that knows what either knows."""
        symbols = {*self.vocabulary.symbols, *other.vocabulary.symbols}
        return replace(self, vocabulary=Vocabulary(tuple(sorted(symbols))))

    def ids_in(self, larger: "Tokenizer") -> Ids:
        """Return what these ids are in a tokenizer that knows as much, START last, (V + 1,)."""
        symbols = (*self.vocabulary.symbols, *self._special)
        ids = (larger._ids[symbol] for symbol in symbols)
        return np.array([UNKNOWN, *ids, larger.start], np.int32)

    def prepare(self, text: str, *, close_line: bool = True) -> str:
        """Apply the lossy steps of the policy; close the last line where lines are sequences."""
        text = self._normalize(self.with_line_ends(text))
        if self.policy.lowercase:
            text = self._normalize(text.lower())  # lower case may leave the normal form
        return text + LINE_END if close_line and self._is_open(text) else text

    def with_line_ends(self, text: str) -> str:
        """Return the text whose symbols are counted: a CR that is left out is no part of it."""
        return text.replace(RETURN_AND_LINE_END, LINE_END) if self.policy.drops_cr else text

    def _is_open(self, text: str) -> bool:
        """Lines are sequences, and the last one lacks its end."""
        return self.end is not None and text != "" and not text.endswith(LINE_END)

    def prepare_pieces(self, text: TextPieces) -> Iterator[str]:
        """Yield a text that comes in pieces, prepared, in pieces that no symbol crosses.

        If symbols are code points and no step is lossy, the pieces may stay as they come. Otherwise
        they are cut anew at line ends. Where lines are sequences, documents are lines like others;
        where a text is one, the marks between its documents stay.
        """
        anywhere = self.unit.is_single and not self.policy.alters
        if self.end is not None:
            text = closed_lines(text)
        prepared = ""
        for piece in text if anywhere else whole_lines(text):
            if piece:
                prepared = self.prepare(piece, close_line=False)
                yield prepared
        if self._is_open(prepared):
            yield LINE_END

    def _normalize(self, text: str) -> str:
        form = self.policy.normalize
        return unicodedata.normalize(form, text) if form else text  # type: ignore[arg-type]

    def cut(self, text: str) -> list[str]:
        """Cut the text into symbols as strings, one for each id of `encode(text)`."""
        return self.unit.cut(self.prepare(text))

    def encode(self, text: str, *, close_line: bool = True) -> Ids:
        """Return the ids of a text; `close_line=False` leaves its last line open."""
        return self.encode_prepared(self.prepare(text, close_line=close_line))

    def encode_prompt(self, text: str) -> Ids:
        """Return the ids of a text that goes on (`Unit.going_on`)."""
        return self.encode(self.unit.going_on(text)[0], close_line=False)

    def encode_pieces(self, text: TextPieces) -> Iterator[Ids]:
        """Return the ids of a text in pieces, a piece at a time; START begins each document."""
        return map(self._encode_documents, self.prepare_pieces(text))

    def _encode_documents(self, prepared: str) -> Ids:
        """Return the ids of a piece, in which marks are no symbols."""
        if DOCUMENT not in prepared:
            return self.encode_prepared(prepared)
        if self.unit.is_single:
            return encode_characters(prepared, self._marked_table)
        start = np.array([self.start], np.int32)
        parts = map(self.encode_prepared, prepared.split(DOCUMENT))
        return np.concatenate([ids for part in parts for ids in (start, part)][1:])

    def encode_prepared(self, prepared: str) -> Ids:
        """Return the ids of a text that `prepare` gave."""
        if self.unit.is_single:
            return encode_characters(prepared, self._table)
        return self.encode_symbols(self.unit.cut(prepared))

    def encode_symbols(self, symbols: Sequence[str]) -> Ids:
        """Return the ids of symbols, UNKNOWN where one is not known."""
        return encode(symbols, self._ids)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids; UNKNOWN becomes U+FFFD (`?` for bytes), END a line end."""
        return self.unit.join(self.name(i) for i in ids)

    def name(self, symbol: int) -> str:
        """Return the symbol that an id stands for; see `decode`."""
        return self._names[symbol]

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {**self.vocabulary.ids, **self._special}

    @cached_property
    def _table(self) -> Ids:
        return table(self._ids)

    @cached_property
    def _marked_table(self) -> Ids:
        return table({**self._ids, DOCUMENT: self.start})

    @cached_property
    def _names(self) -> tuple[str, ...]:
        unknown = "?" if self.unit.encoding else "\N{REPLACEMENT CHARACTER}"
        return (unknown, *self.vocabulary.symbols, *self._special)

    def spelling_bits(self, text: str, ids: Ids) -> Float64s:
        """Return the bits that say which unknown symbol stands at each place; 0 elsewhere, (T,).

        A code point is one of those outside the vocabulary. A longer symbol is spelt: each of its
        code points, then an end, each one of all scalar values and the end.
        """
        bits = np.zeros(len(ids))
        unknown = np.flatnonzero(ids == UNKNOWN)
        if len(unknown):
            symbols = self.prepare(text) if self.unit.is_single else self.cut(text)
            bits[unknown] = self.spelling([symbols[i] for i in unknown])
        return bits

    def spelling(self, symbols: Sequence[str]) -> Float64s:
        """Bits it costs to say which unknown symbol it was, for each of these."""
        if not symbols:
            return np.empty(0)
        if self.unit.is_single:
            return np.full(len(symbols), math.log2(self.unknown_values))
        letters = np.array([len(symbol) for symbol in symbols], np.float64)
        return (letters + 1) * math.log2(SCALAR_VALUES + 1)

    @property
    def unknown_values(self) -> int:
        """Number of scalar values outside the vocabulary: 0 where it has all, and none can occur.

        Bytes are those up to U+00FF.
        """
        return SCALAR_VALUES - len(self.vocabulary.symbols) - len(self._special)

    def unknown_symbols(self, text: str) -> list[str]:
        """List the distinct symbols of the text that the vocabulary lacks, sorted."""
        return sorted({*self.cut(text)} - self._ids.keys())

    def count(self, text: TextPieces) -> Counter[str]:
        """Say how often each symbol occurs in a text in pieces, known or not."""
        counts: Counter[str] = Counter()
        for piece in self.prepare_pieces(text):
            if self.unit.is_single:
                counts.update(_count_characters(piece))
            else:
                for document in piece.split(DOCUMENT):
                    counts.update(self.unit.cut(document))
        counts.pop(DOCUMENT, None)
        return counts

    def to_json(self) -> dict[str, Any]:
        """Everything about the tokenizer as JSON types."""
        return {**asdict(self.policy), "symbols": list(self.vocabulary.symbols)}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Tokenizer":
        """Rebuild what `to_json` gave; a `UsageError` where the parts do not fit together."""
        if type(fields["symbols"]) is not list:
            raise UsageError("a vocabulary is a list of symbols")
        symbols = tuple(fields["symbols"])
        policy = TextPolicy(**{key: value for key, value in fields.items() if key != "symbols"})
        tokenizer = cls(policy, Vocabulary(symbols))
        unit, special = tokenizer.unit, tokenizer._special
        foreign = next((s for s in symbols if s in special or not unit.has(s)), None)
        if foreign is not None:
            raise UsageError(f"{foreign!r} is no symbol of the {unit.name} unit")
        return tokenizer


def _count_characters(text: str) -> dict[str, int]:
    counts = np.zeros(0, np.int64)
    for block in blocks_of_code_points(text):
        longer = np.bincount(block, minlength=len(counts))
        longer[: len(counts)] += counts
        counts = longer
    return {chr(i): int(counts[i]) for i in np.flatnonzero(counts)}
