"""Every promise of `reliability.md` names tests, and every test it names is there."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PROMISES = (TESTS / "reliability.md").read_text()
ROWS = re.findall(r"^\| (?!Promise|-)(.+) \| (.+) \|$", PROMISES, re.M)
NAMES = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PROMISES)))


@pytest.mark.parametrize(("promise", "tests"), ROWS, ids=[promise for promise, _ in ROWS])
def test_every_promise_has_a_test(promise: str, tests: str) -> None:
    for name in tests.split(", "):
        assert re.fullmatch(r"`[\w/]+\.py::test_\w+`", name), f"{name}: no name of a test"


@pytest.mark.parametrize(("file", "name"), NAMES, ids=["::".join(name) for name in NAMES])
def test_every_test_that_is_named_is_there(file: str, name: str) -> None:
    tree = ast.parse((TESTS / file).read_text())
    assert name in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
