"""Figures that are written: what rounds to nothing has no sign."""

import re
from pathlib import Path

import charlm
from charlm.cli.perplexity.report import _figure
from charlm.cli.score.scored import _figure as _short_figure

SOURCES = Path(charlm.__file__).parent
FIXED = re.compile(r":(?P<spec>[^:{}\n]*\.(?:\d|\{\w+\})f)\}")


def test_no_figure_is_written_as_a_negative_nothing() -> None:
    """Every fixed-point format of the project has `z` (PEP 682): it writes -0.0 as 0.0."""
    found = [
        (path.name, match["spec"])
        for path in SOURCES.rglob("*.py")
        for match in FIXED.finditer(path.read_text())
    ]
    assert len(found) > 30
    assert [(name, spec) for name, spec in found if "z" not in spec] == []


def test_figures_of_tables() -> None:
    for value in (-0.0, -0.0004, 0.0004):
        assert _figure(value) == _short_figure(value) == "0.000"
    assert _figure(-0.0006) == _short_figure(-0.0006) == "-0.001"
