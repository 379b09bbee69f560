"""What is typed twice, and names that promise another format: nothing is dropped without a word."""

from pathlib import Path

import pytest

from charlm.cli.options import FILE
from tests.cli.conftest import Charlm
from tests.cli.walk import OPTIONS


def test_no_file_is_dropped_without_a_word(charlm: Charlm) -> None:
    """Of any command: an option that names a file takes several, or is refused a second one."""
    once = [(p, o.opts[-1]) for p, o in OPTIONS if o.type is FILE and not o.multiple]
    assert len(once) > 5
    for path, name in once:
        result = charlm(*path, "a", "b", name, "x", name, "y")
        assert result.code == 2, (path, name)
        assert f"{name} was given 2 times; it names one file." in result.err, (path, name)


def test_of_numbers_the_last_counts(charlm: Charlm) -> None:
    """So that an alias may be overruled."""
    charlm("train", "book.txt", "--order", "5", "--order", "2", "-o", "m.charlm")
    assert "|order:2|" in charlm("info", "m.charlm").out


@pytest.mark.parametrize("option", ["--html", "--svg"])
@pytest.mark.parametrize("suffix", [".pdf", ".PNG", ".csv"])
def test_a_name_promises_the_format(option: str, suffix: str, charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "1", "-o", "m.charlm")
    result = charlm("score", "m.charlm", "other.txt", option, f"a{suffix}")
    assert result.code == 2
    right = f"a.{option[2:]}"
    assert f"a{suffix}: what is written is no {suffix} file; name it {right}" in result.err
    assert not Path(f"a{suffix}").exists()
    assert charlm("score", "m.charlm", "other.txt", option, right).code == 0


@pytest.mark.parametrize(
    ("piped", "read"), [("It is\n", "It is"), ("It is\n\n", "It is\n"), ("x y", "x y"), ("", "")]
)
def test_a_prompt_is_read_from_standard_input(piped: str, read: str, charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "2", "-o", "m.charlm")
    sampled = ("sample", "m.charlm", "--length", "20", "--seed", "1", "--prompt")
    assert charlm(*sampled, "-", stdin=piped.encode()).out == charlm(*sampled, read).out


def test_standard_input_is_a_prompt_or_a_corpus(charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "2", "-o", "m.charlm")
    result = charlm("sample", "m.charlm", "--prompt", "-", "--novelty", "--corpus", "-", stdin=b"x")
    assert result.code == 2
    assert "Standard input can be read only once" in result.err
