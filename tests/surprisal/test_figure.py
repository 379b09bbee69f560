"""Figures of bits by word: what is drawn is what was measured."""

from math import inf
from xml.etree import ElementTree

import numpy as np
import pytest

from charlm import UsageError, score_items, train_ngram
from charlm.surprisal.figure import BARS, DARK, LIGHT, Panel, Theme, figure

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*panels: Panel, models: int = 1, dark: bool = False) -> ElementTree.Element:
    names = [f"model {i}" for i in range(models)]
    return ElementTree.fromstring(figure(panels, names, dark=dark))


def panel(words: list[str], *bits: list[float]) -> Panel:
    return Panel("1", words, np.array(bits))


def bars(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return [rect for rect in svg.iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]


def heights(svg: ElementTree.Element) -> list[float]:
    return [float(bar.attrib["height"]) for bar in bars(svg)]


def texts(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def test_bars_are_as_high_as_their_bits_on_an_axis_common_to_all_panels() -> None:
    svg = drawn(panel(["a", "b"], [4.0, 8.0]), panel(["c"], [16.0]))
    assert heights(svg) == pytest.approx([BARS / 5, BARS * 2 / 5, BARS * 4 / 5], abs=0.06)
    assert texts(svg).count("20") == 2  # the end of the axis, on both
    assert texts(svg).count("surprisal (bits)") == 2


@pytest.mark.parametrize(("dark", "theme"), [(False, LIGHT), (True, DARK)])
def test_each_model_has_its_colour_and_stands_in_the_legend(dark: bool, theme: Theme) -> None:
    svg = drawn(panel(["word"], [1.0], [2.0], [3.0]), models=3, dark=dark)
    assert [bar.attrib["fill"] for bar in bars(svg)] == list(theme.bars[:3])
    assert texts(svg)[:3] == ["model 0", "model 1", "model 2"]
    assert next(svg.iter(f"{SVG}rect")).attrib["fill"] == theme.ground
    places = [float(bar.attrib["x"]) for bar in bars(svg)]
    widths = [float(bar.attrib["width"]) for bar in bars(svg)]
    ends = [x + w for x, w in zip(places, widths, strict=True)]
    assert all(end <= x for end, x in zip(ends, places[1:], strict=False))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return sum(w * s for w, s in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_letters_can_be_read_and_bars_be_seen(theme: Theme) -> None:
    def contrast(colour: str) -> float:
        low, high = sorted(map(luminance, (colour, theme.ground)))
        return (high + 0.05) / (low + 0.05)

    assert contrast(theme.letters) > 7
    assert min(map(contrast, theme.bars)) > 2
    assert len({*theme.bars}) == len(theme.bars)


def test_long_texts_go_on_in_further_rows_in_their_order() -> None:
    words = [f"word{i}" for i in range(60)]
    svg = drawn(panel(words, [1.0] * 60))
    found = [text for text in texts(svg) if text.startswith("word")]
    assert found == words
    (_, _, width, _) = map(float, svg.attrib["viewBox"].split())
    assert all(0 < float(b.attrib["x"]) < width - float(b.attrib["width"]) for b in bars(svg))
    assert len({bar.attrib["y"] for bar in bars(svg)}) > 3


def test_hostile_words_are_harmless_and_what_is_impossible_has_a_sign() -> None:
    words = ["<script>", "a&b", '"', "\x1b[31m", "\ud800", "\ufffe"]
    svg = drawn(panel(words, [1.0, 2.0, 3.0, 4.0, 5.0, inf]))
    assert not list(svg.iter(f"{SVG}script"))
    assert [text for text in texts(svg) if text and text[0] in '<a"\\'] == [
        "<script>",
        "a&b",
        '"',
        "\\x1b[31m",
        "\\ud800",
    ]
    assert texts(svg).count("∞") == 1
    assert max(heights(svg)) == pytest.approx(BARS, abs=0.06)
    assert heights(drawn(panel(["free"], [0.0]))) == [0.0]
    assert heights(drawn()) == []


def test_models_that_cut_words_differently_are_refused() -> None:
    text = "the horse fell\n" * 30
    char = train_ngram(text, order=3)
    lower = train_ngram(text, order=3, lowercase=True)
    with pytest.raises(UsageError, match="1: the models do not cut it alike"):
        score_items([char, lower], ["The Horse"]).figure()
    with pytest.raises(UsageError, match="6 models at most"):
        score_items([char] * 7, ["the"]).figure()
