"""From the bytes of documents to text, as a unit wants it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

from charlm.progress import Progress, Report, silent
from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.pieces import RereadableText, TextPieces
from charlm.text.units import Unit


@dataclass(frozen=True)
class Decoding:
    """How bytes become text, where the unit leaves it open."""

    encoding: str = "utf-8"
    errors: str = "strict"


UTF_8 = Decoding()


def decode(document: Document, unit: Unit, decoding: Decoding = UTF_8) -> list[str]:
    """Decode a document as a unit wants it: its text, or the text of each row.

    Where an encoding or an error handler was asked for, a unit of bytes reads the text in UTF-8, as
    other units do.

    Raises:
        TextError, UsageError: as `Document.pieces`.
    """
    if unit.encoding is None or decoding == UTF_8:
        return list(document.texts(unit, decoding.encoding, decoding.errors))
    return [texts[0] for texts in decode_alike(document, [unit], decoding)]


def decode_alike(
    document: Document, among: Sequence[Unit], decoding: Decoding
) -> Iterator[list[str]]:
    """Decode each text of a document once for several units; those of bytes have it in UTF-8.

    Raises:
        TextError, UsageError: as `Document.pieces`.
    """
    for text in document.texts(units.get("char"), decoding.encoding, decoding.errors):
        yield [unit.from_typed(text) for unit in among]


def decode_in_pieces(
    documents: Sequence[Document], unit: Unit, decoding: Decoding, report: Report = silent
) -> list[TextPieces]:
    """Return documents as texts to be read in pieces, whose first reading is reported.

    Raises, while they are read:
        TextError, UsageError: as `Document.pieces`.
    """
    ends = list(accumulate((document.size for document in documents), initial=0))
    furthest = 0

    def seen(start: int, amount: int) -> None:
        nonlocal furthest
        if start + amount > furthest:
            furthest = start + amount
            report(Progress("reading", furthest, ends[-1]))

    return [
        RereadableText(
            partial(d.pieces, unit, decoding.encoding, decoding.errors, partial(seen, start))
        )
        for d, start in zip(documents, ends, strict=False)
    ]
