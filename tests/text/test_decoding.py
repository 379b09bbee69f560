from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding, decode, decode_alike

LATIN_1 = Decoding("latin-1")


def test_bytes_are_read_as_they_are_unless_an_encoding_was_asked_for() -> None:
    document, byte, char = Document("text", b"\xe9"), units.get("byte"), units.get("char")
    assert decode(document, byte) == ["\xe9"]
    assert decode(document, byte, LATIN_1) == ["\xc3\xa9"]  # é in UTF-8, a byte a character
    assert decode(document, char, LATIN_1) == ["é"]
    assert [*decode_alike(document, [byte, char], LATIN_1)] == [["\xc3\xa9", "é"]]
