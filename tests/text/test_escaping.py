import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.text.escaping import escaped, escaped_bytes, visible


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


@given(st.binary())
def test_bytes_that_are_no_utf_8_are_escaped_as_python_does(data: bytes) -> None:
    text = data.decode(errors="surrogateescape")
    assert escaped_bytes(text) == data.decode(errors="backslashreplace")
