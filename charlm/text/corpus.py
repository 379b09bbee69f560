"""Reading texts: files or standard input, compressed or not, as bytes and then, strictly, text.

A document is bytes, decompressed; the unit says how they become text (`byte` takes any bytes).
Line ends are kept as they are. Nothing here knows of ids or models.
"""

import bz2
import codecs
import gzip
import hashlib
import lzma
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from charlm.errors import TextError, UsageError
from charlm.text.units import Unit

_DECOMPRESS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ\x00": lzma.decompress,
}
_BOMS = {"utf-8": b"\xef\xbb\xbf"}  # UTF-16 and UTF-32 decoders take theirs off themselves
ERRORS = ("strict", "replace", "ignore")
FEW_NULS = 8  # are characters like any others
_SNIFF = 8192


@dataclass(frozen=True)
class Document:
    """One text: its name for messages, and its bytes (decompressed)."""

    name: str
    data: bytes

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of the bytes, by which a model remembers what it was trained on."""
        return hashlib.sha256(self.data).hexdigest()

    def text(self, unit: Unit, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Decode as the unit wants it; a `TextError` names the byte and the line that fail.

        Raises:
            TextError: the bytes are not valid in the encoding, or plainly no text.
            UsageError: there is no such encoding.
        """
        if unit.encoding is not None:
            if (encoding.lower(), errors) != ("utf-8", "strict"):
                raise UsageError("the byte unit reads bytes as they are: no encoding, no errors")
            return self.data.decode(unit.encoding)
        if errors not in ERRORS:
            raise UsageError(f"unknown error handler {errors!r}; there are {', '.join(ERRORS)}")
        try:
            data = self.data.removeprefix(_BOMS.get(codecs.lookup(encoding).name, b""))
            text = data.decode(encoding, errors)
        except LookupError:
            raise UsageError(f"unknown encoding {encoding!r}") from None
        except UnicodeDecodeError as error:
            raise self._undecodable(error, encoding, len(self.data) - len(data)) from None
        if text.count("\0", 0, _SNIFF) > max(FEW_NULS, len(text[:_SNIFF]) // 10):
            raise TextError(
                f"{self.name}: looks binary or UTF-16, every tenth character is NUL; "
                "try --unit byte or --encoding utf-16"
            )
        return text

    def _undecodable(self, error: UnicodeDecodeError, encoding: str, bom: int) -> TextError:
        line = error.object.count(b"\n", 0, error.start) + 1
        return TextError(
            f"{self.name}: byte {error.start + bom} (line {line}) is not valid {encoding}; "
            "try --encoding NAME, --errors replace or --unit byte"
        )


def read(names: Sequence[str]) -> list[Document]:
    """Read each file once, in order; `-` is standard input.

    Raises:
        TextError: a file is missing, unreadable, a directory, or damaged where compressed.
    """
    return [_read_one(name) for name in names]


def _read_one(name: str) -> Document:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        for magic, decompress in _DECOMPRESS.items():
            if data.startswith(magic):
                data = decompress(data)
                break
    except FileNotFoundError:
        raise TextError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise TextError(f"{name}: is a directory; name the text files in it") from None
    except (EOFError, ValueError, lzma.LZMAError, zlib.error, OSError) as error:
        reason = getattr(error, "strerror", None) or f"damaged compressed file ({error})"
        raise TextError(f"{name}: cannot be read: {reason}") from None
    return Document("standard input" if name == "-" else name, data)
