"""ARPA files: a model written as one, and a model made of one, with what is said of both."""

from collections.abc import Sequence

from charlm import storage
from charlm.api.arpa import SPACES, imported, of_order, packed
from charlm.cli.console import say, say_next, shown_symbol, text_writer, warn
from charlm.cli.files import STANDARD_OUTPUT, check_output, model_path
from charlm.files.locking import alone
from charlm.files.writing import write_atomically
from charlm.ngram.arpa.names import Names
from charlm.ngram.arpa.reading import Imported
from charlm.ngram.arpa.writing import ARPA, write
from charlm.ngram.model import NgramModel
from charlm.text import corpus
from charlm.text.decoding import Decoding
from charlm.trained import TrainedModel

KENLM_READS = 6  # symbols of an n-gram, as KenLM is compiled by default, and for Python
ONE_LETTER_SPACES = ("▁", "|")  # what others call a space


def export_arpa(name: str, output: str, *, order: int | None, names: Names, force: bool) -> None:
    """Write an n-gram model as an ARPA file.

    Raises:
        UsageError: the model is of another kind, or its symbols cannot be called so.
        OutputError: a file of another kind stands there.
    """
    check_output(output, ARPA, name, force=force)
    trained = storage.load(name)
    whole, written = (of_order(name, trained, one) for one in (None, order))
    symbols = trained.tokenizer.vocabulary.symbols
    lines = write(written, symbols, names)
    _tell_of_export(whole, written, names.space is not None and " " not in symbols)
    if output == STANDARD_OUTPUT:
        write_text = text_writer(None)
        for line in lines:
            write_text(line)
        return
    data = packed(lines, output)
    write_atomically(output, [data])
    say(f"Wrote {output} ({len(data) / 1e6:z.1f} MB).")


def _tell_of_export(whole: NgramModel, written: NgramModel, spaceless: bool) -> None:
    """Say what a reader of the file will meet."""
    if spaceless:
        say("The model has no space among its symbols, so none has another name.")
    if written.order < whole.order and "kneser-ney" in whole.config.smoothing:
        say(
            f"Orders 0 to {written.order} of {whole.order}: what longer contexts back off to. "
            f"By itself a model trained with --order {written.order} does better."
        )
    if written.order + 1 > KENLM_READS:
        warn(
            f"KenLM reads n-grams of up to {KENLM_READS} symbols unless it was compiled for more, "
            f"and these have {written.order + 1}; --order {KENLM_READS - 1} writes what it reads."
        )


def import_model(
    file: str,
    output: str | None,
    *,
    unit: str,
    space: str | None,
    encoding: str,
    errors: str,
    force: bool,
) -> None:
    """Make a model file of an ARPA file.

    Raises:
        TextError: the file cannot be read, or its symbols are none of the unit.
        UsageError: no symbol is called as the space is said to be.
        OutputError: the model would replace a file of another kind.
    """
    path = model_path(file, output, "ngram", force=force)
    with alone(path):
        trained = _read(file, unit, space, encoding, errors)
        storage.save(path, trained)
    model = trained.model
    assert isinstance(model, NgramModel)
    say(f"Read {sum(model.ngrams):,} n-grams of order {model.order}.")
    say(f"Wrote {path} ({path.stat().st_size / 1e6:z.1f} MB).")
    say_next("sample", path)


def _read(file: str, unit: str, space: str | None, encoding: str, errors: str) -> TrainedModel:
    """Return the model of a file, and say what is to be known of it."""
    document = corpus.read_file(file, say)
    trained, found = imported(document, unit, space, Decoding(encoding, errors))
    _tell_of_import(found, unit, file)
    return trained


def _tell_of_import(imported: Imported, unit: str, file: str) -> None:
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
    spaces = [name for name in (*ONE_LETTER_SPACES, *SPACES) if name in symbols]
    if spaces:
        say(f"{file}: if {spaces[0]!r} stands for a space there, add --space '{spaces[0]}'.")
    elif unit == "word":
        warn(
            f"{file}: no symbol stands for a space; words between spaces are read by --unit token."
        )
