r"""Characters that cannot be shown as they are, written as escapes: \n, \x1b, \u202e.

Control characters command terminals, direction characters reorder what stands around them, line
ends break rows. A byte that is not UTF-8 (a lone surrogate, `surrogateescape`) is written as \xNN.
"""

import re

_SPECIAL = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_BYTE = 0xDC00  # `surrogateescape` puts bytes here
_BYTES = re.compile("[\udc80-\udcff]")


def visible(text: str, but: str = "") -> str:
    """Escape what cannot be shown, but for these characters."""
    return _SPECIAL.sub(lambda match: match[0] if match[0] in but else _escape(match[0]), text)


def escaped(text: str) -> str:
    """Escape what cannot be shown, and the backslash, so that it can be told what stood there."""
    return visible(text.replace("\\", "\\\\"))


def visible_json(text: str) -> str:
    """Escape it as JSON does, in a text which is JSON; line ends between values stay."""
    return _SPECIAL.sub(lambda match: "\n" if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text)


def escaped_bytes(text: str) -> str:
    r"""Write bytes that are not UTF-8 as \xNN, and leave all else as it is."""
    return _BYTES.sub(lambda match: _escape(match[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    if _BYTE + 0x80 <= code < _BYTE + 0x100:
        return f"\\x{code - _BYTE:02x}"
    return repr(character)[1:-1] if code < 0x100 else f"\\u{code:04x}"
