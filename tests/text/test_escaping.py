import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.text.escaping import escaped, printable, printable_json, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 中é", "plain 中é"),
        ("\x1b[31m\x7f\x9b", "\\x1b[31m\\x7f\\x9b"),
        ("\n\t\r", "\\n\\t\\r"),
        ("\u202eevil\u2066\u2028", "\\u202eevil\\u2066\\u2028"),
        (b"\xff\xc3\xa9".decode(errors="surrogateescape"), "\\xffé"),
        ("\\n", "\\n"),
    ],
)
def test_what_cannot_be_shown_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(text=st.text() | st.text("\\nx1b\n\x1b\u202e"))
def test_escapes_are_python_s_own(text: str) -> None:
    """So a program that reads them knows what stood there."""
    assert ast.literal_eval('"' + escaped(text).replace('"', '\\"') + '"') == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext 中é", "plain\n\ttext 中é"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb\x7f\x9b", "a\\rb\\x7f\\x9b"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
    ],
)
def test_terminals_are_not_commanded_by_texts(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(text=st.text() | st.text('\n\t\x1b\x9b\u202e"\\'))
def test_json_is_the_same_json(text: str) -> None:
    written = json.dumps([text], ensure_ascii=False, indent=1)
    assert json.loads(printable_json(written)) == [text]
    assert not set(printable_json(written)) & set("\x1b\x9b\u202e")
