"""Encodings: Python's own list of codecs, each of them either for texts or refused by name."""

import encodings
import pkgutil
from encodings.aliases import aliases

import pytest

from charlm.errors import UsageError
from charlm.text import corpus
from charlm.text.corpus import Document
from charlm.text.encodings import name_of
from charlm.text.units import UNITS

MODULES = [module.name for module in pkgutil.iter_modules(encodings.__path__)]
NAMES = sorted({*aliases, *aliases.values(), *MODULES})
PANGRAM = "The quick brown fox\r\njumps over the lazy dog:\n\t0123456789, (and) more.\n\n"

# Python's own: its list is of small letters, but for this name, which nobody can look up.
UNREACHABLE = {"csHPRoman8"}
KNOWN_TO_WINDOWS = {"mbcs", "oem"}
REFUSED = {
    "aliases", "base64_codec", "bz2_codec", "hex_codec", "idna", "punycode", "quopri_codec",
    "raw_unicode_escape", "rot_13", "undefined", "unicode_escape", "uu_codec", "zlib_codec",
}  # fmt: skip


def codec(name: str) -> str:
    """What an alias stands for."""
    return aliases.get(name.lower().replace("-", "_"), name)


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_every_codec_of_python_reads_texts_or_is_refused(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "BLOCK_BYTES", max(block, 4))  # no fewer than a byte order mark has
    taken = set()
    for name in NAMES:
        try:
            data = PANGRAM.encode(name_of(name))
        except UsageError:
            continue
        assert Document("a", data).text(UNITS["char"], name) == PANGRAM, name
        taken.add(codec(name))
    left = set(map(codec, NAMES)) - taken - KNOWN_TO_WINDOWS
    assert {"utf_8", "utf_16", "cp037", "gb18030", "shift_jis", "utf_7", "latin_1"} <= taken
    assert left - UNREACHABLE == REFUSED
