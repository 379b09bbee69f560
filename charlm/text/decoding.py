"""From the bytes of documents to text, as a unit wants it."""

from collections.abc import Iterable, Sequence
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


def decode(document: Document, unit: Unit, decoding: Decoding = UTF_8) -> str:
    """Decode a text as a unit wants it.

    Where an encoding or an error handler was asked for, a unit of bytes reads the text in UTF-8, as
    other units do.

    Raises:
        TextError, UsageError: as `Document.pieces`.
    """
    if unit.encoding is None or decoding == UTF_8:
        return document.text(unit, decoding.encoding, decoding.errors)
    (text,) = decode_alike(document, [unit], decoding)
    return text


def decode_alike(document: Document, among: Iterable[Unit], decoding: Decoding) -> list[str]:
    """Decode a text once for several units; those that read bytes have it in UTF-8.

    Raises:
        TextError, UsageError: as `Document.pieces`.
    """
    text = document.text(units.get("char"), decoding.encoding, decoding.errors)
    return [unit.from_typed(text) for unit in among]


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
