"""What the README shows is what a reader gets."""

import re
from pathlib import Path

import pytest

from tests.support.readme import (
    README,
    ROOT,
    SESSION,
    agree,
    examples,
    folder_with_corpora,
    replay,
    run,
)

EXAMPLES = list(examples(README.read_text()))
SESSIONS = SESSION.findall(README.read_text())


def without_networks_text(output: str) -> str:
    """Leave out what the network says in the demo: all between its command and the next."""
    return re.sub(r"(charlm sample \S*rnn.*?\n).*?(?=\S*charlm )", r"\1", output, flags=re.S)


@pytest.mark.slow
def test_commands_print_what_the_readme_shows(tmp_path: Path) -> None:
    """In their order, for one goes on from another."""
    folder = folder_with_corpora(tmp_path)
    for example in EXAMPLES:
        output = run(example.command, folder)
        if example.varies:
            assert output[:10] == example.output[:10]
            assert len(output) == pytest.approx(len(example.output), rel=0.1), example.command
        else:
            shown, printed = map(without_networks_text, (example.output, output))
            agree(shown, printed, example.command)


@pytest.mark.parametrize("session", SESSIONS)
def test_python_answers_what_the_readme_shows(session: str, tmp_path: Path) -> None:
    agree(session, replay(session, folder_with_corpora(tmp_path)), session)


def test_sessions_are_typed_again(tmp_path: Path) -> None:
    session = ">>> for i in (1, 2):\n...     print(i)\n1\n3\n>>> None\n>>> 'a' * 3\n"
    again = ">>> for i in (1, 2):\n...     print(i)\n1\n2\n>>> None\n>>> 'a' * 3\n'aaa'\n"
    assert replay(session, tmp_path) == again
    with pytest.raises(AssertionError):
        agree(session, again)


def test_every_file_that_the_readme_names_is_there() -> None:
    named = re.findall(r"`((?:charlm|tests|corpora)/[\w/]*(?:\.\w+)?)`", README.read_text())
    assert len(named) > 25
    assert not [name for name in named if not (ROOT / name).exists()]
