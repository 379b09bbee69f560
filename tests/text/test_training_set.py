import pytest

from charlm.errors import TextError, UsageError
from charlm.progress import Progress
from charlm.text import corpus
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding
from charlm.text.tokenizer import SEQUENCES, TextPolicy
from charlm.text.training_set import prepare
from charlm.text.units import UNITS
from tests.support.models import TEXT

POLICIES = [TextPolicy(unit=u, sequence=s) for u in UNITS for s in SEQUENCES]
BOOK = Document("book", (TEXT * 20).encode())


def test_vocabulary_comes_from_the_training_part() -> None:
    data = prepare([Document("a", b"ab")], TextPolicy(), valid=[Document("b", b"abc")])
    assert data.tokenizer.vocabulary.symbols == ("a", "b")
    assert data.held_out_ids[0].tolist() == [1, 2, 0]


def test_valid_files_replace_the_fraction() -> None:
    data = prepare([BOOK], TextPolicy(), valid=[Document("b", b"abc")], valid_fraction=0.1)
    assert data.held_out == ("abc",)
    assert data.symbols == len(TEXT) * 20
    assert data.hold_out.fraction == 0.0


def test_every_file_is_a_stream() -> None:
    data = prepare([Document("a", b"ab"), Document("b", b""), Document("c", b"b")], TextPolicy())
    assert [ids.tolist() for ids in data.train] == [[1, 2], [], [2]]


def test_encoding_is_respected() -> None:
    document = Document("a", "é".encode("latin-1"))
    data = prepare([document], TextPolicy(), decoding=Decoding("latin-1"))
    assert data.tokenizer.vocabulary.symbols == ("é",)


def test_nothing_to_validate_on() -> None:
    with pytest.raises(TextError, match="b: empty, nothing to validate on"):
        prepare([Document("a", b"ab")], TextPolicy(), valid=[Document("b", b"")])


def test_no_symbol_is_left() -> None:
    with pytest.raises(UsageError, match="no symbol occurs 9 times"):
        prepare([Document("a", b"abcab")], TextPolicy(min_count=9))


def test_nothing_to_learn() -> None:
    with pytest.raises(TextError, match="empty, there is nothing to learn"):
        prepare([Document("a", b"")], TextPolicy())


@pytest.mark.parametrize("policy", POLICIES, ids=str)
@pytest.mark.parametrize("fraction", [0.0, 0.2])
def test_blocks_change_nothing(
    policy: TextPolicy, fraction: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [Document("a", "é\r\n中文 naïve".encode() * 30), Document("b", TEXT.encode())]
    whole = prepare(documents, policy, valid_fraction=fraction)
    monkeypatch.setattr(corpus, "BLOCK_BYTES", 11)
    pieces = prepare(documents, policy, valid_fraction=fraction)
    assert (pieces.tokenizer, pieces.texts) == (whole.tokenizer, whole.texts)
    assert pieces.held_out == whole.held_out
    assert [ids.tolist() for ids in pieces.train] == [ids.tolist() for ids in whole.train]
    assert list(map(len, pieces.streams)) == list(map(len, pieces.train))


def test_the_first_reading_is_reported() -> None:
    reports: list[Progress] = []
    prepare([BOOK, BOOK], TextPolicy(), valid_fraction=0.1, report=reports.append)
    size = 2 * len(BOOK.data)
    assert [(r.stage, r.done, r.total) for r in reports] == [
        ("reading", size // 2, size),
        ("reading", size, size),
    ]
