"""Bits in colours or marks: one palette for all commands."""

import re

import pytest

from charlm.cli.palette import Palette
from charlm.surprisal.colours import CLASSES, Scale
from tests.cli.score.test_heat_map import SYSTEMS, terminal, written
from tests.surprisal.test_heat import heat_map as made


@pytest.mark.parametrize(("top", "width"), [(44, 80), (400, 80), (44, 30)])
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_legend_is_whole_on_every_terminal(system: str | None, top: float, width: int) -> None:
    target = terminal(system, width)
    palette = Palette(target, made("ab", [0, top]).scale)
    palette.show_legend()
    legend = re.sub(r"\x1b\[[\d;]*m", "", written(target))
    numbers = re.findall(r"\d+(?:\.\d)?", legend)
    assert len(numbers) == (2 if palette.levels > 9 else palette.levels)
    assert legend.split()[-1] == "bits"
    assert max(map(len, legend.splitlines())) <= max(width, 40)
    if width == 80 and top < 100:
        assert legend.count("\n") == 1


@pytest.mark.parametrize(
    ("bits", "shown"),
    [
        (0.0, "a b\nc"),
        (2.5, "\x1b[36ma b\x1b[0m\n\x1b[36mc\x1b[0m"),
        (5.0, "\x1b[30;46ma b\x1b[0m\n\x1b[30;46mc\x1b[0m"),
        (9.7, "\x1b[1;37;41ma b\x1b[0m\n\x1b[1;37;41mc\x1b[0m"),
        (float("inf"), "\x1b[1;37;41ma b\x1b[0m\n\x1b[1;37;41mc\x1b[0m"),
    ],
)
def test_a_text_is_painted_by_its_bits_and_its_line_ends_are_not(bits: float, shown: str) -> None:
    assert Palette(terminal("standard"), Scale.usual()).paint("a b\nc", bits) == shown


@pytest.mark.parametrize(
    ("system", "escape"),
    [("truecolor", "48;2;251;230;122m"), ("256", "48;5;222m"), ("standard", "1;37;41m")],
)
def test_colours_are_those_that_the_terminal_has(system: str, escape: str) -> None:
    """Painted, not printed: what rich prints, it keeps as it was first drawn in this process."""
    before, after = Palette(terminal(system), Scale.usual()).paint("b", 99.0).split("b")
    assert before.endswith(escape)
    assert after == "\x1b[0m"


def test_nothing_is_painted_where_there_are_no_colours() -> None:
    palette = Palette(terminal(None), Scale.usual())
    assert palette.paint("a", 12.0) == "a"
    assert palette.mark(0) == " "
    assert palette.mark(CLASSES - 1) == "█"


def test_a_legend_is_left_out_where_it_would_lose_its_colours() -> None:
    log, coloured = terminal(None), terminal("standard")
    Palette(coloured, Scale.usual()).show_legend(log)
    assert written(log) == ""
    Palette(log, Scale.usual()).show_legend()
    assert "█ 11.0 bits" in written(log)
