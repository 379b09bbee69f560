"""Every parser under fuzzing: what it was made for, or one `CharlmError` of one line.

`make endurance` runs each with many more examples.
"""

import bz2
import gzip
import json
import lzma
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from charlm import storage
from charlm.api import checkpoints, counting
from charlm.api.checkpoints import UnfinishedTraining
from charlm.api.ngram_training import fit_counts
from charlm.cli.train.log import _row
from charlm.coding import archive, compression
from charlm.errors import CharlmError, CompressedFileError, ModelFileError, TextError, UsageError
from charlm.files import container
from charlm.ngram import tally as tallies
from charlm.ngram.arpa import reading, writing
from charlm.ngram.config import NgramConfig
from charlm.ngram.model import NgramModel
from charlm.rnn.training.checkpoint import Checkpoint
from charlm.rnn.training.loop import go_on, start
from charlm.text import units
from charlm.text.corpus import Document
from charlm.text.tokenizer import TextPolicy, Tokenizer
from tests.laws.test_mutants import bounded_memory, bounded_time
from tests.rnn.training.test_checkpoint import KINDS, TRAINING, texts
from tests.support.files import sealed
from tests.support.models import TEXT, make, training_set
from tests.support.mutants import edited, mutant

in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def ngram_model(name: str) -> NgramModel:
    """The n-gram model of that name."""
    model = make(name).model
    assert isinstance(model, NgramModel)
    return model


SEEDS = st.integers(0, 2**32 - 1)


def refused(parse: Callable[[], object], kind: type[CharlmError]) -> bool:
    """Parse; tell whether that failed as it should, in one line."""
    try:
        parse()
    except kind as error:
        if "\n" in str(error):
            raise AssertionError(f"{str(error)!r} is more than one line") from None
        return True
    return False


@given(data=st.binary(max_size=300))
@in_one_folder
def test_any_bytes_are_no_model(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(data)
    with bounded_memory():
        assert refused(lambda: storage.load(path), ModelFileError)
    path.write_bytes(len(data).to_bytes(8, "little") + data)
    assert refused(lambda: storage.load(path), ModelFileError)
    assert not storage.is_model_file(path)


@pytest.mark.slow
@given(
    strings=st.dictionaries(st.sampled_from(["kind", "settings", "tokenizer", "training"]), JSON),
    entry=st.fixed_dictionaries(
        {},
        optional={
            "dtype": st.sampled_from(["F32", "U8", "I64", "BOOL", "F16"]) | JSON,
            "shape": st.lists(st.integers(-1, 1 << 65)) | JSON,
            "data_offsets": st.lists(st.integers(-1, 1 << 65), min_size=2, max_size=2) | JSON,
        },
    ),
    crcs=JSON,
)
@in_one_folder
def test_any_header_is_refused(
    strings: dict[str, Any], entry: dict[str, Any], crcs: Any, tmp_path: Path
) -> None:
    """With every checksum right that can be."""
    metadata = {"format": "charlm", "version": "1", "header_crc32": container.NO_CRC}
    metadata |= {key: json.dumps(value) for key, value in strings.items()}
    metadata |= {"kind": "ngram", "crc32": json.dumps(crcs)}
    path = tmp_path / "m"
    path.write_bytes(sealed(json.dumps({"__metadata__": metadata, "a": entry}).encode(), bytes(8)))
    with bounded_memory():
        assert refused(lambda: storage.load(path), ModelFileError)


@pytest.mark.slow
@given(fields=st.fixed_dictionaries(
    {},
    optional={
        "unit": st.sampled_from([*units.UNITS]) | JSON,
        "sequence": st.sampled_from(["file", "line"]) | JSON,
        "normalize": st.sampled_from(["NFC", None]) | JSON,
        "lowercase": st.booleans() | JSON,
        "newlines": st.sampled_from(["keep", "lf"]) | JSON,
        "min_count": st.integers() | JSON,
        "symbols": st.lists(st.text(max_size=3)).map(lambda s: sorted(set(s))) | JSON,
        "more": JSON,
    },
))  # fmt: skip
@example({"unit": [], "symbols": []})
def test_any_json_gives_a_tokenizer_or_an_error(fields: dict[str, Any]) -> None:
    """What is not even of the right type may raise what `storage.load` catches."""
    try:
        tokenizer = Tokenizer.from_json(fields)
    except (UsageError, KeyError, TypeError):
        return
    assert tokenizer.to_json() == {**TextPolicy().__dict__, **fields}
    text = "".join(tokenizer.vocabulary.symbols)
    ids = tokenizer.encode(text)
    assert ((ids >= 0) & (ids < tokenizer.vocab_size)).all()


MODEL = "witten-bell-1-line"
ARPA = "".join(writing.write(ngram_model(MODEL), make(MODEL).tokenizer.vocabulary.symbols))
TOKENS = re.findall(r"\S+|\s", ARPA)
STRANGE = [
    "", "\n", "\t", "nan", "-inf", "1e400", "-1e400", "0", "9" * 400, "<s>", "</s>", "<unk>",
    "\\end\\", "\\2-grams:", "ngram 3=1", "\x00", "\u2028", "<U+D800>", "ngram 1=" + "9" * 12,
]  # fmt: skip


@given(seed=SEEDS)
def test_mutants_of_an_arpa_file(seed: int) -> None:
    draw = np.random.default_rng(seed)
    tokens = list(TOKENS)
    for _ in range(int(draw.integers(1, 4))):
        low = int(draw.integers(len(tokens)))
        high = low + int(draw.integers(1, 20))
        match int(draw.integers(4)):
            case 0:
                tokens[low] = STRANGE[int(draw.integers(len(STRANGE)))]
            case 1:
                del tokens[low:high]
            case 2:
                tokens[low:low] = tokens[low:high]
            case 3:
                tokens[low] = tokens[int(draw.integers(len(tokens)))]

    def parse() -> None:
        found = reading.read("file", ["".join(tokens).encode()])
        model = found.model
        model.check()
        assert len(found.symbols) + 1 + (model.end is not None) == model.vocab_size
        assert not np.isnan(model.score(np.array([0, 1, 0], np.int32))[0]).any()

    with bounded_memory():
        refused(parse, CharlmError)


@given(text=st.text() | st.text("\\data\n123=-gramsngr:e \t<>/"))
def test_any_text_is_no_arpa_file(text: str) -> None:
    assert refused(lambda: reading.read("file", [text.encode()]), TextError)


@given(seed=SEEDS, pack=st.sampled_from([gzip.compress, bz2.compress, lzma.compress]))
def test_damaged_compressed_texts(seed: int, pack: Callable[[bytes], bytes]) -> None:
    """The text as it was, another text where the damage leaves one, or one line."""
    damaged = edited(pack(b"It was the best of times. " * 40), np.random.default_rng(seed))
    refused(lambda: Document("text", damaged).text(units.get("byte")), TextError)


@given(seed=SEEDS, adaptive=st.booleans(), seal=st.booleans())
def test_mutants_of_a_compressed_file(seed: int, adaptive: bool, seal: bool) -> None:
    """The text as it was, or one line; with the file's own checksum wrong, or right again."""
    trained = make(MODEL)
    packed = compression.compress(trained, TEXT[:60].encode(), adaptive=adaptive)
    damaged = edited(packed, np.random.default_rng(seed))
    if seal:
        start = len(archive.MAGIC) + 1
        sealed_part = damaged[start + 4 :]
        damaged = damaged[:start] + zlib.crc32(sealed_part).to_bytes(4, "little") + sealed_part

    def parse() -> None:
        assert compression.decompress(trained, archive.unpack(damaged)) == TEXT[:60].encode()

    with bounded_time():
        refused(parse, CompressedFileError)


@given(data=st.binary().map(lambda data: archive.MAGIC + data) | st.binary())
def test_any_bytes_are_no_compressed_file(data: bytes) -> None:
    assert refused(lambda: archive.unpack(data), CompressedFileError)


@given(line=st.text() | JSON.map(json.dumps) | st.text('{"step:,0123456789.eond}[]'))
def test_any_line_is_one_of_a_log_or_none(line: str) -> None:
    row = _row(line)
    assert row is None or (row["step"] >= 0 and row["seconds"] >= 0)


@pytest.mark.slow
@given(seed=SEEDS)
@in_one_folder
def test_mutants_of_a_checkpoint(seed: int, tmp_path: Path) -> None:
    """Refused, or a run that goes on."""
    path = tmp_path / "c"
    config = KINDS[seed % len(KINDS)]
    run = start(texts(), config, TRAINING)
    trained = UnfinishedTraining(Checkpoint(run), training_set().tokenizer)
    checkpoints.save(path, trained)
    _, data = mutant(path.read_bytes(), np.random.default_rng(seed))
    path.write_bytes(data)
    with bounded_memory():
        if not refused(lambda: checkpoints.load(path), ModelFileError):
            refused(lambda: go_on(checkpoints.load(path).checkpoint.run, texts()), CharlmError)


@given(seed=SEEDS)
@in_one_folder
def test_mutants_of_counts(seed: int, tmp_path: Path) -> None:
    """Refused, or counts that can be added, taken away and trained on, or are of no text."""
    path = tmp_path / "c"
    whole = tallies.count(training_set("line" if seed % 2 else "file"), 12 if seed % 3 else 2)
    counting.save(path, whole)
    _, data = mutant(path.read_bytes(), np.random.default_rng(seed))
    path.write_bytes(data)
    with bounded_memory():
        if not refused(lambda: counting.load(path), ModelFileError):
            found = counting.load(path)
            refused(lambda: fit_counts([found], NgramConfig(found.order), 2), CharlmError)
            refused(lambda: tallies.add([found, whole]), CharlmError)
            refused(lambda: tallies.subtract(found, whole), CharlmError)


def test_the_arpa_file_itself_is_read() -> None:
    found = reading.read("file", ["".join(TOKENS).encode()])
    assert found.model.ngrams == ngram_model(MODEL).ngrams
