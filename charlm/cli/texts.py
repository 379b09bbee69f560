"""Texts that models are judged by: decoded as each model wants it, and whether it knows them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from charlm.cli.console import warn

if TYPE_CHECKING:
    from charlm.storage import ModelFile
    from charlm.text.corpus import Document


def decode(document: "Document", contents: "ModelFile", encoding: str, errors: str) -> str:
    """Decode a text as the model's unit wants it."""
    return document.text(contents.tokenizer.unit, encoding, errors)


def warn_if_seen(name: str, contents: "ModelFile", documents: Iterable["Document"]) -> None:
    """Say so where a model was trained on a text that it is to be judged by."""
    seen = {text["sha256"] for text in contents.training.get("texts", [])}
    for document in documents:
        if document.sha256 in seen:
            warn(f"{name} was trained on {document.name}; its figure there flatters.")
