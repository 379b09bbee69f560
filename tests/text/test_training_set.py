import numpy as np
import pytest

from charlm.errors import TextError, UsageError
from charlm.progress import Progress
from charlm.text import corpus
from charlm.text.corpus import Document
from charlm.text.tokenizer import SEQUENCES, TextPolicy
from charlm.text.training_set import Decoding, HoldOut, prepare
from charlm.text.units import UNITS
from tests.support.models import TEXT

POLICIES = [TextPolicy(unit=u, sequence=s) for u in UNITS for s in SEQUENCES]
BOOK = Document("book", (TEXT * 20).encode())


def test_vocabulary_comes_from_the_training_part() -> None:
    data = prepare([Document("a", b"ab")], TextPolicy(), valid=[Document("b", b"abc")])
    assert data.tokenizer.vocabulary.symbols == ("a", "b")
    assert data.held_out_ids[0].tolist() == [1, 2, 0]


def test_the_split_is_recorded_without_names() -> None:
    data = prepare([BOOK], TextPolicy(), valid_fraction=0.1, seed=7)
    assert data.record["texts"] == [{"sha256": BOOK.sha256, "bytes": len(BOOK.data)}]
    assert (data.record["valid_fraction"], data.record["seed"]) == (0.1, 7)
    assert data.record["numpy"] == np.__version__
    assert data.record["symbols"] == data.symbols
    assert data.symbols + len(data.held_out[0]) == len(TEXT) * 20
    assert data.record["held_out_symbols"] == len(data.held_out[0])
    assert "book" not in str(data.record)


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_what_was_held_out_is_found_again(policy: TextPolicy) -> None:
    documents = [BOOK, Document("b", TEXT.encode())]
    data = prepare(documents, policy, valid_fraction=0.1, seed=7)
    part = HoldOut.recorded(data.record, documents)
    assert part == HoldOut(0.1, 7, Decoding())
    assert part.find(documents, policy) == data.held_out != ()


def test_it_is_found_in_the_same_encoding() -> None:
    document, decoding = Document("b", TEXT.encode("latin-1") + b"\xe9"), Decoding("latin-1")
    data = prepare([document], TextPolicy(), valid_fraction=0.1, decoding=decoding)
    part = HoldOut.recorded(data.record, [document])
    assert part is not None
    assert part.find([document], TextPolicy()) == data.held_out


@pytest.mark.parametrize(
    "change",
    [{"texts": []}, {"valid_fraction": 0.0}, {"valid_fraction": "a"}, {"seed": -1}, {"errors": 1}],
    ids=str,
)
def test_nothing_is_found_where_nothing_was_held_out(change: dict[str, object]) -> None:
    data = prepare([BOOK], TextPolicy(), valid_fraction=0.1)
    assert HoldOut.recorded(data.record | change, [BOOK]) is None
    assert HoldOut.recorded({}, [BOOK]) is None


def test_valid_files_replace_the_fraction() -> None:
    data = prepare([BOOK], TextPolicy(), valid=[Document("b", b"abc")], valid_fraction=0.1)
    assert data.held_out == ("abc",)
    assert data.symbols == len(TEXT) * 20
    assert data.record["valid_fraction"] == 0.0


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
    monkeypatch.setattr(corpus, "BLOCK", 11)
    pieces = prepare(documents, policy, valid_fraction=fraction)
    assert (pieces.tokenizer, pieces.record) == (whole.tokenizer, whole.record)
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
