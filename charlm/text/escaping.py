r"""Characters that cannot be shown as they are, written as escapes: \n, \x1b, \u202e.

Control characters command terminals, direction characters reorder what stands around them, line
ends break rows. A byte that is no UTF-8 (a lone surrogate, `surrogateescape`) is written as \xNN.
"""

import re

# What a terminal takes as a command; line end and tab are none.
_COMMANDS = r"\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
COMMANDS = re.compile(f"[{_COMMANDS}]")
_SPECIAL = re.compile(rf"[{_COMMANDS}\n\t\ud800-\udfff]")
_BYTE = 0xDC00  # `surrogateescape` puts bytes here
_BYTES = re.compile("[\udc80-\udcff]")


def visible(text: str) -> str:
    """Escape what cannot be shown."""
    return _SPECIAL.sub(escape, text)


def escaped(text: str) -> str:
    """Escape what cannot be shown, and the backslash, so that it can be told what stood there."""
    return visible(text.replace("\\", "\\\\"))


def escaped_bytes(text: str) -> str:
    r"""Write bytes that are no UTF-8 as \xNN, and leave all else as it is."""
    return _BYTES.sub(escape, text)


def escape(match: re.Match[str]) -> str:
    """Give the escape of a character."""
    code = ord(match[0])
    if _BYTE + 0x80 <= code < _BYTE + 0x100:
        return f"\\x{code - _BYTE:02x}"
    return repr(match[0])[1:-1] if code < 0x100 else f"\\u{code:04x}"
