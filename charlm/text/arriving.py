"""Lines that come one by one, as of a log that grows: each can be read as soon as it has ended.

Elsewhere a text is read as often as wanted, so what can be read only once is copied first, to its
end (`sources.py`). A log has no end.
"""

import shutil
import tempfile
from collections.abc import Iterator
from itertools import chain
from typing import IO

from charlm.errors import Remedy, TextError
from charlm.files import foreign
from charlm.text import encodings, sources
from charlm.text.corpus import Note, nothing
from charlm.text.decoding import UTF_8, Decoding
from charlm.text.pieces import LINE_END, whole_lines
from charlm.text.units import Unit

BLOCK = 1 << 16  # bytes read at once, at most: what has come until then


def arriving_lines(
    file: IO[bytes], name: str, unit: Unit, decoding: Decoding = UTF_8, note: Note = nothing
) -> Iterator[str]:
    """Yield the lines that have come, one or several at a time; what is last may lack its end.

    What is compressed is copied first.

    Raises:
        TextError: bytes are not valid in the encoding, or plainly no text.
        UsageError: there is no such encoding.
    """
    blocks = _blocks(file, name)
    if unit.encoding is not None and decoding == UTF_8:
        return whole_lines(block.decode(unit.encoding) for block in blocks)
    return map(unit.from_typed, whole_lines(_decoded(blocks, name, decoding, note)))


def _blocks(file: IO[bytes], name: str) -> Iterator[bytes]:
    """Yield bytes as they come."""
    read = getattr(file, "read1", file.read)
    with sources.naming(name):
        first = block = read(BLOCK)
        while block and len(first) < sources.LONGEST_MAGIC and not first.endswith(b"\n"):
            first += (block := read(BLOCK))  # until its first bytes tell what it is
        if sources.is_compressed(first):
            with tempfile.TemporaryFile() as copy:
                copy.write(first)
                shutil.copyfileobj(file, copy)
                with sources.opened(copy) as (unpacked, _):
                    yield from iter(lambda: unpacked.read(BLOCK), b"")
            return
        block = first
        while block:
            yield block
            block = read(BLOCK)


def _decoded(blocks: Iterator[bytes], name: str, decoding: Decoding, note: Note) -> Iterator[str]:
    first = next(blocks, b"")
    if found := foreign.where_a_text_is_wanted(first):
        raise TextError(f"{name}: {found}")
    decoder, mark = encodings.decoder(decoding.encoding, decoding.errors, first)
    if mark:
        note(f"{name}: the byte order mark is left out.")
    lines = 1
    try:
        for block in chain([first.removeprefix(mark)], blocks):
            text = decoder.decode(block)
            yield text
            lines += text.count(LINE_END)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        lines += error.object[: error.start].count(b"\n")
        raise TextError(
            f"{name}: line {lines} is not valid {decoding.encoding}",
            Remedy("encoding", "NAME"),
            Remedy("errors", "replace"),
        ) from None
