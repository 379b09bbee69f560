"""Every promise of `reliability.md` names tests, and every test it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
PROMISES = (TESTS / "reliability.md").read_text()
ROWS = re.findall(r"^\| (?!Promise|-)(.+) \| (.+) \|$", PROMISES, re.M)
NAMES = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PROMISES)))


def test_every_promise_has_a_test() -> None:
    named = [(promise, name) for promise, tests in ROWS for name in tests.split(", ")]
    assert len(ROWS) > 100
    assert not [(p, name) for p, name in named if not re.fullmatch(r"`[\w/]+\.py::test_\w+`", name)]


def test_every_test_that_is_named_is_there() -> None:
    assert not [f"{file}::{name}" for file, name in NAMES if name not in functions(file)]


@cache
def functions(file: str) -> set[str]:
    """The functions that a file of tests defines."""
    tree = ast.parse((TESTS / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
