"""How errors of the library tell what to do, in the words of the command line."""

from charlm.api.wording import Wording

OPTIONS = {"max_seconds": "--max-time", "work": "--preset"}  # others are called as their field


def option(name: str) -> str:
    """Return an option as it is typed."""
    return OPTIONS.get(name, f"--{name.replace('_', '-')}")


COMMAND_LINE = Wording(
    option=option,
    another_file="give -o another name",
    unfinished="--resume goes on with it, --force begins anew",
    as_before="type the command as it was, or begin anew with --force in place of --resume",
)
