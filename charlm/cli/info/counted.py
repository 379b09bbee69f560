"""What a file of counts holds, where one is given in place of a model."""

from charlm.cli import counts
from charlm.errors import UsageError
from charlm.storage import holds_counts

__all__ = ["holds_counts", "show"]


def show(name: str, *, inside: bool, verify: bool, as_json: bool) -> None:
    """Show what was counted.

    Raises:
        UsageError: one wants to look `inside`, as into a model.
    """
    if inside:
        raise UsageError(f"{name}: holds counts; train a model on them to look inside")
    counts.show(name, verify=verify, as_json=as_json)
