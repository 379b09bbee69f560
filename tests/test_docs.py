"""The example of decoding, run as it stands there."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from tests.support.models import CORPORA

PAGE = (CORPORA.parent / "docs" / "decoding.md").read_text()
CODE = "".join(re.findall(r"```python\n(.*?)```", PAGE, re.S))
(SHOWN,) = re.findall(r"```text\n(.*?)```", PAGE, re.S)


def test_the_decoder_does_what_its_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("corpora").symlink_to(CORPORA)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(CODE, {"__name__": "page"})
    assert printed.getvalue() == SHOWN
    greedy, search = map(float, re.findall(r"([\d.]+)%", SHOWN))
    assert search < greedy / 2
