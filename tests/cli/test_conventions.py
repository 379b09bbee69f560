"""What holds for every command and every option, those that are yet to come included."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.core import ParameterSource
from click.shell_completion import BashComplete

from charlm.cli.main import cli
from charlm.cli.names import NAMES
from charlm.cli.options import FileName, RegistryChoice
from charlm.cli.settings import common_options
from tests.cli.conftest import Charlm
from tests.cli.walk import COMMANDS, LEAVES, OPTION_IDS, OPTIONS, commands, context, example, filled

SMALL_RNN = ("--hidden", "8", "--steps", "5", "--valid-fraction", "0")
EVERYWHERE = {option.opts[-1] for option in common_options()}
HEAVY = {"numpy", "rich", "regex"}
PATHS = pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
LEAF_PATHS = pytest.mark.parametrize("path", LEAVES, ids=" ".join)
EVERY_OPTION = pytest.mark.parametrize(("path", "option"), OPTIONS, ids=OPTION_IDS)


def process(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "charlm", *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("words", [("--version",), *((*p, "--help") for p in [(), *COMMANDS])])
def test_help_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    code = (
        "import sys; from charlm.cli.main import cli\n"
        f"cli.main({words!r}, standalone_mode=False)\n"
        f"print(sorted({HEAVY} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.endswith("[]\n")


@pytest.mark.parametrize("registry", NAMES)
def test_names_are_those_of_the_registry(registry: str) -> None:
    assert RegistryChoice(registry).names() == RegistryChoice(registry).registered()


def test_the_line_of_a_command_is_whole(charlm: Charlm) -> None:
    for path in ((), ("train",), ("gradients",)):
        assert "..." not in charlm(*path, "--help").out.split("Commands:")[1]


@EVERY_OPTION
def test_every_option_says_what_it_does_and_its_default(
    path: tuple[str, ...], option: click.Option
) -> None:
    record = option.get_help_record(context(path))
    assert record is not None
    assert option.help
    assert option.help[0].isupper()
    assert option.is_flag or option.required or "[default: " in record[1]


@EVERY_OPTION
def test_every_option_has_a_variable_that_comes_second(
    path: tuple[str, ...], option: click.Option, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = option.opts[-1].removeprefix("--")
    words = ["charlm", name] if option.opts[-1] in EVERYWHERE else ["charlm", *path, name]
    monkeypatch.setenv("_".join(words).replace("-", "_").upper(), example(option))
    inside = context(path)
    value, source = option.consume_value(inside, {})
    assert source is ParameterSource.ENVIRONMENT
    assert value not in (None, (), False, option.default)
    assert option.type_cast_value(inside, value) is not None
    typed: Any = {option.name: "typed"}
    assert option.consume_value(inside, typed)[1] is ParameterSource.COMMANDLINE


@EVERY_OPTION
def test_mistyped_options_are_understood(
    path: tuple[str, ...], option: click.Option, charlm: Charlm
) -> None:
    result = charlm(*path, f"{option.opts[-1]}x")
    assert result.code == 2
    assert f"Did you mean {option.opts[-1]}? See `charlm {' '.join(path)} --help`." in result.err


@PATHS
def test_mistyped_commands_are_understood(path: tuple[str, ...], charlm: Charlm) -> None:
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


@LEAF_PATHS
def test_missing_files_are_one_line(path: tuple[str, ...], charlm: Charlm) -> None:
    words = filled(path, "nowhere/m", "nowhere/t")
    if len(words) == len(path):
        pytest.skip("reads no file")
    result = charlm(*words)
    assert (result.code, result.out) == (1, "")
    (line,) = result.err.splitlines()
    assert line.startswith("Error: nowhere/")
    assert line.endswith("no such file") or "there is no folder" in line


@LEAF_PATHS
def test_nothing_given_is_wrong_usage(path: tuple[str, ...], charlm: Charlm) -> None:
    if len(filled(path, "m", "t")) == len(path):
        pytest.skip("needs nothing")
    result = charlm(*path)
    assert (result.code, result.out) == (2, "")
    assert f"See `charlm {' '.join(path)} --help`." in result.err


@pytest.fixture
def models(charlm: Charlm) -> tuple[str, ...]:
    charlm("train", "book.txt", "--order", "2", "-o", "n.charlm")
    charlm("train", "rnn", "book.txt", "-o", "r.charlm", *SMALL_RNN)
    return ("n.charlm", "r.charlm")


JSON = [path for path, option in OPTIONS if "--json" in option.opts]


@pytest.mark.parametrize("path", JSON, ids=" ".join)
def test_json_has_a_schema(path: tuple[str, ...], models: tuple[str, ...], charlm: Charlm) -> None:
    results = [charlm(*filled(path, model, "other.txt"), "--json") for model in models]
    done = [result for result in results if result.code == 0]
    assert done
    for result in done:
        assert isinstance(json.loads(result.out.strip())["schema"], int)


def test_json_is_printed_in_one_place() -> None:
    folder = Path(sys.modules["charlm.cli"].__path__[0])
    sources = {path.name: path.read_text() for path in folder.glob("*.py")}
    found = {name for name, text in sources.items() if "json.dumps(" in text}
    assert found == {"console.py", "training_log.py"}


@pytest.mark.slow
@LEAF_PATHS
def test_a_full_device_is_one_line(path: tuple[str, ...], models: tuple[str, ...]) -> None:
    for model in models:
        words = [sys.executable, "-m", "charlm", *filled(path, model, "book.txt")]
        writes = subprocess.run(words, capture_output=True, check=False)
        with Path("/dev/full").open("w") as full:
            fails = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, check=False)
        if writes.stdout:
            assert fails.stderr == b"Error: standard output: No space left on device\n"
            assert fails.returncode == 1
        else:
            assert fails.returncode == writes.returncode


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_closed_streams_harm_only_what_needs_them(closed: str, charlm: Charlm) -> None:
    command = f"{sys.executable} -m charlm train book.txt -o m.charlm {closed}"
    assert subprocess.run(["bash", "-c", command], check=False).returncode == 0
    command = f"{sys.executable} -m charlm sample m.charlm >&-"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"Error: standard output: Bad file descriptor\n")
    command = f"{sys.executable} -m charlm train - <&-"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr == b"Error: standard input: empty, there is nothing to learn\n"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_signals_have_their_exit_codes(number: int, code: int, charlm: Charlm) -> None:
    charlm("train", "book.txt", "-o", "m.charlm", "--order", "1")
    command = [sys.executable, "-m", "charlm", "sample", "m.charlm", "--length", "999999999"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.read(10)
        running.send_signal(number)
        assert b"Traceback" not in running.communicate()[1]
        assert running.returncode == code


@pytest.mark.parametrize("words", [("--debug", "sample", "no"), ("sample", "no", "--debug")])
def test_debug_shows_the_traceback_wherever_it_stands(words: tuple[str, ...]) -> None:
    done = process(*words)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "ModelFileError" in done.stderr


def test_debug_has_a_variable_and_no_accidents() -> None:
    assert "Traceback" in process("sample", "no", CHARLM_DEBUG="1").stderr
    assert "Traceback" not in process("sample", "no", CHARLM_DEBUG="0").stderr
    assert "Traceback" not in process("sample", "no", "--prompt", "--debug").stderr


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
    assert "training: 5 of 5  loss " in err
    assert "counting" not in charlm("train", "book.txt").err


def completions(*words: str) -> set[tuple[str, str]]:
    complete = BashComplete(cli, {}, "charlm", "_CHARLM_COMPLETE")
    return {(c.type, c.value) for c in complete.get_completions(list(words[:-1]), words[-1])}


@PATHS
def test_commands_are_completed(path: tuple[str, ...]) -> None:
    assert ("plain", path[-1]) in completions(*path[:-1], path[-1][:2])


@EVERY_OPTION
def test_options_and_their_values_are_completed(
    path: tuple[str, ...], option: click.Option
) -> None:
    name = option.opts[-1]
    assert ("plain", name) in completions(*path, name[:3])
    match option.type:
        case RegistryChoice():
            names = option.type.names()
            assert completions(*path, name, "") == {("plain", value) for value in names}
        case click.Choice(choices=choices):
            assert completions(*path, name, "") == {("plain", value) for value in choices}
        case FileName():
            assert completions(*path, name, "bo") == {("file", "bo")}
    takes_a_file = option.metavar in ("FILE", "MODEL", "OUT")
    assert takes_a_file == isinstance(option.type, FileName)


@LEAF_PATHS
def test_files_are_completed(path: tuple[str, ...]) -> None:
    arguments = [p for p in LEAVES[path].params if isinstance(p, click.Argument)]
    assert all(isinstance(argument.type, FileName) for argument in arguments)
    if arguments:
        assert completions(*path, "bo") == {("file", "bo")}


def test_the_default_family_is_completed() -> None:
    assert completions("train", "bo") == {("file", "bo")}
    assert ("plain", "--order") in completions("train", "--or")
    assert ("plain", "--order") in completions("train", "book.txt", "--or")
    assert completions("train", "") == {("plain", "ngram"), ("plain", "rnn")}


def test_completion_imports_nothing_heavy() -> None:
    code = (
        "import sys; from charlm.cli.main import cli\n"
        "from click.shell_completion import BashComplete\n"
        "complete = BashComplete(cli, {}, 'charlm', '_CHARLM_COMPLETE')\n"
        "assert complete.get_completions(['train', 'rnn', '--cell'], '')\n"
        f"print(sorted({HEAVY} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"


def test_bash_asks_and_is_answered(tmp_path: Path) -> None:
    (tmp_path / "charlm").write_text(f'#!/bin/sh\nexec {sys.executable} -m charlm "$@"\n')
    (tmp_path / "charlm").chmod(0o755)
    script = (
        'eval "$(_CHARLM_COMPLETE=bash_source charlm)"; COMP_WORDS=(charlm train rnn --pat); '
        "COMP_CWORD=3; _charlm_completion charlm; echo ${COMPREPLY[@]}"
    )
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "--pattern --patience\n"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_their_script(shell: str) -> None:
    assert "_CHARLM_COMPLETE" in process(_CHARLM_COMPLETE=f"{shell}_source").stdout


def test_the_walk_finds_all_commands() -> None:
    assert {("train", "rnn"), ("gradients", "flow"), ("import",)} <= dict(commands()).keys()
