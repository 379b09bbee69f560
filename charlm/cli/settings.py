"""What every command can be told: how much to say, whether in colour, and to show tracebacks.

The options stand on `charlm` itself and on each command, so that they may be typed anywhere; what
they set is one object, which travels with click's context.
"""

from dataclasses import dataclass
from typing import Any

import click
from click.core import ParameterSource

COLORS = ("auto", "always", "never")


@dataclass
class Settings:
    """What was asked for."""

    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    debug: bool = False


def settings() -> Settings:
    """Return what was asked for, or the defaults where no command runs."""
    context = click.get_current_context(silent=True)
    found = context.find_object(Settings) if context is not None else None
    return found or Settings()


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Note what was given; a default does not undo what stands before the command."""
    assert parameter.name is not None
    if context.get_parameter_source(parameter.name) is not ParameterSource.DEFAULT:
        setattr(context.ensure_object(Settings), parameter.name, value)


def common_options() -> list[click.Option]:
    """Make the options that every command has; their variables are `CHARLM_QUIET` and so on."""

    def option(*names: str, **attributes: Any) -> click.Option:
        variable = f"CHARLM_{names[-1].removeprefix('--').upper()}"
        return click.Option(
            names, envvar=variable, expose_value=False, is_eager=True, callback=_keep, **attributes
        )

    return [
        option("-q", "--quiet", is_flag=True, help="Say nothing but warnings and errors."),
        option("-v", "--verbose", is_flag=True, help="Say what was done, also in a log."),
        option("--color", type=click.Choice(COLORS, case_sensitive=False), default="auto",
               show_default=True,
               help="Colours and bold; auto: on terminals, unless NO_COLOR is set."),
        option("--debug", is_flag=True, help="Show the traceback of an error."),
    ]  # fmt: skip
