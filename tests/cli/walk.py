"""All commands there are, so that a rule is a test over every one, now and later."""

from collections.abc import Iterator
from typing import Any

import click
import pytest

from charlm.cli.main import cli
from charlm.cli.options import RegistryChoice
from charlm.cli.sweep.command import Several

Path = tuple[str, ...]  # of a command, as it is typed


def commands(group: click.Group = cli, path: Path = ()) -> Iterator[tuple[Path, click.Command]]:
    """Return every command below a group."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands())
LEAVES = {p: command for p, command in COMMANDS.items() if not isinstance(command, click.Group)}
OPTIONS = [
    (path, parameter)
    for path, command in LEAVES.items()
    for parameter in command.params
    if isinstance(parameter, click.Option)
]
JSON = [path for path, option in OPTIONS if "--json" in option.opts]
SMALL = {  # seconds, not minutes
    "CHARLM_TRAIN_RNN_HIDDEN": "8",
    "CHARLM_TRAIN_RNN_STEPS": "3",
    "CHARLM_DEMO_STEPS": "3",
}

# What a command needs besides, though no single option of it is required.
NEEDED: dict[Path, tuple[str, ...]] = {
    ("mix",): ("--tune", "TEXT"),
    ("filter",): ("--below", "9"),
    ("export",): ("-o", "out"),
    ("sweep",): ("--order", "1"),
}

# Over what a test walks.
LEAF_PATHS = pytest.mark.parametrize("path", LEAVES, ids=" ".join)


def context(path: Path) -> click.Context:
    """Return the context in which a command of that path finds its variables."""
    outer = click.Context(cli, auto_envvar_prefix="CHARLM", show_default=True)
    for depth in range(1, len(path) + 1):
        command = COMMANDS[path[:depth]]
        outer = click.Context(command, parent=outer, info_name=path[depth - 1])
    return outer


def filled(path: Path, model: str, text: str) -> list[str]:
    """Type a command with a model for each model it wants and a text for every other file."""
    words = list(path)
    for parameter in LEAVES[path].params:
        value = model if str(parameter.name).startswith("model") else text
        if isinstance(parameter, click.Argument):
            words += [value] * (1 if parameter.nargs == 1 else 2)
        elif parameter.required:
            words += [parameter.opts[-1], "out"]
    return words + [text if word == "TEXT" else word for word in NEEDED.get(path, ())]


def example(option: click.Option) -> str:
    """Return a value that the option takes and that is not its default."""
    return _example(option.type, option.default, is_flag=option.is_flag)


def _example(kind: click.ParamType[Any], default: Any, *, is_flag: bool) -> str:
    match kind:
        case Several():
            return _example(kind.kind, default, is_flag=False)
        case click.Choice(choices=choices):
            return str(choices[-1])
        case RegistryChoice():
            return next(name for name in reversed(kind.names()) if name != default)
        case click.IntRange():
            return "3"
        case click.FloatRange():
            return "0.25"
    return {"counts": "0,1", "numbers": "0.5,2", "size": "2G", "time": "7s", "share": "30%"}.get(
        kind.name, "1" if is_flag else "name"
    )
