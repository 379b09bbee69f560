"""What `charlm info` shows: what a file holds, or what a model thinks."""

from charlm.cli import counts
from charlm.cli.info.file import show_file
from charlm.cli.info.inside import show_inside
from charlm.errors import UsageError
from charlm.storage import holds_counts


def show(
    name: str, history: str | None, text: str | None, top: int, *, verify: bool, as_json: bool
) -> None:
    """Show what comes after a history, or what a text costs; or what a file holds, if neither.

    Raises:
        ModelFileError: the file cannot be read, or holds neither a model nor counts.
        UsageError: one wants to look inside of counts, which have no probabilities.
    """
    look = history is not None or text is not None
    if holds_counts(name):
        if look:
            raise UsageError(f"{name}: holds counts; train a model on them to look inside")
        counts.show(name, verify=verify, as_json=as_json)
    elif look:
        show_inside(name, history, text, top, verify=verify, as_json=as_json)
    else:
        show_file(name, verify=verify, as_json=as_json)
