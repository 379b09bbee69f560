import pytest

from charlm.cli.console import printable


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
