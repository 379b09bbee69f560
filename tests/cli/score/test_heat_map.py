import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from charlm.cli.palette import Palette
from charlm.cli.score.heat_map import fold, show_places, show_text
from charlm.cli.score.picture import picture
from charlm.surprisal.cells import cells
from charlm.surprisal.heat import HeatMap
from charlm.text.escaping import visible
from charlm.text.tokenizer import TextPolicy
from tests.cli.conftest import Charlm
from tests.cli.terminal import STYLE
from tests.surprisal.test_cells import scored
from tests.surprisal.test_heat import heat_map as made

SYSTEMS = ["truecolor", "256", "standard", None]


def terminal(system: str | None, width: int = 80, encoding: str = "utf-8") -> Console:
    file = io.TextIOWrapper(io.BytesIO(), encoding)
    return Console(
        file=file, width=width, force_terminal=True, no_color=False,
        color_system=system, legacy_windows=False, highlight=False,  # type: ignore[arg-type]
    )  # fmt: skip


def written(target: Console) -> str:
    file = target.file
    assert isinstance(file, io.TextIOWrapper)
    file.flush()
    assert isinstance(file.buffer, io.BytesIO)
    return file.buffer.getvalue().decode(file.encoding)


def text_of(text: str) -> HeatMap:
    return HeatMap(cells(scored(TextPolicy(), text)))


@given(text=st.text("ab \n\t中é\u0301\x1b") | st.text(), width=st.integers(8, 30))
def test_rows_hold_the_whole_text_and_fit(text: str, width: int) -> None:
    palette = Palette(terminal(None), text_of(text).scale)
    rows = list(fold(palette, text_of(text), width))
    joined = "".join(letter.text for _, _, letters in rows for letter in letters)
    assert joined == "".join({"\n": "↵", "\t": "→"}.get(c) or visible(c) for c in text)
    assert all(sum(letter.width for letter in letters) <= width for _, _, letters in rows)
    begins = [line for line, begins, _ in rows if begins]
    assert begins == [*range(1, len(begins) + 1)]
    assert all(begins == (i == 0 or rows[i - 1][2][-1].text == "↵") or not text
               for i, (_, begins, _) in enumerate(rows))  # fmt: skip


def test_rows_are_cut_after_blanks() -> None:
    palette = Palette(terminal(None), text_of("a").scale)
    rows = fold(palette, text_of("one two three"), 9)
    assert ["".join(c.text for c in letters) for *_, letters in rows] == ["one two ", "three"]


@pytest.mark.parametrize(
    ("encoding", "text", "bits", "second", "expected"),
    [
        ("utf-8", "ab中c", [0.5, 6, 12, 10.5], None, "1 ab中c\n   ▄██▇\n"),
        ("ascii", "abcd", [0.5, 6, 12, 10.5], None, "1 abcd\n   =@#\n"),
        ("utf-8", "a中cd", [0, 6, 6, 3], [6, 6, 0, 0], "1 a中cd\n  ▼  ▲▵\n"),
        ("ascii", "abcd", [0, 6, 6, 3], [6, 6, 0, 0], "1 abcd\n  < >+\n"),
    ],
)
def test_marks_stand_beneath_letters(
    encoding: str, text: str, bits: list[float], second: list[float] | None, expected: str
) -> None:
    target = terminal(None, encoding=encoding)
    heat_map = made(text, bits, second)
    show_text(Palette(target, heat_map.scale), heat_map, 9)
    assert re.sub(r"\x1b\[\d*m", "", written(target)) == expected


def test_a_heat_map_says_what_it_leaves_out() -> None:
    target = terminal(None)
    heat_map = text_of("a\nb\nc\n")
    show_text(Palette(target, heat_map.scale), heat_map, 2, ": go on")
    assert "line 2 of 3: go on\n" in written(target)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("compared", [False, True])
def test_every_terminal_gets_a_legend_and_places(
    system: str | None, encoding: str, compared: bool
) -> None:
    target = terminal(system, encoding=encoding)
    heat_map = made("x\x1b\ny", [1, 9, 3, 2], [1, 2, 3, 4] if compared else None)
    palette = Palette(target, heat_map.scale)
    palette.show_legend()
    show_places(palette, heat_map, [1, 2])
    legend, first, second = written(target).splitlines()
    assert "bits" in legend
    assert len(re.findall(r"-\d", legend)) == compared * (3 if system in ("standard", None) else 1)
    assert "\\x1b" in first.replace("\x1b[", "")
    assert f"{heat_map.values[2]:.2f} bits" in second
    assert "\n" not in first


def test_places_stand_in_one_column() -> None:
    target = terminal(None)
    heat_map = made("中中x中y", [0, 0, 9, 0, 8])
    show_places(Palette(target, heat_map.scale), heat_map, [2, 4])
    rows = written(target).splitlines()
    assert cell_len(rows[0].split("[")[0]) == cell_len(rows[1].split("[")[0])


def test_pictures_are_the_same_every_time() -> None:
    assert picture(text_of("ab"), "t", 40, 5) == picture(text_of("ab"), "t", 40, 5)


def test_a_pager_gets_the_whole_map(charlm: Charlm) -> None:
    """Through a pipe: with marks, or in colours where these are asked for."""
    charlm("train", "book.txt", "--order", "2", "-o", "m.charlm")
    plain = charlm("score", "m.charlm", "other.txt", "--map")
    coloured = charlm("score", "m.charlm", "other.txt", "--map", "--color", "always")
    assert (plain.code, coloured.code) == (0, 0)
    assert "\x1b[" not in plain.out
    assert "\x1b[" in coloured.out
    without = STYLE.sub("", coloured.out)
    last = Path("other.txt").read_text().split()[-1]
    for out in (plain.out, without):
        assert last in out.split("Most surprising")[0]
        assert "--lines shows more" not in out
    refused = charlm("score", "m.charlm", "other.txt", "--map", "--csv")
    assert (refused.code, "--map shows one text" in refused.err) == (2, True)
