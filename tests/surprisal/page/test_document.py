"""The page as a browser sees it, by a parser of HTML that is not ours."""

import base64
import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from charlm.surprisal.cells import cells
from charlm.surprisal.heat import HeatMap
from charlm.surprisal.page import blocks
from charlm.surprisal.page.document import Subject, page
from charlm.surprisal.scores import Alternative
from charlm.text.escaping import visible
from charlm.text.tokenizer import TextPolicy
from tests.surprisal.test_cells import TEXTS, scored
from tests.surprisal.test_heat import heat_map as made
from tests.text.test_tokenizer import each_policy

HOSTILE = "</script><script>alert(1)</script>&\"'<!--\x1b[31m\u202e"


class Parsed(HTMLParser):
    """Tags and attributes in order, the text of each block, and the script's data."""

    def __init__(self, source: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: list[str] = []
        self.data = ""
        self._inside = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = dict(attrs).get("id") or tag
        if tag == "pre":
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "pre":
            self.blocks[-1] += data
        elif self._inside == "data":
            self.data += data

    @property
    def text(self) -> str:
        """As a browser reads it: it drops a line end right after the tag."""
        return "".join(block.removeprefix("\n") for block in self.blocks)


def decoded(text: str, dtype: str) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype)


def parsed(heat_map: HeatMap, title: str = "t", models: tuple[str, ...] = ("m",)) -> Parsed:
    places = heat_map.places(3).tolist()
    expected = [[Alternative("<b>", 0.5, 1.0)]] * len(places)
    subject = Subject(title, "characters", models, models, [(title, "1")], places, expected)
    return Parsed(b"".join(page(heat_map, subject)).decode())


def shown(text: str) -> str:
    return "".join(c if c in "\n\t" else visible(c) for c in text)


@each_policy
@pytest.mark.parametrize("by", ["character", "word", "line"])
@given(text=TEXTS | st.just("\n\nfirst lines are empty") | st.just(HOSTILE))
def test_the_text_arrives_with_its_bits(policy: TextPolicy, by: str, text: str) -> None:
    heat_map = HeatMap(cells(scored(policy, text), by))
    found = parsed(heat_map)
    data = json.loads(found.data)
    bits = decoded(data["bits"][0], "<u2")
    assert data["steps"] == (100 if heat_map.cells.bits.max(initial=0) < 655 else 10)
    np.testing.assert_allclose(
        bits / data["steps"], heat_map.cells.bits, atol=0.501 / data["steps"]
    )
    texts = [shown(text) for text in heat_map.cells.texts]
    units = [len(t.encode("utf-16-le")) // 2 for t in texts]
    assert "".join(texts) == found.text
    assert units == (
        decoded(data["lengths"], "<u2").tolist() if data["lengths"] else [1] * len(bits)
    )
    if data["unknown"]:
        flags = np.unpackbits(decoded(data["unknown"], "u1"), bitorder="little")[: len(bits)]
        assert flags.astype(bool).tolist() == heat_map.cells.unknown.tolist()
    else:
        assert not heat_map.cells.unknown.any()


def two(text: str) -> HeatMap:
    """A difference, one symbol of which the second model holds for impossible."""
    heat_map = HeatMap(cells(scored(TextPolicy(), text)))
    second = heat_map.cells.bits[::-1].copy()
    second[0] = np.inf
    return HeatMap(heat_map.cells, second)


def test_both_models_bits_arrive() -> None:
    heat_map = two("abcd")
    data = json.loads(parsed(heat_map, models=("a", "b")).data)
    assert decoded(data["bits"][0], "<u2").tolist() == [100, 141, 173, 200]
    assert decoded(data["bits"][1], "<u2").tolist() == [65535, 173, 141, 100]
    assert (data["low"], data["models"]) == (-6, ["a", "b"])


@pytest.mark.parametrize(
    ("most", "steps", "held"),
    [
        (655.33, 100, 65533),
        (655.35, 10, 6554),
        (9999, 1, 9999),
        (1e6, 0.01, 10000),
        (8e9, 1e-6, 8000),
    ],
)
def test_long_cells_are_told_in_coarser_steps(most: float, steps: int, held: int) -> None:
    data = json.loads(parsed(made("ab", [0, most])).data)
    assert data["steps"] == steps
    assert decoded(data["bits"][0], "<u2").tolist() == [0, held]


@pytest.mark.parametrize("compared", [False, True])
def test_nothing_from_outside_is_needed_or_let_in(compared: bool) -> None:
    heat_map = two(HOSTILE) if compared else HeatMap(cells(scored(TextPolicy(), HOSTILE)))
    found = parsed(heat_map, HOSTILE, (HOSTILE, HOSTILE))
    assert [tag for tag, _ in found.tags].count("script") == 2
    assert not {"link", "img", "iframe", "object"} & {tag for tag, _ in found.tags}
    names = {name for _, attributes in found.tags for name in attributes}
    assert names <= {
        "lang", "charset", "name", "content", "class", "id", "hidden", "type", "style", "role",
        "data-cell", "data-line", "data-go", "viewbox", "preserveaspectratio", "x", "y", "width",
        "height",
    }  # fmt: skip
    assert found.text == shown(HOSTILE)


def test_every_part_is_filled_in() -> None:
    source = b"".join(
        page(two("ab"), Subject("t", "words", ("m", "n"), ("s",), [("f", "1")], [1]))
    ).decode()
    assert "{{" not in source
    assert not re.search(r"https?:|url\(|@import|\bsrc=", source)
    assert "Words by difference in bits" in source


def test_an_empty_text_makes_a_page() -> None:
    assert parsed(HeatMap(cells(scored(TextPolicy(), "")))).text == ""


@given(text=st.text("ab \n", min_size=1))
def test_blocks_end_with_lines_where_they_can(text: str) -> None:
    heat_map = HeatMap(cells(scored(TextPolicy(), text)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_CELLS", 5)
        found = parsed(heat_map)
    assert found.text == text
    longest = max(map(len, text.splitlines(keepends=True)))
    own = [block.removeprefix("\n") for block in found.blocks]
    assert all(len(block) <= 5 for block in own)
    if longest <= 5:
        assert all(block.endswith("\n") for block in own[:-1])
    assert all(block[-1] in " \n" for block in own[:-1] if " " in block or "\n" in block)
    attributes = [a for tag, a in found.tags if tag == "pre"]
    for block, a in zip(own, attributes, strict=True):
        start = int(a["data-cell"] or "")
        assert text[start:].startswith(block)
        assert a["data-line"] == str(1 + text[:start].count("\n"))


@pytest.mark.slow
def test_a_browser_colours_the_page(tmp_path: Path) -> None:
    """The script finds the class of each cell as the library does."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no browser is installed")
    text = "To be,\nor not\U0001f451 \x1b to\tbe\n\n" + HOSTILE
    heat_map = HeatMap(cells(scored(TextPolicy(), text)))
    file = tmp_path / "page.html"
    file.write_bytes(b"".join(page(heat_map, Subject("t", "characters", ("m",), (), [], []))))
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    shown_by_it = subprocess.run(
        [*command, "--virtual-time-budget=3000", file.as_uri()],
        capture_output=True, check=True, timeout=120,
    ).stdout.decode()  # fmt: skip
    painted = re.findall(r'<i class="c(\d+)[ \w]*">([^<]*)</i>', shown_by_it.split("<main>")[1])
    classes = heat_map.scale.classes(np.rint(heat_map.cells.bits * 100) / 100)
    assert [int(heat) for heat, _ in painted] == classes.tolist()
    assert "".join(html.unescape(text) for _, text in painted) == shown(text)
    assert re.findall(r'<u data-line="(\d+)">', shown_by_it) == ["1", "2", "3", "4"]
