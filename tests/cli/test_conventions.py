"""What holds for every command and every option, those that are yet to come included."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.core import ParameterSource

import charlm as library
from charlm.cli.options import RegistryChoice
from charlm.cli.settings import common_options
from tests.cli.conftest import SMALL_RNN, Charlm
from tests.cli.walk import (
    COMMANDS,
    JSON,
    LEAVES,
    OPTIONS,
    commands,
    context,
    example,
    filled,
)

EVERYWHERE = {option.opts[-1] for option in common_options()}
HEAVY = {"numpy", "rich", "regex"}
CLI = Path(library.__file__).parent / "cli"


def test_help_and_completion_import_nothing_heavy() -> None:
    words = [("--version",), *((*path, "--help") for path in [(), *COMMANDS])]
    code = (
        "import sys; from charlm.cli.main import cli\n"
        "from click.shell_completion import BashComplete\n"
        f"for words in {words}:\n"
        "    cli.main(words, standalone_mode=False)\n"
        f"    print('heavy:', words, sorted({HEAVY} & set(sys.modules)))\n"
        "complete = BashComplete(cli, {}, 'charlm', '_CHARLM_COMPLETE')\n"
        "assert complete.get_completions(['train', 'rnn', '--cell'], '')\n"
        f"print('heavy:', 'completion', sorted({HEAVY} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [line for line in out.stdout.splitlines() if line.startswith("heavy:")]
    assert len(lines) == len(words) + 1
    assert [line for line in lines if not line.endswith("[]")] == []


def imports_in(function: ast.FunctionDef) -> list[ast.stmt]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_a_command_opens_one_door_and_what_is_behind_it_imports_at_its_head() -> None:
    """So that help needs nothing heavy, and nobody has to look for imports inside functions."""
    functions = {
        f"{path.relative_to(CLI)}: {node.name}": node
        for path in CLI.rglob("*.py")
        if path.name != "console.py"  # which prints a note without rich
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    doors = {name: len(imports_in(node)) for name, node in functions.items()}
    command = re.compile(r"cls=(Grouped|Led)Command\b")
    declared = {n for n, node in functions.items() if command.search(ast.unparse(node))}
    assert len(declared) == len(LEAVES)
    assert {name: number for name, number in doors.items() if number != (name in declared)} == {}


def test_the_line_of_a_command_is_whole(charlm: Charlm) -> None:
    for path in ((), ("train",), ("gradients",)):
        assert "..." not in charlm(*path, "--help").out.split("Commands:")[1]


def test_every_option_says_what_it_does_and_its_default() -> None:
    assert not [typed(path, option) for path, option in OPTIONS if not is_told(path, option)]


def is_told(path: tuple[str, ...], option: click.Option) -> bool:
    record = option.get_help_record(context(path))
    told = record is not None and option.help and option.help[0].isupper()
    no_default = option.is_flag or option.required
    return bool(told and (no_default or (record and "[default: " in record[1])))


def typed(path: tuple[str, ...], option: click.Option) -> str:
    return f"{' '.join(path)} {option.opts[-1]}"


def test_every_option_has_a_variable_that_comes_second(monkeypatch: pytest.MonkeyPatch) -> None:
    for path, option in OPTIONS:
        name = option.opts[-1].removeprefix("--")
        words = ["charlm", name] if option.opts[-1] in EVERYWHERE else ["charlm", *path, name]
        monkeypatch.setenv("_".join(words).replace("-", "_").upper(), example(option))
        inside = context(path)
        value, source = option.consume_value(inside, {})
        assert source is ParameterSource.ENVIRONMENT, typed(path, option)
        assert value not in (None, (), False, option.default), typed(path, option)
        assert option.type_cast_value(inside, value) is not None, typed(path, option)
        given: Any = {option.name: "typed"}
        again, source = option.consume_value(inside, given)
        assert (again, source) == ("typed", ParameterSource.COMMANDLINE), typed(path, option)


def test_mistyped_options_are_understood(charlm: Charlm) -> None:
    for path, option in OPTIONS:
        result = charlm(*path, f"{option.opts[-1]}x")
        hint = f"Did you mean {option.opts[-1]}? See `charlm {' '.join(path)} --help`."
        assert (result.code, hint in result.err) == (2, True), typed(path, option)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("sample", "m", "-t", "0.5"), "Did you mean --temperature, --top-k or --top-p? "),
        (("sample", "m", "--temp", "0.5"), "Did you mean --temperature? "),
        (("train", "rnn", "t", "--epoch", "2"), "Did you mean --epochs? "),
        (("train", "rnn", "t", "--val", "v"), "Did you mean --validations, --valid or --valid-"),
        (("perplexity", "m", "t", "--js"), "Did you mean --json? "),
        (("--verb", "info"), "Did you mean --verbose? "),
        (("score", "m", "t", "--png", "p"), "No such option '--png'. See "),
    ],
)
def test_what_an_option_begins_with_is_understood(
    words: tuple[str, ...], hint: str, charlm: Charlm
) -> None:
    result = charlm(*words)
    assert result.code == 2
    assert hint in result.err


def test_names_may_be_typed_in_capitals(charlm: Charlm) -> None:
    for path, option in OPTIONS:
        match option.type:
            case RegistryChoice():
                names = option.type.names()
            case click.Choice(choices=choices):
                names = list(choices)
            case _:
                continue
        for name in names:
            for typed in (name.upper(), name.lower(), name.title()):
                assert option.type.convert(typed, option, context(path)) == name
    assert charlm("train", "rnn", "book.txt", "--cell", "LSTM", *SMALL_RNN).code == 0


def test_mistyped_commands_are_understood(charlm: Charlm) -> None:
    for path in COMMANDS:
        result = charlm(*path[:-1], path[-1][:-1] + "z" + path[-1][-1])
        assert result.code == 2
        assert f"id you mean {path[-1]}?" in result.err


@pytest.mark.parametrize(
    ("word", "meant"),
    [("help", "--help"), ("version", "--version"), ("book.txt", "train book.txt"), ("sing", "")],
)
def test_what_is_no_command_is_understood(word: str, meant: str, charlm: Charlm) -> None:
    result = charlm(word)
    hint = f" Did you mean {meant}?" if meant else ""
    assert result.code == 2
    assert result.err == f"Error: No such command '{word}'.{hint} See `charlm --help`.\n"


def test_values_are_asked_for_in_plain_words(charlm: Charlm) -> None:
    for words, message in (
        (("train", "book.txt", "--order", "three"), "'three' is not a valid integer."),
        (("train", "book.txt", "--k", "one"), "'one' is not a valid number."),
        (("sample", "m", "--prompt"), "Option '--prompt' requires an argument."),
    ):
        result = charlm(*words)
        assert result.code == 2
        assert message in result.err
        assert result.err.endswith("--help`.\n")
        assert f"`charlm {words[0]}" in result.err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("train", "bok.txt"), "book.txt"),
        (("train", "book"), "book.txt"),
        (("train", "book.txt", "--valid", "./ohter.txt"), "other.txt"),
        (("sample", "my.charlm"), "my.ngram.charlm"),
        (("sample", "my"), "my.ngram.charlm"),
        (("sample", "book.charlm"), "book.txt.charlm"),
        (("info", "sub/mi.ngram.charlm"), "sub/my.ngram.charlm"),
        (("perplexity", "my.ngram.charlm", "other.text"), "other.txt"),
    ],
)
def test_mistyped_files_are_understood(words: tuple[str, ...], meant: str, charlm: Charlm) -> None:
    Path("sub").mkdir()
    Path("my.txt").touch()
    Path("book.txt.charlm").touch()
    for folder in (".", "sub"):
        charlm("train", "book.txt", "--order", "1", "-o", f"{folder}/my.ngram.charlm")
    result = charlm(*words)
    assert result.code == 1
    assert result.err.endswith(f": no such file; did you mean {meant}?\n")


@pytest.mark.parametrize("path", JSON, ids=" ".join)
def test_json_has_a_schema(path: tuple[str, ...], models: tuple[str, ...], charlm: Charlm) -> None:
    results = [charlm(*filled(path, model, "other.txt"), "--json") for model in models]
    done = [result for result in results if result.code == 0]
    assert done
    for result in done:
        lines = result.out.splitlines() if result.out.startswith('{"') else [result.out]
        assert all(isinstance(json.loads(line)["schema"], int) for line in lines)


def test_json_is_printed_in_one_place() -> None:
    folder = Path(sys.modules["charlm.cli"].__path__[0])
    sources = {path.name: path.read_text() for path in folder.rglob("*.py")}
    found = {name for name, text in sources.items() if "json.dumps(" in text}
    assert found == {"console.py", "log.py"}
    # And warnings, which --quiet leaves; and texts are read with notes.
    assert {name for name, text in sources.items() if "Warning: " in text} == {"console.py"}
    assert not [name for name, text in sources.items() if re.search(r"corpus\.read\([^=]*\)", text)]


def test_quiet_leaves_warnings(charlm: Charlm) -> None:
    for words in (("-q", "train", "book.txt"), ("train", "book.txt", "--quiet")):
        assert charlm(*words).err == ""
    assert charlm("train", "book.txt").err != ""
    assert charlm("sample", "book.ngram.charlm", "--prompt", "é", "-q").err == ""
    result = charlm("perplexity", "-q", "book.ngram.charlm", "book.txt")
    assert result.err.startswith("Warning: book.ngram.charlm was trained on book.txt")


def test_verbose_tells_stages(charlm: Charlm) -> None:
    err = charlm("train", "-v", "book.txt").err
    assert "reading: 16,000 of 16,000\n" in err
    assert "counting: " in err
    err = charlm("train", "rnn", "book.txt", "-v", *SMALL_RNN[:4]).err
    assert re.search(r"training: 5 of 5  loss [\d.]+  held out [\d.]+ bits/symbol\n", err)
    err = charlm("perplexity", "book.ngram.charlm", "other.txt", "book.txt", "-v").err
    assert err.count("scoring: ") == 2
    assert "counting" not in charlm("train", "book.txt").err


def test_the_walk_finds_all_commands() -> None:
    assert {("train", "rnn"), ("gradients", "flow"), ("import",)} <= dict(commands()).keys()


def test_commands_stand_in_the_order_of_their_use(charlm: Charlm) -> None:
    shown = charlm("--help").out.split("Commands:")[1]
    places = [shown.index(f"\n  {name} ") for name in ("train", "sample", "perplexity", "import")]
    assert places == sorted(places)
