"""What shells are told: commands, options, their values, and where a file is wanted."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete

from charlm.cli.main import cli
from charlm.cli.options import PathName, RegistryChoice
from tests.cli.walk import COMMANDS, LEAVES, OPTIONS


def completions(*words: str) -> set[tuple[str, str]]:
    complete = BashComplete(cli, {}, "charlm", "_CHARLM_COMPLETE")
    return {(c.type, c.value) for c in complete.get_completions(list(words[:-1]), words[-1])}


def test_commands_are_completed() -> None:
    assert not [p for p in COMMANDS if ("plain", p[-1]) not in completions(*p[:-1], p[-1][:2])]


def test_options_and_their_values_are_completed() -> None:
    for path, option in OPTIONS:
        name = option.opts[-1]
        typed = f"{' '.join(path)} {name}"
        assert ("plain", name) in completions(*path, name[:3]), typed
        match option.type:
            case RegistryChoice():
                expected = {("plain", value) for value in option.type.names()}
            case click.Choice(choices=choices):
                expected = {("plain", value) for value in choices}
            case PathName():
                expected = {("dir" if option.metavar == "FOLDER" else "file", "")}
            case _:
                assert option.metavar not in ("FILE", "MODEL", "OUT"), typed
                continue
        assert completions(*path, name, "") == expected, typed


def test_files_are_completed() -> None:
    for path, command in LEAVES.items():
        arguments = [p for p in command.params if isinstance(p, click.Argument)]
        assert all(isinstance(argument.type, PathName) for argument in arguments), path
        assert not arguments or completions(*path, "bo") == {("file", "bo")}, path


def test_the_default_family_is_completed() -> None:
    assert completions("train", "bo") == {("file", "bo")}
    assert ("plain", "--order") in completions("train", "--or")
    assert ("plain", "--order") in completions("train", "book.txt", "--or")
    assert completions("train", "") == {("plain", "ngram"), ("plain", "rnn")}


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


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_have_their_script(name: str) -> None:
    environment = {**os.environ, "_CHARLM_COMPLETE": f"{name}_source"}
    done = subprocess.run(
        [sys.executable, "-m", "charlm"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert "_CHARLM_COMPLETE" in done.stdout
