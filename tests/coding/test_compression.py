"""Compressing and restoring, with every registered model."""

import struct
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charlm.coding import archive, frequencies
from charlm.coding.archive import Archive, unpack
from charlm.coding.compression import compress, decompress
from charlm.errors import CompressedFileError, TextError, UsageError
from charlm.evaluation.bits import evaluate, score
from charlm.model import PortableModel, PortableReader, StaticReader
from charlm.ngram import estimation
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences
from charlm.progress import Progress
from charlm.storage import load, save
from charlm.text.corpus import Document
from charlm.text.tokenizer import SEQUENCES, TextPolicy, Tokenizer
from charlm.text.training_set import prepare
from charlm.text.units import UNITS
from charlm.text.vocabulary import Vocabulary
from charlm.trained import Record, TrainedModel
from tests.support.models import MODELS, TEXT, UNSEEN, each, make, ngram, turn

READ = TEXT[:150] + UNSEEN
each_model = each(MODELS)
SOME = ["witten-bell-4-line", "mle-1-file", "hidden-gru-tanh-file", "window-elman-relu-line",
        "mixture-vocabularies-line", "gate-families-file"]  # fmt: skip
EDGES = ["", "\n", "a", "a\n\nb", "\ufeffTo be\r\nor not", "\r", "中文 😀 e\u0301\u0302",
         "👩‍👩‍👧 family\n", "\0\x7f\x85\u2028\U0010ffff", UNSEEN]  # fmt: skip


def restored(trained: TrainedModel, packed: bytes) -> bytes:
    return decompress(trained, unpack(packed))


@cache
def of_unit(unit: str, sequence: str) -> TrainedModel:
    return ngram("witten-bell", 3, sequence, unit)


@pytest.mark.slow
@each_model
def test_what_was_compressed_comes_back(name: str) -> None:
    """The last line end is missing; END must not be restored for it."""
    trained, data, adaptive = make(name), READ.removesuffix("\n").encode(), turn(name) == 1
    packed = compress(trained, data, adaptive=adaptive)
    assert restored(trained, packed) == data
    assert compress(trained, data, adaptive=adaptive) == packed


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("text", EDGES)
def test_edges_come_back(name: str, text: str) -> None:
    for adaptive in (False, True):
        packed = compress(make(name), text.encode(), adaptive=adaptive)
        assert restored(make(name), packed) == text.encode()


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("unit", UNITS)
@given(text=st.text(max_size=40))
@example(text="\ufeffone\r\ntwo\rthree")
@example(text="")
def test_any_text_comes_back(unit: str, sequence: str, text: str) -> None:
    for adaptive in (False, True):
        packed = compress(of_unit(unit, sequence), text.encode(), adaptive=adaptive)
        assert restored(of_unit(unit, sequence), packed) == text.encode()


@pytest.mark.parametrize("name", SOME[2:])
@given(text=st.text(max_size=25), adaptive=st.booleans())
def test_texts_come_back_from_networks_and_mixtures(name: str, text: str, adaptive: bool) -> None:
    packed = compress(make(name), text.encode(), adaptive=adaptive)
    assert restored(make(name), packed) == text.encode()


@pytest.mark.parametrize("sequence", SEQUENCES)
@given(data=st.binary(max_size=60))
@example(data=bytes(range(256)))
def test_any_bytes_come_back_with_the_byte_unit(sequence: str, data: bytes) -> None:
    trained = of_unit("byte", sequence)
    assert restored(trained, compress(trained, data)) == data


@pytest.mark.slow
@each_model
def test_the_file_is_as_long_as_the_reported_bits(name: str) -> None:
    trained, adaptive = make(name), turn(name) == 1
    text = TEXT[:400] + UNSEEN * 2
    reader = trained.model.adaptive_reader() if adaptive else None
    bits = score(trained, text, reader=reader).bits
    packed = compress(trained, text.encode(), adaptive=adaptive)
    # What is rarer than 2^-32 costs no more than that, so a file may be shorter.
    assert np.minimum(bits, 32).sum() / 8 * 0.995 <= len(packed) <= bits.sum() / 8 * 1.005 + 64


@pytest.mark.parametrize("unit", UNITS)
def test_longer_texts_come_back_in_every_unit(unit: str) -> None:
    trained = of_unit(unit, "file")
    reader_text = (TEXT + UNSEEN).encode().decode(trained.tokenizer.unit.encoding or "utf-8")
    reported = evaluate(trained, reader_text).total_bits / 8
    packed = compress(trained, (TEXT + UNSEEN).encode())
    assert reported * 0.999 <= len(packed) <= reported * 1.001 + 40


def test_what_has_no_probability_can_still_be_coded() -> None:
    trained = make("mle-4-file")
    assert evaluate(trained, UNSEEN).total_bits == np.inf
    assert restored(trained, compress(trained, UNSEEN.encode())) == UNSEEN.encode()


@each_model
def test_what_is_portable_says_so_and_gives_the_same_numbers(name: str) -> None:
    model = make(name).model
    portable = model.kind == "ngram"
    assert isinstance(model, PortableModel) == portable
    assert isinstance(model.adaptive_reader(), PortableReader) == portable
    packed = unpack(compress(make(name), b"To be"))
    assert packed.made_on == ("" if portable else archive.machine())
    if isinstance(model, PortableModel):
        with np.errstate(divide="ignore"):
            logs = np.log(model.probs(model.initial_state()))
        np.testing.assert_allclose(logs, model.log_probs(model.initial_state()), atol=1e-12)


def test_frequencies_cover_every_symbol_and_follow_the_probabilities() -> None:
    probs = np.array([0.0, 0.5, 0.25, 1e-12, 0.25])
    cumulative = list(frequencies.cumulate(probs))
    shares = [0, 1, 2**31 + 2, 2**31 + 2**30 + 3, 2**31 + 2**30 + 4, 2**32 + 5]
    assert cumulative == [*shares, 2**32 + 5 + frequencies.NOBODY]


@pytest.mark.parametrize("name", ["witten-bell-4-line", "kneser-ney-3-file-pruned"])
def test_remembered_states_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = compress(make(name), READ.encode())
    monkeypatch.setattr(frequencies, "REMEMBERED", 0)
    assert compress(make(name), READ.encode()) == packed
    by_reader = frequencies.OfReader(StaticReader(make(name).model))
    by_states = frequencies.of(make(name).model, adaptive=False)
    for symbol in make(name).tokenizer.encode(READ).tolist():
        a, b = (list(f.cumulative()) for f in (by_reader, by_states))
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-3 * 2**20)
        by_reader.observe(symbol)
        by_states.observe(symbol)


# What must be refused.

SMALL = "witten-bell-1-line"


@cache
def small() -> bytes:
    return compress(make(SMALL), b"To be, or not to be")


@pytest.mark.parametrize("length", range(len(small())))
def test_a_file_cut_short_is_refused(length: int) -> None:
    with pytest.raises(CompressedFileError):
        restored(make(SMALL), small()[:length])


@pytest.mark.parametrize("place", range(len(small())))
def test_a_flipped_bit_is_refused(place: int) -> None:
    for bit in range(8):
        data = bytearray(small())
        data[place] ^= 1 << bit
        with pytest.raises(CompressedFileError):
            restored(make(SMALL), bytes(data))


@pytest.mark.parametrize(
    "change",
    [
        {"model": bytes(8)},
        {"adaptive": True},
        {"open": False},
        {"symbols": 0},
        {"symbols": 19},
        {"symbols": 21},
        {"symbols": 5000},
        {"symbols": 2**64 - 1},
        {"crc": 0},
        {"code": b""},
        {"code": b"\xff" * 30},
    ],
    ids=str,
)
def test_a_field_that_lies_is_refused_though_the_seal_is_right(change: dict[str, Any]) -> None:
    packed: Archive = replace(unpack(small()), **change)
    with pytest.raises(CompressedFileError):
        restored(make(SMALL), packed.pack())


def test_an_archive_is_what_it_packs() -> None:
    packed = unpack(small())
    assert (packed.adaptive, packed.open, packed.symbols) == (False, True, 20)
    assert unpack(replace(packed, made_on="x/1/y").pack()).made_on == "x/1/y"
    assert len(replace(packed, made_on="m" * archive.LONGEST_MACHINE, code=b"").pack()) < 64


def sealed(body: bytes, version: int = archive.VERSION) -> bytes:
    return struct.pack("<5sBI", archive.MAGIC, version, zlib.crc32(body)) + body


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a file that charlm"),
        (TEXT.encode(), "not a file that charlm"),
        (archive.MAGIC, "cut short"),
        (sealed(bytes(40), version=2), "format version 2"),
        (sealed(bytes(8) + b"\x04" + bytes(13) + b"x"), "cannot be"),
        (sealed(bytes(21) + b"\1\xff"), "cannot be"),
    ],
)
def test_foreign_files_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(CompressedFileError, match=message):
        unpack(data)


@cache
def certain() -> TrainedModel:
    """A model that is sure of the next symbol for ever."""
    data = prepare([Document("text", b"a" * 1000)], TextPolicy())
    sequences = Sequences(data.train, data.tokenizer.vocab_size, data.tokenizer.end)
    config = NgramConfig(2, "mle")
    return TrainedModel(estimation.fit(sequences, config), data.tokenizer, Record.of(data))


def test_a_code_has_an_end_however_sure_the_model_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frequencies, "NOBODY", 1 << 24)  # or it takes millions of symbols
    text = b"a" * 20_000
    packed = unpack(compress(certain(), text))
    assert 20_000 <= frequencies.most(len(packed.code)) < 40_000
    assert decompress(certain(), packed) == text
    forged = replace(packed, symbols=frequencies.most(len(packed.code)))
    with pytest.raises(CompressedFileError, match=r"ends too early|leads to no symbol"):
        decompress(certain(), forged)


def test_more_symbols_than_there_can_be_are_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frequencies, "of", None)  # nothing is decoded
    for symbols in (frequencies.most(len(unpack(small()).code)) + 1, 2**64 - 1):
        forged = replace(unpack(small()), symbols=symbols)
        with pytest.raises(CompressedFileError, match="more symbols than its data can hold"):
            decompress(make(SMALL), forged)


def test_code_that_belongs_to_no_symbol_is_refused() -> None:
    """A code above all symbols' shares."""
    forged = replace(unpack(small()), code=b"\xff\xff\xff" + bytes(30))
    with pytest.raises(CompressedFileError, match="leads to no symbol"):
        decompress(make(SMALL), forged)


@each_model
def test_another_model_is_refused(name: str) -> None:
    packed = compress(make(name), b"To be")
    other = MODELS[MODELS.index(name) - 1]
    with pytest.raises(CompressedFileError, match="another model"):
        restored(make(other), packed)


def test_a_saved_model_is_the_same_model(tmp_path: Path) -> None:
    for name in SOME:
        save(tmp_path / "m.charlm", make(name))
        loaded = load(tmp_path / "m.charlm")
        assert archive.fingerprint(loaded) == archive.fingerprint(make(name))


def test_numbers_of_another_machine_are_explained() -> None:
    name = "hidden-gru-tanh-file"
    packed = unpack(compress(make(name), b"To be"))
    elsewhere = replace(packed, made_on="riscv64/9.9/blas 1", crc=packed.crc ^ 1)
    with pytest.raises(CompressedFileError, match=r"last bits \(made on riscv64/9\.9/blas 1"):
        decompress(make(name), elsewhere)


@pytest.mark.parametrize(
    "policy",
    [{"normalize": "NFC"}, {"normalize": "NFKC"}, {"lowercase": True}, {"newlines": "lf"}],
    ids=str,
)
def test_models_that_alter_texts_are_refused(policy: dict[str, Any]) -> None:
    trained = make("witten-bell-1-file")
    tokenizer = Tokenizer(TextPolicy(**policy), trained.tokenizer.vocabulary)
    with pytest.raises(UsageError, match="alters texts"):
        compress(replace(trained, tokenizer=tokenizer), b"abc")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(TextError, match="byte 2 is not valid utf-8"):
        compress(make(SMALL), b"ab\xff")


def test_characters_seen_too_seldom_are_spelt() -> None:
    trained = make("witten-bell-1-file")
    few = Vocabulary(trained.tokenizer.vocabulary.symbols)
    tokenizer = Tokenizer(TextPolicy(min_count=3), few)
    rare = replace(trained, tokenizer=tokenizer)
    assert restored(rare, compress(rare, UNSEEN.encode())) == UNSEEN.encode()


def test_progress_is_reported() -> None:
    seen: list[Progress] = []
    packed = compress(make(SMALL), TEXT.encode(), report=seen.append)
    decompress(make(SMALL), unpack(packed), seen.append)
    assert {(p.stage, p.total) for p in seen} == {("compressing", 4000 + 1), ("restoring", 4001)}
