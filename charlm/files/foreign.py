r"""Files of other kinds, recognised by their first bytes: what each is, and what to do with it.

If a user gives a language model where a text is wanted, or a text where a model is wanted, the
error should say what the file is, and not that its 62nd byte is invalid UTF-8.
"""

import codecs
import re

BEGINNING = 8192  # bytes that are looked at
KIND_STANDS = 256  # within so many bytes of a file of charlm, its kind

_MADE_FROM = "import the ARPA file it was made from"
_BINARIES = {
    rb"mmap lm http://kheafield\.com/code": f"is a KenLM binary; {_MADE_FROM}",
    rb"blmt [0-9]": "is an IRSTLM binary; `compile-lm FILE --text=yes FILE.arpa` unpacks it",
    rb"Trie Language Model[\0-\x1f]": f"is a PocketSphinx binary; {_MADE_FROM}",
}
_NO_TEXTS = (b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"Rar!")
_CHARLM = re.compile(rb'.{8}\{\s*"__metadata__"\s*:\s*\{\s*"format"\s*:\s*"charlm"', re.DOTALL)
# CMU's toolkit explains the format before it begins.
_ARPA = re.compile(rb"\s*(?:#.*ARPA-standard format.*\n)?\\data\\\s", re.DOTALL)


def binary(beginning: bytes) -> str | None:
    """Return what a file is, if it begins like a language model in another tool's own format."""
    return next((what for start, what in _BINARIES.items() if re.match(start, beginning)), None)


def is_arpa(beginning: bytes) -> bool:
    r"""Tell whether a file begins as ARPA files do, with `\data\` on a line of its own."""
    return _ARPA.match(beginning) is not None


def language_model(beginning: bytes) -> str | None:
    """Return what a file is, if it begins like another tool's language model or an ARPA file."""
    if is_arpa(beginning):
        return "is an ARPA file; `charlm import` makes a charlm model of it"
    return binary(beginning)


def is_charlm(beginning: bytes) -> bool:
    """Tell whether a file begins as model files of charlm do (`container`)."""
    return _CHARLM.match(beginning) is not None


def holds_counts(beginning: bytes) -> bool:
    """Tell whether a file begins as files of counts of charlm do (`storage`)."""
    return is_charlm(beginning) and b'"kind": "counts"' in beginning[:KIND_STANDS]


def not_a_text(beginning: bytes) -> bool:
    """Tell whether a file begins like an archive, a document, a picture or a model."""
    return beginning.startswith(_NO_TEXTS) or language_model(beginning) is not None


def where_a_text_is_wanted(beginning: bytes) -> str | None:
    """Return what a file is, if it begins like a binary model of charlm or another tool."""
    if is_charlm(beginning):
        return (
            "holds counts, not a text"
            if holds_counts(beginning)
            else "is a charlm model, not a text"
        )
    return binary(beginning)


def where_a_model_is_wanted(beginning: bytes) -> str | None:
    """Return what a file is, if it begins like another tool's model or is plainly a text."""
    if found := language_model(beginning):
        return found
    if is_text(beginning):
        return "looks like a text, not a model; `charlm train` makes a model of it"
    return None


def is_text(beginning: bytes) -> bool:
    """Tell whether this is UTF-8 without NUL; the last character may be cut off."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return False
    return text != "" and "\0" not in text
