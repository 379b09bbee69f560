"""Texts that models read: decoded as each wants it, known to it perhaps, and never replaced."""

from collections.abc import Iterable
from os.path import realpath  # which stands links that lead to themselves
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


def refuse_input_as_output(output: str, *inputs: str) -> None:
    """Keep a slip of the keyboard from replacing what is read."""
    from charlm.errors import UsageError

    for name in inputs:
        if "-" not in (output, name) and realpath(output) == realpath(name):
            raise UsageError(f"{output}: would be replaced, and it is read; name another output")
