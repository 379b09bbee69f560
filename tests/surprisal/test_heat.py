import numpy as np
import pytest

from charlm.surprisal.cells import Cells
from charlm.surprisal.heat import HeatMap


def heat_map(text: str, bits: list[float], second: list[float] | None = None) -> HeatMap:
    ones = np.ones(len(text), np.int64)
    cells = Cells(text, np.cumsum(ones) - 1, ones, ones, ones, ones < 0, np.array(bits, float))
    return HeatMap(cells, None if second is None else np.array(second, float))


@pytest.mark.parametrize(
    ("bits", "second", "number", "expected"),
    [
        ([1, 3, 2, 3], None, 3, [1, 3, 2]),
        ([1, 3, 2, 3], None, 9, [1, 3, 2, 0]),
        ([1, np.inf, 2, 3], None, 1, [1]),
        ([1, 3, 2, 3], [1, 1, 9, 9], 3, [2, 3, 1]),
        ([np.inf, 3, 0, np.inf], [np.inf, 1, 9, 0], 4, [3, 2, 1]),
        ([np.inf], [np.inf], 4, []),
        ([1, 2], None, 0, []),
    ],
)
def test_places_are_farthest_first(
    bits: list[float], second: list[float] | None, number: int, expected: list[int]
) -> None:
    assert heat_map("abcd"[: len(bits)], bits, second).places(number).tolist() == expected


def test_a_difference_has_a_scale_of_its_own() -> None:
    assert heat_map("ab", [1, 2]).scale.low == 0
    assert heat_map("ab", [1, 2], [9, 9]).values.tolist() == [-8, -7]
    assert heat_map("ab", [1, 2], [9, 9]).scale.low == -12


@pytest.mark.parametrize(
    ("cell", "expected"), [(0, ("", "bc")), (2, ("ab", "de")), (5, ("de", ""))]
)
def test_context_stands_around_a_cell(cell: int, expected: tuple[str, str]) -> None:
    assert heat_map("abcdef", [0] * 6).context(cell, 2, 2) == expected


def test_context_of_words_is_as_short() -> None:
    cells = heat_map("abc", [0] * 3).cells
    words = HeatMap(Cells(["one", "two", "three"], *list(vars(cells).values())[1:]))
    assert words.context(1, 2, 3) == ("ne", "thr")
    assert words.context(0, 2, 9) == ("", "twothree")


def test_nothing_has_no_places() -> None:
    assert heat_map("", []).places(3).tolist() == []
