"""The examples in docstrings, run as they stand there."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from tests.test_architecture import MODULES, ROOT

WITH_EXAMPLES = [path for path in MODULES if ">>> " in (ROOT.parent / path).read_text()]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=str)
def test_examples_of_docstrings(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    module = import_module(".".join(path.with_suffix("").parts))
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed


def test_the_face_of_the_library_has_examples() -> None:
    assert {Path("charlm/api/model.py"), Path("charlm/api/training.py")} <= {*WITH_EXAMPLES}
