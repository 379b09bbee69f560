import json
import os
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
from safetensors.numpy import load_file

from charlm import storage
from charlm.errors import ModelFileError, OutputError
from charlm.files import container
from charlm.trained import TrainedModel
from tests.support.files import JSON, leaves, put, resealed, split_file, write_sealed
from tests.support.models import MODELS, TEXT, each, make

NGRAM, RNN = "modified-kneser-ney-4-line", "hidden-elman-tanh-file"
MIXTURE = "gate-vocabularies-line"
each_kind = pytest.mark.parametrize("name", [NGRAM, RNN, MIXTURE])


def saved(name: str, path: Path) -> Path:
    storage.save(path, make(name))
    return path


@each(MODELS)
def test_load_after_save_is_identity(name: str, tmp_path: Path) -> None:
    trained = make(name)
    loaded = storage.load(saved(name, tmp_path / "m.charlm"))
    assert loaded.tokenizer == trained.tokenizer
    assert loaded.record == trained.record
    assert loaded.model.settings() == trained.model.settings()
    arrays = loaded.model.arrays()
    for key, array in trained.model.arrays().items():
        assert arrays[key].dtype == array.dtype
        np.testing.assert_array_equal(arrays[key], array)
    ids = trained.tokenizer.encode(TEXT[:200])
    np.testing.assert_array_equal(loaded.model.score(ids)[0], trained.model.score(ids)[0])
    log_probs = loaded.model.log_probs(loaded.model.initial_state())
    np.testing.assert_array_equal(log_probs, trained.model.log_probs(trained.model.initial_state()))


@each_kind
def test_same_model_same_bytes(name: str, tmp_path: Path) -> None:
    one, two = saved(name, tmp_path / "one"), saved(name, tmp_path / "elsewhere.charlm")
    assert one.read_bytes() == two.read_bytes()


@each_kind
def test_safetensors_reads_the_same(name: str, tmp_path: Path) -> None:
    path = saved(name, tmp_path / "m.charlm")
    theirs = load_file(path)
    ours = make(name).model.arrays()
    assert set(theirs) == set(ours)
    for key, array in ours.items():
        np.testing.assert_array_equal(theirs[key], array)
    with safetensors.safe_open(path, "numpy") as file:
        assert file.metadata()["format"] == "charlm"


@each_kind
def test_data_is_aligned(name: str, tmp_path: Path) -> None:
    data = saved(name, tmp_path / "m.charlm").read_bytes()
    length = int.from_bytes(data[:8], "little")
    assert (8 + length) % 64 == 0
    header = json.loads(data[8 : 8 + length])
    del header["__metadata__"]
    sizes = {key: int(entry["dtype"].strip("UIF")) // 8 for key, entry in header.items()}
    assert all(entry["data_offsets"][0] % sizes[key] == 0 for key, entry in header.items())
    assert list(header) == sorted(header, key=lambda key: (-sizes[key], key))


@each_kind
def test_every_changed_byte_is_noticed(name: str, tmp_path: Path) -> None:
    """`verify` finds any flipped byte; `load` gives a model or one error, never another."""
    path = saved(name, tmp_path / "m.charlm")
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in [*range(0, 120), *rng.integers(0, len(whole), 200).tolist()]:
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(spoilt)
        with pytest.raises(ModelFileError):
            storage.verify(path)


def test_loading_checks_small_arrays_and_leaves_large_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(NGRAM, tmp_path / "m.charlm")
    spoilt = bytearray(path.read_bytes())
    spoilt[-20000] ^= 1  # in a table of probabilities
    path.write_bytes(spoilt)
    with pytest.raises(ModelFileError, match="does not match its checksum"):
        storage.load(path)
    monkeypatch.setattr(storage, "CHECKED_AT_LOAD", 0)
    storage.load(path)
    with pytest.raises(ModelFileError, match="does not match its checksum"):
        storage.verify(path)


def test_arrays_of_any_layout_are_saved_rightly(tmp_path: Path) -> None:
    trained = make(RNN)
    arrays = trained.model.arrays()
    arrays["W"] = np.asfortranarray(arrays["W"])
    arrays["b"] = np.repeat(arrays["b"], 2)[::2].astype(">f4")
    strange = replace(trained.model, parameters=arrays)  # type: ignore[type-var]
    storage.save(tmp_path / "m", TrainedModel(strange, trained.tokenizer))
    loaded = storage.load(tmp_path / "m").model.arrays()
    for key, array in trained.model.arrays().items():
        np.testing.assert_array_equal(loaded[key], array)


@pytest.mark.slow
@each_kind
@pytest.mark.parametrize("part", ["settings", "tokenizer", "training", "crc32", None])
def test_any_json_in_any_place_gives_a_model_or_an_error(
    name: str, part: str | None, tmp_path: Path
) -> None:
    path = saved(name, tmp_path / "m.charlm")
    whole = path.read_bytes()
    header, data = split_file(whole)
    inside = header if part is None else json.loads(header["__metadata__"][part])
    for place in leaves(inside):
        for new in JSON:
            changed = put(inside, place, new)
            if part is not None:
                text = json.dumps(changed)
                changed = put(header, ("__metadata__", part), text)
            write_sealed(path, changed, data)
            with suppress(ModelFileError):
                loaded = storage.load(path)
                loaded.model.check()
                with suppress(ModelFileError), np.errstate(all="ignore"):
                    loaded.model.score(loaded.tokenizer.encode("The cat\n"))


@each_kind
@pytest.mark.parametrize("keep", [0, 4, 8, 100, -1, -1000])
def test_truncated_files_are_refused(name: str, keep: int, tmp_path: Path) -> None:
    path = saved(name, tmp_path / "m.charlm")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelFileError, match=r"m\.charlm: is "):
        storage.load(path)


def test_trailing_bytes_are_refused(tmp_path: Path) -> None:
    path = saved(RNN, tmp_path / "m.charlm")
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ModelFileError, match="does not end"):
        storage.load(path)


def test_verify_counts_the_arrays(tmp_path: Path) -> None:
    assert storage.verify(saved(RNN, tmp_path / "m.charlm")) == 5


def entry(**change: object) -> dict[str, object]:
    return {"b": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36], **change}}


HUGE = 1 << 60


@pytest.mark.parametrize(
    ("change", "part", "message"),
    [
        ({"version": "2"}, None, "format version 2, and this charlm reads up to 1: upgrade"),
        ({"version": "one"}, None, "no valid format version"),
        ({"format": "pytorch"}, None, "not a charlm model"),
        ({"kind": "oracle"}, None, "unknown kind"),
        ({"settings": "{"}, None, "settings cannot be read"),
        ({"settings": "[]"}, None, "settings cannot be read"),
        ({"settings": '{"hidden": NaN}'}, None, "settings cannot be read"),
        ({"hidden": 10**9}, "settings", "shapes"),
        ({"hidden": "many"}, "settings", "hidden unit"),
        ({"vocab_size": 3}, "settings", "shapes"),
        ({"cell": "brain"}, "settings", "unknown cell"),
        ({"symbols": ["b", "a"]}, "tokenizer", "sorted"),
        ({"symbols": ["a"]}, "tokenizer", "do not fit together"),
        ({"unit": "letter"}, "tokenizer", "unknown unit"),
        ({"colour": "red"}, "tokenizer", "cannot be read"),
        (entry(dtype="OBJ"), "arrays", "not described rightly"),
        (entry(shape=None), "arrays", "not described rightly"),
        (entry(shape=[HUGE, HUGE]), "arrays", "impossible sizes"),
        (entry(shape=[-9]), "arrays", "impossible sizes"),
        (entry(shape=[True] * 9), "arrays", "impossible sizes"),
        (entry(shape=[3, 4]), "arrays", "does not fit its data"),
        (entry(shape=[1] * 8 + [9]), "arrays", "does not fit its data"),
        (entry(data_offsets=[4, 40]), "arrays", "does not lie where it should"),
        ({f"x{i}": {} for i in range(5000)}, "arrays", "more than 4096 arrays"),
    ],
)
def test_hostile_headers_are_refused(
    change: dict[str, object], part: str | None, message: str, tmp_path: Path
) -> None:
    path = resealed(saved(RNN, tmp_path / "m.charlm"), change, part)
    with pytest.raises(ModelFileError, match=message):
        storage.load(path)


def test_duplicate_keys_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.charlm"
    text = b'{"__metadata__": {"format": "charlm"}, "a": {}, "a": {}}'
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    with pytest.raises(ModelFileError, match="twice"):
        storage.load(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(ModelFileError, match="not a regular file"):
            storage.load(path)
    with pytest.raises(ModelFileError, match="no such file"):
        storage.load(tmp_path / "nothing")


def test_is_model_file(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("x" * 100)
    assert storage.is_model_file(saved(NGRAM, tmp_path / "m.charlm"))
    assert not storage.is_model_file(tmp_path / "text")
    assert not storage.is_model_file(tmp_path / "nothing")


def is_mapped(array: object) -> bool:
    while isinstance(array, np.ndarray) and not isinstance(array, np.memmap):
        array = array.base
    return isinstance(array, np.memmap)


def test_very_large_files_are_mapped_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(NGRAM, tmp_path / "m.charlm")
    read = storage.load(path).model.arrays()
    monkeypatch.setattr(container, "LARGEST_READ", 10_000)
    mapped = storage.load(path).model.arrays()
    for name, array in read.items():
        assert (is_mapped(array), is_mapped(mapped[name])) == (False, True)
        assert not array.flags.writeable
        np.testing.assert_array_equal(array, mapped[name])


def shortened(path: Path) -> None:
    os.truncate(path, 1000)


def replaced(path: Path) -> None:
    """As cp does it: the same file, with other bytes."""
    path.write_bytes(saved("witten-bell-1-line", path.with_name("other")).read_bytes())


@each_kind
@pytest.mark.parametrize("change", [shortened, replaced, Path.unlink])
def test_a_loaded_model_needs_its_file_no_more(
    name: str, change: Callable[[Path], None], tmp_path: Path
) -> None:
    loaded = storage.load(saved(name, tmp_path / "m.charlm"))
    change(tmp_path / "m.charlm")
    ids = loaded.tokenizer.encode(TEXT)
    np.testing.assert_array_equal(loaded.model.score(ids)[0], make(name).model.score(ids)[0])
    loaded.model.check()


@pytest.mark.parametrize("change", [shortened, replaced])
def test_a_file_that_changes_while_it_is_read(
    change: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, empty = saved(NGRAM, tmp_path / "m.charlm"), np.empty
    os.utime(path, (1, 1))  # long ago

    def meanwhile(*arguments: Any) -> Any:
        change(path)
        return empty(*arguments)

    monkeypatch.setattr(np, "empty", meanwhile)
    with pytest.raises(ModelFileError, match=r"m\.charlm: has changed while it was read; start"):
        storage.load(path)


def test_a_file_that_is_cut_short_after_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, check = saved(NGRAM, tmp_path / "m.charlm"), container._check_header_crc

    def meanwhile(*arguments: Any) -> None:
        check(*arguments)
        os.truncate(path, 100)

    monkeypatch.setattr(container, "_check_header_crc", meanwhile)
    with pytest.raises(ModelFileError, match="has changed while it was read"):
        storage.load(path)


def test_saving_nowhere(tmp_path: Path) -> None:
    trained = make(RNN)
    with pytest.raises(OutputError, match="cannot be written"):
        storage.save(tmp_path / "no" / "folder", TrainedModel(trained.model, trained.tokenizer))


def test_a_vocabulary_too_large_for_any_reader_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "MAX_HEADER", 500)
    with pytest.raises(
        OutputError, match=r"m\.charlm: vocabulary and settings take .*; try min_count=2"
    ):
        saved(RNN, tmp_path / "m.charlm")
    assert list(tmp_path.iterdir()) == []


def test_long_names_in_a_file_are_cut_short(tmp_path: Path) -> None:
    path = resealed(saved(RNN, tmp_path / "m.charlm"), {"cell": "long" * 1000}, "settings")
    with pytest.raises(ModelFileError, match=r"unknown cell 'long.*\.\.\.$") as error:
        storage.load(path)
    assert len(str(error.value)) < len(str(path)) + 600


def test_nesting_has_a_limit(tmp_path: Path) -> None:
    """What JSON can be read but not written again."""
    path = saved(RNN, tmp_path / "m.charlm")
    header, data = split_file(path.read_bytes())
    for depth in (container.DEEPEST, container.DEEPEST + 1):
        header["__metadata__"]["training"] = '{"a": ' * depth + "0" + "}" * depth
        write_sealed(path, header, data)
        with pytest.raises(ModelFileError) if depth > container.DEEPEST else nullcontext():
            storage.load(path)
