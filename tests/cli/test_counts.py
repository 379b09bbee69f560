"""Counts as a user has them: counted, merged, taken away, shown, trained on."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import charlm as library
from tests.cli.conftest import Charlm, Maker


@pytest.fixture
def counted(charlm: Charlm, made: Maker) -> Charlm:
    """Counts of both texts, each and together."""
    made(("count", "book.txt"))
    made(("count", "other.txt"))
    made(("merge", "book.counts", "other.counts", "-o", "both.counts"))
    return charlm


def same(a: str, b: str) -> bool:
    return Path(a).read_bytes() == Path(b).read_bytes()


def test_a_model_of_merged_counts_is_the_model_of_the_texts(counted: Charlm) -> None:
    """With no option at all, in any order, and from several files at once."""
    counted("merge", "other.counts", "book.counts", "-o", "again.counts")
    assert same("both.counts", "again.counts")
    counted("train", "book.txt", "other.txt", "-o", "texts.charlm")
    counted("train", "other.txt", "book.txt", "-o", "turned.charlm")
    counted("train", "both.counts")
    counted("train", "ngram", "other.counts", "book.counts", "-o", "two.charlm")
    for name in ("turned.charlm", "both.ngram.charlm", "two.charlm"):
        assert same(name, "texts.charlm")


def test_options_of_the_model_are_given_when_it_is_trained(counted: Charlm) -> None:
    options = ("--order", "3", "--min-count", "4", "--prune", "0,0,1", "--smoothing", "katz")
    counted("train", "both.counts", *options, "-o", "counts.charlm")
    counted("train", "other.txt", "book.txt", *options, "-o", "texts.charlm")
    assert same("counts.charlm", "texts.charlm")


def test_what_is_taken_away_is_gone(counted: Charlm) -> None:
    assert counted("subtract", "both.counts", "other.counts", "-o", "left.counts").code == 0
    assert same("left.counts", "book.counts")
    result = counted("subtract", "book.counts", "other.counts", "-o", "none.counts")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert result.err.startswith("Error: book.counts: they are no part of it")
    assert not Path("none.counts").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("count", "book.txt", "other.txt"),
        ("train", "ngram", "other.txt", "book.txt", "--order", "0"),
        (
            "train",
            "ngram",
            "other.txt",
            "book.txt",
            "--sequence",
            "line",
            "--order",
            "3",
            "--prune",
            "0,0,1",
        ),
        ("train", "ngram", "book.txt", "--valid-fraction", "0.1", "--valid", "other.txt"),
        ("train", "ngram", "book.txt", "--valid-fraction", "0.1", "--unit", "word"),
    ],
    ids=" ".join,
)
def test_workers_who_read_the_texts_change_no_byte(
    command: tuple[str, ...], charlm: Charlm
) -> None:
    alone = charlm(*command, "-o", "alone")
    others = charlm(*command, "-o", "others", "--executor", "threads:2")
    assert (alone.code, others.code) == (0, 0), others.err
    assert same("alone", "others")


def test_counting_says_what_it_counted_and_what_comes_next(charlm: Charlm) -> None:
    lines = charlm("count", "other.txt", "--order", "2").err.splitlines()
    assert lines[0].startswith("Counted 3,000 characters in ")
    assert lines[1].endswith(" windows of 3 symbols, from 1 text.")
    assert lines[2].startswith("Wrote other.counts (")
    assert lines[3] == "Next: charlm train other.counts"


def test_cr_is_mentioned_where_it_is_counted(charlm: Charlm) -> None:
    Path("crlf.txt").write_bytes(b"a\r\nb\r\n")
    assert "crlf.txt: lines end in CR LF; --newlines lf" in charlm("count", "crlf.txt").err
    assert "CR LF" not in charlm("count", "crlf.txt", "--newlines", "lf").err


def test_counts_are_shown(counted: Charlm) -> None:
    shown = counted("info", "both.counts").out
    for part in ("order", "6: for models", "unit", "char", "counted", "vocabulary", "sha256"):
        assert part in shown
    assert "every array as written" in counted("info", "both.counts", "--verify").out
    facts = json.loads(counted("info", "both.counts", "--json").out)
    assert (facts["schema"], facts["kind"], facts["order"]) == (1, "counts", 6)
    assert facts["symbols"] == len(Path("book.txt").read_text() + Path("other.txt").read_text())
    assert len(facts["training"]["texts"]) == 2
    result = counted("info", "both.counts", "--history", "th")
    assert result.err == "Error: both.counts: holds counts; train a model on them to look inside\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "train both.counts --unit word",
            "how their texts were read; leave out --unit",
        ),
        ("train both.counts --valid other.txt", "leave out --valid"),
        ("train both.counts book.txt", "book.txt: holds no counts; `charlm count` makes them"),
        ("train both.counts --order 7", "n-grams were counted for orders up to 6, not 7"),
        ("train rnn both.counts", "both.counts: holds counts, not a text"),
        ("count both.counts -o x.counts", "both.counts: holds counts, not a text"),
        ("count missing.txt", "missing.txt: no such file"),
        ("count book.txt -o -", "counts are a file: give -o a name"),
        ("sample both.counts", "both.counts: holds counts, not a model; `charlm train ngram`"),
        ("merge both.counts book.txt -o x.counts", "book.txt: looks like a text; `charlm count`"),
        ("merge both.counts m.charlm -o x.counts", "m.charlm: holds no counts, but a model"),
        ("merge both.counts words.counts -o x.counts", "words.counts: they do not go together"),
        ("perplexity m.charlm both.counts", "both.counts: holds counts, not a text"),
    ],
)
def test_what_goes_wrong_is_one_line(words: str, message: str, counted: Charlm) -> None:
    counted("train", "book.txt", "--order", "1", "-o", "m.charlm")
    counted("count", "book.txt", "--unit", "word", "-o", "words.counts")
    result = counted(*words.split())
    assert result.code in (1, 2)
    assert result.err.count("\n") == 1
    assert message in result.err


def test_safetensors_reads_the_same_counts(counted: Charlm) -> None:
    theirs = load_file("both.counts")
    ours = library.load_counts("both.counts").tally.windows.arrays()
    assert theirs.keys() == ours.keys()
    for name, array in ours.items():
        np.testing.assert_array_equal(theirs[name], array)


@pytest.mark.parametrize("number", [1, 2, 5, 8])
def test_many_files_are_the_counts_of_all_texts(number: int, charlm: Charlm) -> None:
    names = [f"{i}.txt" for i in range(number)]
    for i, name in enumerate(names):
        Path(name).write_text(f"text {i}, " * (40 - 7 * i % 40))
        charlm("count", name)
    charlm("count", *names, "-o", "once.counts")
    charlm("merge", *[f"{i}.counts" for i in range(number)], "-o", "merged.counts")
    assert same("merged.counts", "once.counts")


def test_the_library_has_the_same_counts(counted: Charlm, tmp_path: Path) -> None:
    book, other = (library.count(Path(name)) for name in ("book.txt", "other.txt"))
    (other + book).save("library.counts")
    assert same("library.counts", "both.counts")
    (library.load_counts("both.counts") - book).save("library.counts")
    assert same("library.counts", "other.counts")
    library.train_ngram(library.load_counts("both.counts"), order=2).save("library.charlm")
    counted("train", "both.counts", "--order", "2", "-o", "command.charlm")
    assert same("library.charlm", "command.charlm")
    with pytest.raises(library.UsageError, match="leave out unit"):
        library.train_ngram(book, unit="byte")
    with pytest.raises(TypeError):
        book + 3  # type: ignore[operator]
