"""What `charlm info` shows: what a file holds, or what a model thinks."""

from charlm.cli import counts
from charlm.cli.asked import Asked
from charlm.cli.info.file import show_file
from charlm.cli.info.inside import show_inside
from charlm.cli.tabular import Output
from charlm.errors import UsageError
from charlm.storage import holds_counts


def show(
    name: str, history: str | None, text: str | None, top: int, asked: Asked, *, verify: bool
) -> None:
    """Show what comes after a history, or what a text costs; or what a file holds, if neither.

    Raises:
        ModelFileError: the file cannot be read, or holds neither a model nor counts.
        UsageError: one wants to look inside of counts, which have no probabilities.
    """
    output = Output(asked)
    output.check(name)
    look = history is not None or text is not None
    if asked.is_table and not look:
        raise UsageError("what a file holds is no table; --json writes it, or ask for --text")
    if holds_counts(name):
        if look:
            raise UsageError(f"{name}: holds counts; train a model on them to look inside")
        counts.show(name, output, verify=verify)
    elif look:
        show_inside(name, history, text, top, output, verify=verify)
    else:
        show_file(name, output, verify=verify)
