"""Colours for bits: a scale from nothing to much, or of a difference, from one side to the other.

Bits are cut into `CLASSES` classes. Their colours run through anchors chosen by eye, dark to
bright on dark ground and light to dark on light; a difference is blue below zero, red above.
The scale's end fits the text, so that words, which cost more than characters, can be told apart.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charlm.arrays import Float64s

CLASSES = 25  # odd, so that a difference has a middle
LEAST_TOP = {False: 12.0, True: 6.0}  # bits at the end of a scale; of a difference: True
COVERED = 0.9  # share of the cells that lie below the scale's end; unknown words may not

_ANCHORS = {
    # (dark ground, difference)
    (True, False): ("1d1f27", "3a2352", "7d2a5e", "c4443f", "f08a2c", "fbe67a"),
    (True, True): ("8fd0ff", "2f7fc1", "1f3d5c", "1d1f27", "5c2a2c", "cc4b3b", "ffb199"),
    (False, False): ("ffffff", "fff0b3", "fdbb63", "ec6a3a", "b31f4b", "4b1053"),
    (False, True): ("1b5fa8", "6aaed6", "cfe3f3", "ffffff", "fbd9c8", "ee8a67", "b3202a"),
}
_LETTERS = ("#0b0b0e", "#ffffff")


@dataclass(frozen=True)
class Colour:
    """A ground and the letters on it, as #rrggbb."""

    ground: str
    letters: str


@dataclass(frozen=True)
class Scale:
    """Classes from 0 to `top` bits, or of a difference from -top to top."""

    top: float
    is_difference: bool = False

    @classmethod
    def usual(cls) -> "Scale":
        """Return the shortest scale, for a text that is shown before all of it is known."""
        return cls(LEAST_TOP[False])

    @classmethod
    def fitting(cls, bits: Float64s, is_difference: bool = False) -> "Scale":
        """Return the shortest scale, doubling, that covers nearly all bits."""
        finite = np.abs(bits[np.isfinite(bits)])
        top = LEAST_TOP[is_difference]
        covered = float(np.quantile(finite, COVERED)) if len(finite) else 0.0
        while top < covered:
            top *= 2
        return cls(top, is_difference)

    @property
    def low(self) -> float:
        """Where the scale begins."""
        return -self.top if self.is_difference else 0.0

    def classes(self, bits: Float64s) -> NDArray[np.uint8]:
        """Return the class of each value; what cannot be told (inf - inf) is in the middle."""
        share = (np.nan_to_num(bits, posinf=self.top, neginf=-self.top) - self.low) / self.width
        return np.clip(share, 0, CLASSES - 1).astype(np.uint8)

    @property
    def width(self) -> float:
        """Bits from one class to the next."""
        return (self.top - self.low) / CLASSES

    def colours(self, dark: bool) -> list[Colour]:
        """Return the colour of each class."""
        grounds = _blend(_ANCHORS[dark, self.is_difference], CLASSES)
        return [Colour(_hex(ground), _letters(ground)) for ground in grounds]


def _blend(anchors: tuple[str, ...], number: int) -> Float64s:
    """Return colours evenly spaced on the way through the anchors, (number, 3)."""
    points = np.array([_rgb(anchor) for anchor in anchors])
    places = np.linspace(0, len(anchors) - 1, number)
    return np.stack([np.interp(places, np.arange(len(anchors)), c) for c in points.T], axis=1)


def _hex(colour: Float64s) -> str:
    return "#" + bytes(np.rint(colour).astype(np.uint8)).hex()


def _letters(ground: Float64s) -> str:
    """Return dark or bright letters, whichever can be read better."""
    bright = _luminance(ground)
    return max(_LETTERS, key=lambda letters: _contrast(bright, _luminance(_rgb(letters))))


def _contrast(a: float, b: float) -> float:
    """Contrast of two luminances, from 1 to 21 (WCAG 2.2, 1.4.3)."""
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


def _luminance(colour: Float64s) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    share = colour / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def _rgb(colour: str) -> Float64s:
    return np.array([*bytes.fromhex(colour.removeprefix("#"))], float)
