import re

import numpy as np
import pytest

from charlm.surprisal.colours import CLASSES, Scale


def lightness(colour: str) -> float:
    """Relative luminance, by the formula with the gamma of 2.2 that nearly is that of sRGB."""
    red, green, blue = (float((part / 255) ** 2.2) for part in bytes.fromhex(colour[1:]))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    low, high = sorted(map(lightness, (a, b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("scale", "bits", "expected"),
    [
        (Scale(12.5), [0, 0.49, 0.5, 6.2, 12.4, 12.5, 99, np.inf], [0, 0, 1, 12, 24, 24, 24, 24]),
        (Scale(12.5, True), [-np.inf, -99, -12.5, 0, 0.49, 0.51, 12.5, np.nan],
         [0, 0, 0, 12, 12, 13, 24, 12]),
    ],
)  # fmt: skip
def test_classes_by_hand(scale: Scale, bits: list[float], expected: list[int]) -> None:
    assert scale.classes(np.array(bits)).tolist() == expected


@pytest.mark.parametrize(
    ("bits", "top"), [([], 12), ([np.inf], 12), ([1, 2, 3], 12), ([25] * 9, 48), ([20] * 9, 24)]
)
def test_scales_fit_the_text(bits: list[float], top: float) -> None:
    assert Scale.fitting(np.array(bits, float)).top == top


def test_differences_reach_as_far_on_both_sides() -> None:
    scale = Scale.fitting(np.array([-11.0] * 5 + [1.0]), is_difference=True)
    assert (scale.low, scale.top) == (-12, 12)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("is_difference", [True, False])
def test_letters_can_be_read_on_every_ground(dark: bool, is_difference: bool) -> None:
    colours = Scale(12, is_difference).colours(dark)
    assert len({c.ground for c in colours}) == CLASSES
    for c in colours:
        assert re.fullmatch("#[0-9a-f]{6}", c.ground)
        assert contrast(c.ground, c.letters) > 4.4


@pytest.mark.parametrize("dark", [True, False])
def test_more_bits_stand_out_more(dark: bool) -> None:
    grounds = [lightness(c.ground) for c in Scale(12).colours(dark)]
    assert grounds == sorted(grounds, reverse=not dark)
