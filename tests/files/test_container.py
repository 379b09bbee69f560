"""Arrays of any layout, and the safetensors package as the oracle, both ways."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from charlm import storage
from charlm.files import container
from tests.support.files import split_file, write_sealed
from tests.test_storage import NGRAM, saved


def test_safetensors_may_write_what_we_read(tmp_path: Path) -> None:
    """The other way round: strings and arrays of ours, written by their package."""
    ours = saved(NGRAM, tmp_path / "ours")
    _, arrays = container.open_file(ours)
    header, _ = split_file(ours.read_bytes())
    save_file(dict(arrays), tmp_path / "theirs", metadata=header["__metadata__"])
    header, data = split_file((tmp_path / "theirs").read_bytes())
    write_sealed(tmp_path / "theirs", header, data)  # they know no checksum
    found = storage.load(tmp_path / "theirs").model.arrays()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24, dtype=np.float32).reshape(2, 3, 4)[:, ::2, ::-1],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(5, dtype=">u4"),
        np.arange(3, dtype=">f8")[::-1],
        np.array(7, np.int64),
        np.empty((0, 3), np.uint8),
        np.empty((2, 0), np.float64),
        np.array([True, False]),
    ],
    ids=["strided", "fortran", "big-endian", "reversed", "no-dimension", "empty", "flat", "bool"],
)
def test_arrays_of_any_layout_both_ways(array: np.ndarray, tmp_path: Path) -> None:
    """Ours read by safetensors, and theirs by us; where theirs is wrong, contiguous first."""
    arrays = {"a": array, "b": np.arange(3, dtype=np.uint8)}
    (tmp_path / "ours").write_bytes(b"".join(container.pack({}, arrays)))
    np.testing.assert_array_equal(load_file(tmp_path / "ours")["a"], array)
    _, found = container.open_file(tmp_path / "ours")
    np.testing.assert_array_equal(found["a"], array)
    assert (found["a"].dtype, found["a"].shape) == (array.dtype.newbyteorder("<"), array.shape)
    plain = {key: np.ascontiguousarray(a, a.dtype.newbyteorder("<")).reshape(a.shape)
             for key, a in arrays.items()}  # fmt: skip
    metadata = split_file((tmp_path / "ours").read_bytes())[0]["__metadata__"]
    save_file(plain, tmp_path / "theirs", metadata=metadata)
    header, data = split_file((tmp_path / "theirs").read_bytes())
    write_sealed(tmp_path / "theirs", header, data)
    strings, found = container.open_file(tmp_path / "theirs")
    container.check(strings, found)
    np.testing.assert_array_equal(found["a"], array)
