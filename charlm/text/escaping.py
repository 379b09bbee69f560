r"""Characters that cannot be shown as they are, written as escapes: \n, \x1b, \u202e.

Control characters command terminals, direction characters reorder what stands around them, line
ends break rows. A byte that is no UTF-8 (a lone surrogate, `surrogateescape`) is written as \xNN.
"""

import re

_BEYOND_ASCII = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_SPECIAL = re.compile(f"[\0-\x1f{_BEYOND_ASCII}]")
_COMMANDS = re.compile(f"[\0-\x08\x0b-\x1f{_BEYOND_ASCII}]")  # all but tab and newline
_BYTE = 0xDC00  # `surrogateescape` puts bytes here


def visible(text: str) -> str:
    """Escape what cannot be shown."""
    return _SPECIAL.sub(_escape, text)


def printable(text: str) -> str:
    """Escape what a terminal takes as a command; newline and tab stay."""
    return _COMMANDS.sub(_escape, text)


def printable_json(text: str) -> str:
    """Escape it in JSON, as JSON has it."""
    return _COMMANDS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def escaped(text: str) -> str:
    """Escape what cannot be shown, and the backslash, so that it can be told what stood there."""
    return visible(text.replace("\\", "\\\\"))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if _BYTE + 0x80 <= code < _BYTE + 0x100:
        return f"\\x{code - _BYTE:02x}"
    return repr(match[0])[1:-1] if code < 0x100 else f"\\u{code:04x}"
