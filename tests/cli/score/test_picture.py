"""The picture in docs/ is what charlm draws."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Charlm
from tests.support.models import CORPORA

PICTURE = CORPORA.parent / "docs" / "heatmap.svg"
LINES = slice(5456, 5472)  # of Shakespeare: to be, or not to be


def drawn(picture: str) -> tuple[list[str], list[str]]:
    """The grounds, in order, and the letters."""
    return re.findall(r'<rect fill="(#\w+)"', picture), re.findall(r">([^<]+)</text>", picture)


@pytest.mark.slow
def test_the_picture_in_docs_is_drawn_anew(charlm: Charlm) -> None:
    lines = (CORPORA / "shakespeare.txt").read_text().splitlines(keepends=True)
    Path("hamlet.txt").write_text("".join(lines[LINES]))
    charlm("train", str(CORPORA / "austen.txt"), "-o", "austen.ngram.charlm")
    charlm("score", "austen.ngram.charlm", "hamlet.txt", "--svg", "heatmap.svg")
    assert drawn(Path("heatmap.svg").read_text()) == drawn(PICTURE.read_text())
    assert len(drawn(PICTURE.read_text())[0]) > 300
