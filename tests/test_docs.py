"""The examples of decoding, run as they stand there."""

import contextlib
import io
import re
import sys
from pathlib import Path

import pytest

from charlm import kenlm
from tests.support.models import CORPORA

PAGE = (CORPORA.parent / "docs" / "decoding.md").read_text()
CODE, OTHERS = PAGE.split("## The same in pyctcdecode")


def blocks(page: str, language: str) -> str:
    return "".join(re.findall(rf"```{language}\n(.*?)```", page, re.S))


def printed(code: str) -> str:
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        exec(code, {"__name__": "page"})
    return written.getvalue()


@pytest.fixture(autouse=True)
def corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("corpora").symlink_to(CORPORA)


def test_the_decoder_does_what_its_page_shows() -> None:
    shown = blocks(CODE, "text")
    assert printed(blocks(CODE, "python")) == shown
    greedy, search = map(float, re.findall(r"([\d.]+)%", shown))
    assert search < greedy / 2


@pytest.mark.filterwarnings("default")  # of an older package
def test_pyctcdecode_does_what_the_page_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kenlm", kenlm)  # and what was there is put back afterwards
    pytest.importorskip("pyctcdecode", reason="not installed: it asks for an older NumPy")
    shown = blocks(PAGE, "text")
    assert printed(blocks(PAGE, "python")) == shown
