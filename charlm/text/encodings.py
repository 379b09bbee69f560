"""Encodings: how bytes become text, a block at a time.

Python has codecs that are not for texts. Only those are accepted whose decoder returns the same
characters wherever the bytes are cut into blocks, and leaves a line end as it is.
"""

import codecs
import sys

from charlm.errors import UsageError

# Byte order marks, and what a text that begins with one is encoded in.
_MARKS = {
    "utf-8": {codecs.BOM_UTF8: "utf-8"},
    "utf-16": {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"},
    "utf-32": {codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be"},
}
_UNMARKED = {name: f"{name}-{sys.byteorder[0]}e" for name in ("utf-16", "utf-32")}

# What Python counts among encodings of text, and what it is for. (It knows by itself that base64,
# rot13, zlib and the like are none.)
_NO_TEXTS = {
    "idna": "names of hosts",
    "punycode": "names of hosts",
    "raw-unicode-escape": "strings in programs",
    "unicode-escape": "strings in programs",
    "undefined": "nothing at all",
}
_SOME = "there are utf-8, utf-16, gb18030, latin-1 and others"


def name_of(encoding: str) -> str:
    """Return the name that Python gives an encoding of texts.

    Raises:
        UsageError: there is no such encoding, or it is for something else.
    """
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, TypeError, ValueError):  # no string; a NUL in it
        raise UsageError(f"unknown encoding {encoding!r}; {_SOME}") from None
    if purpose := _NO_TEXTS.get(name):
        raise UsageError(f"encoding {encoding!r} is for {purpose}, not for texts; {_SOME}")
    try:
        "a".encode(encoding)
    except LookupError:
        raise UsageError(f"encoding {encoding!r} is not for texts; {_SOME}") from None
    return name


def has_mark(start: bytes) -> bool:
    """Tell whether a text that starts so has a byte order mark."""
    return start.startswith(tuple(mark for marks in _MARKS.values() for mark in marks))


def decoder(encoding: str, errors: str, start: bytes) -> tuple[codecs.IncrementalDecoder, bytes]:
    """Return a decoder for a text that starts so, and the byte order mark to be taken off before.

    Raises:
        UsageError: as `name_of`.
    """
    name = name_of(encoding)
    for mark, actual in _MARKS.get(name, {}).items():
        if start.startswith(mark):
            return codecs.getincrementaldecoder(actual)(errors), mark
    return codecs.getincrementaldecoder(_UNMARKED.get(name, encoding))(errors), b""
