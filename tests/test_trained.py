"""What a training leaves behind of itself: the record, which a model file keeps."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from charlm import storage
from charlm.errors import ModelFileError
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding
from charlm.text.holdout import HoldOut
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import prepare
from charlm.trained import Record
from charlm.version import __version__
from tests.support.models import TEXT, make
from tests.text.test_training_set import BOOK, POLICIES


def test_the_split_is_recorded_without_names() -> None:
    data = prepare([BOOK], TextPolicy(), valid_fraction=0.1, seed=7)
    assert data.symbols + len(data.held_out[0]) == len(TEXT) * 20
    assert Record.of(data).to_json() == {
        "charlm": __version__,
        "encoding": "utf-8",
        "errors": "strict",
        "held_out_symbols": len(data.held_out[0]),
        "numpy": np.__version__,
        "seed": 7,
        "symbols": data.symbols,
        "texts": [{"sha256": BOOK.sha256, "bytes": len(BOOK.data)}],
        "valid": [],
        "valid_fraction": 0.1,
    }


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_what_was_held_out_is_found_again(policy: TextPolicy) -> None:
    documents = [BOOK, Document("b", TEXT.encode())]
    data = prepare(documents, policy, valid_fraction=0.1, seed=7)
    part = Record.of(data).held_out_of(documents)
    assert part == HoldOut(0.1, 7, Decoding())
    assert part.find(documents, policy) == data.held_out != ()


def test_the_held_out_part_is_found_in_the_same_encoding() -> None:
    document, decoding = Document("b", TEXT.encode("latin-1") + b"\xe9"), Decoding("latin-1")
    data = prepare([document], TextPolicy(), valid_fraction=0.1, decoding=decoding)
    part = Record.of(data).held_out_of([document])
    assert part is not None
    assert part.find([document], TextPolicy()) == data.held_out


@pytest.mark.parametrize(
    "change",
    [
        {"texts": []},
        {"valid_fraction": 0.0},
        {"seed": -1},
        {"errors": "x"},
        {"valid_fraction": None},
    ],
    ids=str,
)
def test_nothing_is_found_where_nothing_was_held_out(change: dict[str, Any]) -> None:
    data = prepare([BOOK], TextPolicy(), valid_fraction=0.1)
    assert replace(Record.of(data), **change).held_out_of([BOOK]) is None
    assert Record().held_out_of([BOOK]) is None


RECORDS = [
    Record(),
    Record(largest_sum=1.5, more={"steps": 3, "epochs": None}),
    Record(texts=(BOOK.fingerprint,), valid=(), valid_fraction=0, stopped_after=7, seconds=1.5),
    Record.of_mixture([Record(texts=(BOOK.fingerprint,)), Record()], (), 9),
]


@pytest.mark.parametrize("record", RECORDS, ids=range(len(RECORDS)))
def test_a_record_comes_back_from_json_with_what_nobody_knows(record: Record) -> None:
    known = record.to_json()
    assert Record.from_json(known) == record
    newer = {**known, "of a newer version": [1, {"a": None}]}
    assert Record.from_json(newer).to_json() == newer


@pytest.mark.parametrize(
    "damaged",
    [
        {"texts": 3}, {"texts": [3]}, {"texts": [{"bytes": 3}]}, {"texts": [{"sha256": 3}]},
        {"texts": [{"sha256": "a", "bytes": "b"}]}, {"members": [3]}, {"members": {"a": 1}},
        {"seed": True}, {"seed": 1.5}, {"seconds": "1"}, {"encoding": 8},
    ],
    ids=str,
)  # fmt: skip
def test_a_value_of_another_kind_is_damage(damaged: dict[str, Any], tmp_path: Path) -> None:
    """No model file is opened whose record says so."""
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        Record.from_json(damaged)
    storage.save(tmp_path / "m", replace(make("witten-bell-4-file"), record=Record(more=damaged)))
    with pytest.raises(ModelFileError, match="is damaged: its training record cannot be read"):
        storage.load(tmp_path / "m")


def test_what_a_mixture_has_seen_is_what_its_members_have_and_what_tuned_it() -> None:
    one, two, three = (Document(name, name.encode()) for name in "abc")
    members = [Record(texts=(one.fingerprint,)), Record(), Record(texts=(one.fingerprint,))]
    mixture = Record.of_mixture(members, (two.fingerprint,), 9)
    assert mixture.texts == (one.fingerprint, two.fingerprint)
    assert [mixture.has_seen(document) for document in (one, two, three)] == [True, True, False]


def test_the_excess_of_a_mixture_is_the_largest_of_its_members() -> None:
    members = [Record(), Record(largest_sum=1.2), Record(members=(Record(largest_sum=1.5),))]
    assert Record.of_mixture(members, (), 9).excess == 1.5
    assert Record().excess is None
