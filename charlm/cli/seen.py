"""A warning where a model is judged on what it was trained on."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from charlm.cli.console import say

if TYPE_CHECKING:
    from charlm.storage import ModelFile
    from charlm.text.corpus import Document


def warn_if_seen(name: str, contents: "ModelFile", documents: Iterable["Document"]) -> None:
    """Say which of the texts the model knows already, by their sha256."""
    seen = {text["sha256"] for text in contents.training.get("texts", [])}
    for document in documents:
        if document.sha256 in seen:
            say(f"Warning: {name} was trained on {document.name}; its figure there flatters.")
