"""`charlm import`: a model from an ARPA file."""

import click

from charlm.cli.console import say, say_next
from charlm.cli.options import FILE, GroupedCommand, RegistryChoice, grouped, output_options


@click.command("import", cls=GroupedCommand)
@click.argument("file", type=FILE)
@grouped(
    "Text",
    "--unit",
    type=RegistryChoice("charlm.text.units:UNITS"),
    default="char",
    help="What one symbol of the file is.",
)
@grouped(
    "Text",
    "--space",
    metavar="SYMBOL",
    help="The symbol that stands for a space in the file, as KenLM's users write it.",
)
@output_options()
def import_(file: str, unit: str, space: str | None, output: str | None, force: bool) -> None:
    """Read an n-gram model from an ARPA file.

    The file may be compressed. Lines become sequences.

    \b
    Examples:
      charlm import book.arpa -o book.charlm
      charlm import kenlm.arpa.gz --space ▁
    """  # fmt: skip
    from charlm.cli.training import model_path
    from charlm.errors import TextError, UsageError
    from charlm.ngram import arpa
    from charlm.storage import ModelFile, save
    from charlm.text import corpus, units
    from charlm.text.tokenizer import TextPolicy, Tokenizer
    from charlm.text.vocabulary import Vocabulary

    path = model_path(file, output, "ngram", force=force)
    (document,) = corpus.read([file], note=say)
    text = document.text(units.get("char"))
    model, symbols = arpa.read(document.name, text.split("\n"), space)
    if space is not None and " " not in symbols:
        raise UsageError(f"{file}: has no symbol {space!r} to stand for a space")
    model.check()
    sequence = "line" if model.end is not None else "file"
    try:
        policy = TextPolicy(unit=unit, sequence=sequence)
        tokenizer = Tokenizer(policy, Vocabulary(tuple(symbols)))
        tokenizer = Tokenizer.from_json(tokenizer.to_json())
    except UsageError as error:
        raise TextError(f"{file}: {error}; try --unit word") from None
    save(path, ModelFile(model, tokenizer))
    say(f"Read {sum(model.ngrams):,} n-grams of order {model.order}.")
    say(f"Wrote {path} ({path.stat().st_size / 1e6:.1f} MB).")
    say_next("sample", path)
