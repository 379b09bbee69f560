"""Rows of one file are trained on and counted as separate files are."""

import json

import numpy as np
import pytest

from charlm.api import ngram_training
from charlm.arrays import Arrays
from charlm.ngram import tally
from charlm.ngram.config import NgramConfig
from charlm.rnn.training.batches import as_events
from charlm.text import corpus
from charlm.text.corpus import Document
from charlm.text.pieces import DOCUMENT, closed_lines, documents_of
from charlm.text.rows import Format, Rows
from charlm.text.tokenizer import SEQUENCES, TextPolicy
from charlm.text.training_set import TrainingSet, prepare
from charlm.text.units import UNITS
from tests.support.models import TEXT

TEXTS = [
    "", TEXT[:700], "a", "", "\n", "two\nlines", "e", "\u0301x ΟΔΟΣ", "Σ", " gaps  \t", "\r", "\nz",
    *TEXT[700:1500].split("\n"),
]  # fmt: skip
POLICIES = [
    *(TextPolicy(unit=u, sequence=s) for u in UNITS for s in SEQUENCES),
    TextPolicy(normalize="NFC", lowercase=True),
    TextPolicy(newlines="lf", min_count=3),
    TextPolicy(unit="word", normalize="NFKC", sequence="line", lowercase=True),
]


def rows(texts: list[str] = TEXTS) -> Document:
    data = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    return Document("docs.jsonl", data.encode(), rows=Rows(Format.JSON_LINES))


def files(texts: list[str] = TEXTS) -> list[Document]:
    return [Document(f"{i}.txt", text.encode()) for i, text in enumerate(texts)]


def both(policy: TextPolicy) -> tuple[TrainingSet, TrainingSet]:
    return prepare([rows()], policy), prepare(files(), policy)


@pytest.mark.parametrize("policy", POLICIES, ids=str)
@pytest.mark.parametrize("order", [0, 3])
def test_counts_are_those_of_files(
    policy: TextPolicy, order: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "BLOCK_BYTES", 100)
    one, many = both(policy)
    assert one.tokenizer == many.tokenizer
    assert one.symbols == many.symbols
    alike(*(ngram_training.fit(data, NgramConfig(order)).model.arrays() for data in (one, many)))
    for chunk in (50, 1 << 20) if policy.min_count == 1 else ():
        alike(*(tally.count(data, order, chunk=chunk).windows.arrays() for data in (one, many)))


def alike(first: Arrays, second: Arrays) -> None:
    assert first.keys() == second.keys()
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_networks_learn_the_same_events(policy: TextPolicy) -> None:
    one, many = (as_events(d.train, d.tokenizer.start, d.tokenizer.end) for d in both(policy))
    np.testing.assert_array_equal(one, many)


def test_the_record_has_an_entry_a_file() -> None:
    data = prepare([rows()], TextPolicy())
    assert data.texts == (rows().fingerprint,)


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_held_out_documents_are_texts_of_their_own(sequence: str) -> None:
    texts = [f"Document {i} is short.\nIt has two lines." for i in range(300)]
    policy = TextPolicy(sequence=sequence)
    data = prepare([rows(texts)], policy, valid_fraction=0.1)
    assert data.hold_out.find([rows(texts)], policy) == data.held_out != ()
    assert DOCUMENT not in "".join(data.held_out)
    assert all(text.count("Document") <= 1 for text in data.held_out if sequence == "file")
    whole = prepare([rows(texts)], policy)
    held_out = sum(len(ids) for ids in data.held_out_ids)
    assert 0.05 < held_out / whole.symbols < 0.15
    if sequence == "line":
        assert data.symbols + held_out == whole.symbols
    again = prepare([rows(texts)], policy, valid=[rows(texts[:9])])
    assert again.held_out == tuple(texts[:9])


def test_documents_are_cut_where_marks_stand() -> None:
    mark = DOCUMENT
    assert list(documents_of(["a", f"b{mark}", "", f"{mark}c"])) == ["ab", "", "c"]
    assert list(documents_of(["ab", "c"])) == ["abc"]
    pieces = [f"{mark}a{mark}{mark}b\n{mark}", f"c{mark}d", f"{mark}", "\n", "e"]
    assert "".join(closed_lines(pieces)) == "a\nb\nc\nd\n\ne"
