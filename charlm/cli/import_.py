"""`charlm import`: a model from an ARPA file."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from charlm.cli.console import say, say_next, shown_symbol, warn
from charlm.cli.options import (
    FILE,
    GroupedCommand,
    RegistryChoice,
    decoding_options,
    grouped,
    output_options,
)

if TYPE_CHECKING:
    from charlm.ngram.arpa.reading import Imported
    from charlm.text.tokenizer import Tokenizer

SPACES = ("▁", "|", "<space>", "<sp>", "<SPACE>")  # what others call a space
UNITS = ("char", "grapheme", "word", "token")  # in the order in which they are tried


@click.command("import", cls=GroupedCommand)
@click.argument("file", type=FILE)
@grouped(
    "Text",
    "--unit",
    type=RegistryChoice("charlm.text.units:UNITS"),
    default="char",
    help="What one symbol of the file is: token for word models.",
)
@grouped(
    "Text",
    "--space",
    metavar="SYMBOL",
    help="The symbol that stands for a space in the file, as KenLM's users write it.",
)
@decoding_options()
@output_options()
def import_(
    file: str,
    unit: str,
    space: str | None,
    encoding: str,
    errors: str,
    output: str | None,
    force: bool,
) -> None:
    """Read an n-gram model from an ARPA file.

    The file may be compressed, and made by any tool. Lines become sequences.

    \b
    Examples:
      charlm import book.arpa -o book.charlm
      charlm import kenlm.arpa.gz --space ▁
      charlm import words.arpa --unit token
    """  # fmt: skip
    from charlm.cli.files import model_path
    from charlm.errors import UsageError
    from charlm.ngram.arpa.reading import read
    from charlm.storage import save
    from charlm.text import corpus, units
    from charlm.trained import Record, TrainedModel

    path = model_path(file, output, "ngram", force=force)
    (document,) = corpus.read([file], note=say)
    in_bytes = units.get(unit).encoding is not None
    lines = document.lines(units.get(unit), encoding, errors)
    imported = read(document.name, lines, space, in_bytes=in_bytes)
    if space is not None and " " not in imported.symbols:
        raise UsageError(f"{file}: has no symbol {space!r} to stand for a space")
    tokenizer = _tokenizer(imported, unit, file)
    _tell(imported, unit, file)
    excess = imported.excess
    record = Record(largest_sum=excess.total if excess else None)
    save(path, TrainedModel(imported.model, tokenizer, record))
    say(f"Read {sum(imported.model.ngrams):,} n-grams of order {imported.model.order}.")
    say(f"Wrote {path} ({path.stat().st_size / 1e6:z.1f} MB).")
    say_next("sample", path)


def _tokenizer(imported: "Imported", unit: str, file: str) -> "Tokenizer":
    """Return what cuts texts into the symbols of the file."""
    from charlm.errors import TextError, UsageError
    from charlm.text.tokenizer import TextPolicy, Tokenizer
    from charlm.text.vocabulary import Vocabulary

    sequence = "line" if imported.model.end is not None else "file"
    policy = TextPolicy(unit=unit, sequence=sequence)
    try:
        tokenizer = Tokenizer(policy, Vocabulary(imported.symbols))
        return Tokenizer.from_json(tokenizer.to_json())
    except UsageError as error:
        raise TextError(f"{file}: {error}", *_remedies(imported.symbols)) from None


def _remedies(symbols: Sequence[str]) -> list[str]:
    """Say which option would read such symbols."""
    from charlm.text import units

    spaces = [f"--space '{name}'" for name in SPACES[2:] if name in symbols]
    for name in UNITS:
        spaced = name != "word" or any(map(str.isspace, symbols))
        if spaced and all(map(units.get(name).has, symbols)):
            return [*spaces, f"--unit {name}"]
    return spaces


def _tell(imported: "Imported", unit: str, file: str) -> None:
    """Say what is to be known of the file."""
    symbols, excess = imported.symbols, imported.excess
    if imported.left_out:
        say(
            f"{file}: n-grams with <s> or </s> in their midst are left out, since nothing asks for "
            f"them; {imported.left_out:,} in all."
        )
    if imported.added:
        say(
            f"{file}: n-grams that others begin or end with were missing, {imported.added:,} in "
            "all; they have the values that shorter ones give them."
        )
    if not imported.model.tables.probability[0][0]:
        say(f"{file}: has no <unk>, so what it does not know has probability 0.")
    if not any(map(str.isspace, symbols)):
        _tell_of_spaces(symbols, unit, file)
    if excess is not None:
        end = () if imported.model.end is None else ("</s>",)
        names = ("<unk>", *symbols, *end, "<s>")
        history = " ".join(shown_symbol(names[i]) for i in excess.history) or "nothing"
        warn(
            f"{file}: after {history} probabilities add up to {excess.total:.3g}. "
            "That is no distribution, and its bits are not comparable with others."
        )


def _tell_of_spaces(symbols: Sequence[str], unit: str, file: str) -> None:
    spaces = [name for name in SPACES if name in symbols]
    if spaces:
        say(f"{file}: if {spaces[0]!r} stands for a space there, add --space '{spaces[0]}'.")
    elif unit == "word":
        warn(
            f"{file}: no symbol stands for a space; words between spaces are read by --unit token."
        )
