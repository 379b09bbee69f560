"""Texts that models are judged by: decoded as each model wants it, and whether it knows them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from charlm.cli.console import say, warn

if TYPE_CHECKING:
    from charlm.storage import ModelFile
    from charlm.text.corpus import Document
    from charlm.text.units import Unit


def read(names: Sequence[str], models: Sequence[str], remedy: str = "") -> "list[Document]":
    """Find texts for models to judge, none of which is a model itself.

    What is a model is one to compare with, `remedy` says how; or it stands in the wrong place.

    Raises:
        TextError: a text cannot be found.
        UsageError: a model is among them.
    """
    from charlm.errors import UsageError
    from charlm.text import corpus

    documents = corpus.read(names, note=say)
    for name in filter(_is_model, names):
        if not any(map(_is_model, models)):
            raise UsageError(f"{name}: is a model, and {models[0]} is none; name the model first")
        remedies = [f"{remedy} {name}"] if remedy else []
        raise UsageError(f"{name}: is a charlm model, not a text", *remedies)
    return documents


def _is_model(name: str) -> bool:
    from charlm import foreign
    from charlm.text import sources

    return foreign.is_charlm(sources.beginning(name, foreign.BEGINNING))


def decode(
    document: "Document", name: str, contents: "ModelFile", encoding: str, errors: str
) -> str:
    """Decode a text as the model of that name wants it.

    Where it was said how, a model of bytes reads the text in UTF-8, as other models do.
    """
    from charlm.text.training_set import Decoding

    unit = contents.tokenizer.unit
    if unit.encoding is None or Decoding(encoding, errors) == Decoding():
        text = document.text(unit, encoding, errors)
    else:
        (text,) = decode_alike(document, [unit], encoding, errors)
    _tell_of_line_ends(document, name, contents)
    return text


def decode_alike(
    document: "Document", units: Iterable["Unit"], encoding: str, errors: str
) -> list[str]:
    """Decode a text once, and give it to each unit; those that read bytes have it in UTF-8."""
    from charlm.text.units import UNITS

    text = document.text(UNITS["char"], encoding, errors)
    return [unit.from_typed(text) for unit in units]


def _tell_of_line_ends(document: "Document", name: str, contents: "ModelFile") -> None:
    """Say so where lines end in CR LF, and the model has never seen a CR."""
    policy, symbols = contents.tokenizer.policy, contents.tokenizer.vocabulary.symbols
    if document.ends_lines_in_crlf and not policy.drops_cr and "\r" not in symbols:
        say(f"{document.name}: lines end in CR LF, and {name} has never seen a CR.")


def warn_if_seen(name: str, contents: "ModelFile", documents: Iterable["Document"]) -> None:
    """Say so where a model was trained on a text that it is to be judged by."""
    seen = {text["sha256"] for text in contents.training.get("texts", [])}
    for document in documents:
        if document.sha256 in seen:
            warn(f"{name} was trained on {document.name}; its figure there flatters.")
