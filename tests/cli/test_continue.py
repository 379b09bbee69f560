"""A text that grows: its lines through a pipe, and typed on a terminal."""

import re
from pathlib import Path

import numpy as np
import pytest

from charlm.cli.continue_.page import SEEN_AGAIN, folded
from charlm.sampling.continuing import Continuation
from charlm.sampling.drawing import SamplingConfig
from charlm.storage import load
from tests.cli.conftest import Charlm
from tests.cli.terminal import Typing, screen


@pytest.fixture
def model(charlm: Charlm) -> str:
    charlm("train", "book.txt", "--order", "4", "-o", "m.charlm")
    return "m.charlm"


def typed(charlm: Charlm, *lines: str, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
    stdin = "".join(f"{line}\n" for line in lines).encode()
    done = charlm("continue", "m.charlm", "--seed", "1", "--length", "30", *options, stdin=stdin)
    return done.code, done.out, done.err


@pytest.mark.usefixtures("model")
def test_lines_add_and_the_model_goes_on(charlm: Charlm) -> None:
    code, one, err = typed(charlm, "The ")
    sample = charlm("sample", "m.charlm", "--prompt", "The ", "--seed", "1", "--length", "30").out
    assert (code, one, err) == (0, sample, "")
    both = typed(charlm, "The ", "and so", options=("--prompt", "Well. "))[1]
    assert re.fullmatch(r"Well\. The .{30}and so.{30}\n?", both, re.S)


@pytest.mark.usefixtures("model")
def test_turns_are_taken_back_and_written_anew(charlm: Charlm) -> None:
    one = typed(charlm, "The ")[1]
    assert typed(charlm, "The ", "more", "/undo")[1] == one
    assert typed(charlm, "The ", "/undo")[1] == ""
    again = typed(charlm, "The ", "/again")[1]
    assert again.startswith("The ")
    assert again != one


@pytest.mark.usefixtures("model")
def test_temperature_and_length_are_those_of_the_options(charlm: Charlm) -> None:
    greedy = typed(charlm, "The ", options=("--temperature", "0", "--length", "40"))[1]
    assert typed(charlm, "/temperature 0", "/length 40", "The ")[1] == greedy
    code, _, err = typed(charlm, "+", "+", "-", "/temperature 0.05", "-", "-")
    told = [1.1, 1.2, 1.1, 0.05, 0, 0]
    assert (code, err.splitlines()) == (0, [f"Temperature {t:g}." for t in told])


@pytest.mark.usefixtures("model")
def test_texts_are_saved(charlm: Charlm) -> None:
    one = typed(charlm, "The ")[1]
    code, out, _ = typed(charlm, "The ", "/save half.txt", "//end", options=("-o", "whole.txt"))
    assert (code, out) == (0, "")
    assert Path("half.txt").read_text() == one
    whole = Path("whole.txt").read_text()
    assert whole.startswith(one.removesuffix("\n") + "/end")
    code, _, err = typed(charlm, "The ", "/save half.txt")
    assert code == 1
    assert "half.txt: is there already" in err
    assert typed(charlm, "", options=("-o", "book.txt"))[0] == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/sing", "/sing: is no command; there are /temperature, /length, /undo"),
        ("/temperature hot", "/temperature needs a number, not 'hot'"),
        ("/temperature -1", "the temperature must be 0 (greedy) or more"),
        ("/length 0", "the length is a number of symbols, at least 1"),
        ("/undo", "there is no turn to take back"),
        ("/again", "there is no turn to write again"),
        ("/save", "/save needs the name of a file"),
    ],
)
@pytest.mark.usefixtures("model")
def test_what_cannot_be_done_is_one_line(line: str, message: str, charlm: Charlm) -> None:
    code, out, err = typed(charlm, line, "never read")
    assert (code, out) == (2, "")
    assert err.startswith(f"Error: {message}")
    assert err.count("\n") == 1


@pytest.mark.usefixtures("charlm")
def test_bytes_and_lines_go_on_too(charlm: Charlm) -> None:
    charlm("train", "book.txt", "--unit", "byte", "-o", "m.charlm")
    assert typed(charlm, "é")[1].startswith("é")
    charlm("train", "book.txt", "--sequence", "line", "-o", "m.charlm", "--force")
    out = typed(charlm, "The ", "", options=("--length", "999"))[1]
    assert out.startswith("The ")
    assert out.count("\n") == 2


def test_on_a_terminal_the_text_stands_as_if_nobody_had_typed(model: str) -> None:
    """What is typed becomes part of it, over the end of rows too; commands stand between."""
    trained = load(model)
    story = Continuation(trained, SamplingConfig(), 70, np.random.default_rng(1))

    def rows() -> list[str]:
        return folded(story.text, 40)

    with Typing("continue", model, "--seed", "1", "--length", "70", columns=40) as terminal:
        terminal.wait_until(lambda seen: "Ctrl-D ends.\n" in seen)
        for typed in ("The ", "and therefore, as long as it may be, ", ""):
            story.begin(typed)
            "".join(story.go_on())
            terminal.type(f"{typed}\n")
            seen = terminal.wait_until(lambda seen: screen(seen, 40)[-len(rows()) :] == rows())
        terminal.type("/save story.txt\n")
        terminal.wait_until(lambda seen: "Wrote story.txt" in seen)
        assert Path("story.txt").read_text().removesuffix("\n") == story.text.removesuffix("\n")
        terminal.type("/sing\n")
        terminal.wait_until(lambda seen: seen.endswith("\n".join(rows()[-SEEN_AGAIN:])))
        terminal.type("\x04")
        end = terminal.end()
    assert "Error: /sing: is no command" in end
    assert end.endswith(rows()[-1] + "\n")
    assert seen.count("\x1b[A") == 3


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [""]),
        ("abc", ["abc"]),
        ("abcdef", ["abcd", "ef"]),
        ("abcd", ["abcd"]),
        ("ab\n\nc", ["ab", "", "c"]),
        ("a中文", ["a中", "文"]),
        ("a\tbc", ["a\tb", "c"]),
    ],
)
def test_rows_are_those_of_a_terminal(text: str, rows: list[str]) -> None:
    assert folded(text, 4) == rows
