"""Corpora as they are, given to commands with no other option."""

import json
import subprocess
import sys
from pathlib import Path

import pandas
import pytest
from safetensors.numpy import load_file

import charlm as library
from tests.cli.conftest import SMALL_RNN, Charlm
from tests.cli.train.test_memory import tight
from tests.support.models import TEXT

DOCUMENTS = [TEXT[low : low + 300] for low in range(0, 3000, 300)]


@pytest.fixture
def corpus(charlm: Charlm) -> Charlm:
    """The same documents as a folder, JSON lines and Parquet."""
    Path("docs").mkdir()
    for i, text in enumerate(DOCUMENTS):
        Path(f"docs/{i}.txt").write_text(text)
    rows = pandas.DataFrame({"id": range(len(DOCUMENTS)), "text": DOCUMENTS})
    rows.to_json("docs.jsonl", orient="records", lines=True)
    rows.to_json("docs.jsonl.gz", orient="records", lines=True)
    rows.to_parquet("docs.parquet")
    rows.rename(columns={"text": "body"}).to_json("body.json", orient="records", lines=True)
    return charlm


FILES = [f"docs/{i}.txt" for i in range(len(DOCUMENTS))]


def same(*names: str) -> bool:
    return len({Path(name).read_bytes() for name in names}) == 1


@pytest.mark.parametrize("family", [("ngram",), ("rnn", *SMALL_RNN)])
def test_a_folder_a_pattern_and_a_list_are_their_files(
    family: tuple[str, ...], corpus: Charlm
) -> None:
    Path("list.txt").write_text("\n".join(FILES))
    corpus("train", *family, *FILES, "-o", "files")
    for name, words in {"folder": "docs/", "pattern": "docs/*.txt", "list": "@list.txt"}.items():
        assert corpus("train", *family, words, "-o", name).code == 0
    assert same("files", "folder", "pattern", "list")


@pytest.mark.parametrize("family", [("ngram",), ("rnn", *SMALL_RNN)])
def test_rows_are_texts_of_their_own(family: tuple[str, ...], corpus: Charlm) -> None:
    """The model is that of the files, but for its record, which has an entry a file."""
    corpus("train", *family, "docs", "-o", "files")
    named = ("body.json", "--column", "body")
    for words in (("docs.jsonl",), ("docs.jsonl.gz",), ("docs.parquet",), named):
        assert corpus("train", *family, *words, "-o", "rows").code == 0
        trained = load_file("files"), load_file("rows")
        assert trained[0].keys() == trained[1].keys()
        assert all((array == trained[1][name]).all() for name, array in trained[0].items())
        assert len(library.load("rows").info["training"]["texts"]) == 1
    with Path("body.json").open("rb") as stdin:
        corpus("train", *family, "-", "--column", "body", "-o", "stdin", stdin=stdin.read())
    assert same("rows", "stdin")


def test_counts_of_rows_are_those_of_files(corpus: Charlm) -> None:
    corpus("count", "docs", "-o", "files")
    corpus("count", "docs.jsonl", "-o", "rows")
    assert (load_file("files")["counts"] == load_file("rows")["counts"]).all()
    corpus("train", "rows", "-o", "counted")
    corpus("train", "docs.jsonl", "-o", "trained")
    assert same("counted", "trained")


def test_python_reads_corpora_too(corpus: Charlm) -> None:
    for words, path in {"docs": "docs", "docs.parquet": "docs.parquet"}.items():
        corpus("train", words, "-o", "typed")
        library.train_ngram(Path(path)).save("called", force=True)
        assert same("typed", "called")
    model = library.train_ngram(Path("body.json"), column="body")
    assert model.info["training"]["symbols"] == len("".join(DOCUMENTS))
    assert library.count(Path("body.json"), column="body").symbols == len("".join(DOCUMENTS))
    assert library.train_ngram(Path("docs.jsonl"), as_text=True).info["training"]["symbols"] > (
        len("".join(DOCUMENTS))
    )


def test_rows_are_judged_one_by_one_and_summed_up(corpus: Charlm) -> None:
    corpus("train", "book.txt", "--order", "3", "-o", "m")
    model = library.load("m")
    alone = [model.evaluate(text) for text in DOCUMENTS]
    total = sum(one.total_bits for one in alone)
    for words in ((), ("--against", "m"), ("--adaptive",)):
        found = json.loads(corpus("perplexity", "m", "docs.jsonl", "--json", *words).out)
        assert found["totals"][0]["chars"] == sum(map(len, DOCUMENTS))
        if words != ("--adaptive",):
            assert found["totals"][0]["total_bits"] == pytest.approx(total, rel=1e-12)
    whole = model.evaluate(Path("docs.parquet"))
    assert whole.total_bits == pytest.approx(total, rel=1e-12)
    assert whole.symbols == sum(one.symbols for one in alone)
    assert model.score(Path("docs.jsonl")).bits.sum() == pytest.approx(total, rel=1e-12)
    table = corpus("score", "m", "docs.jsonl").out.splitlines()
    cells = [line.split("\t") for line in table]
    assert cells[0][0] == "text"
    assert {row[0] for row in cells[1:]} == {f"docs.jsonl:{i}" for i in range(1, 11)}
    assert sum(float(row[-1]) for row in cells[1:]) == pytest.approx(total, abs=0.01)


def test_other_commands_read_rows(corpus: Charlm) -> None:
    for family in (("ngram",), ("rnn", *SMALL_RNN)):
        corpus("train", *family, "docs.jsonl", "--valid-fraction", "0.1", "-o", family[0])
    result = corpus("mix", "ngram", "rnn", "--held-out", "docs.jsonl", "-o", "both")
    assert result.code == 0, result.err
    assert corpus("mix", "ngram", "rnn", "--tune", "docs.parquet", "-o", "both").code == 0
    lines = corpus("identify", "ngram", "rnn", "docs.jsonl", "--json").out.splitlines()
    assert len(lines) == sum(text.rstrip("\n").count("\n") + 1 for text in DOCUMENTS)
    words = ("--length", "99", "--seed", "1", "--novelty", "--json")
    found = [
        json.loads(corpus("sample", "ngram", *words, "--corpus", name).out)["novelty"]
        for name in ("docs.jsonl", "docs", "docs.parquet")
    ]
    assert len({(one["longest_copy"], *one["share_new"].values()) for one in found}) == 1
    assert corpus("gradients", "flow", "rnn", "docs.jsonl").code == 0


def test_held_out_rows_validate(corpus: Charlm) -> None:
    result = corpus("train", "book.txt", "--valid", "docs.jsonl", "-o", "m")
    characters = f"({sum(map(len, DOCUMENTS)):,} characters)"
    assert characters in result.err
    files = corpus("train", "book.txt", *(w for f in FILES for w in ("--valid", f)), "-o", "n")
    assert [*filter(lambda line: "Held-out" in line, files.err.splitlines())] == [
        line for line in result.err.splitlines() if "Held-out" in line
    ]
    assert corpus("train", "rnn", "book.txt", "--valid", "docs.parquet", *SMALL_RNN).code == 0


def test_a_model_is_called_after_its_corpus(corpus: Charlm) -> None:
    Path("list.txt").write_text("docs")
    Path("v1.2").mkdir()
    Path("v1.2/a.txt").write_text("abc")
    for words, name in {
        "docs/": "docs", "docs/*.txt": "docs", "@list.txt": "list", "docs.jsonl.gz": "docs",
        "v1.2": "v1.2", "*.jsonl": Path.cwd().name, "memory://a/none.jsonl.zst": "",
    }.items():  # fmt: skip
        result = corpus("train", words, "-q")
        assert result.code == (0 if name else 1), result.err
        if name:
            Path(f"{name}.ngram.charlm").unlink()


def test_what_cannot_be_is_one_line(corpus: Charlm) -> None:
    Path("empty").mkdir()
    Path("none.jsonl").write_text("\n")
    Path("bad.jsonl").write_text('{"text": "a"}\n{"text": \n')
    corpus("train", "docs", "-o", "m")
    for words, code, message in (
        (("train", "empty"), 1, "empty: holds no text file"),
        (("train", "none.jsonl"), 1, "none.jsonl: empty, there is nothing to learn"),
        (("train", "bad.jsonl"), 1, "bad.jsonl:2: is not JSON: Expecting value (character 10)"),
        (("train", "body.json", "docs.jsonl", "--column", "b"), 1, "there are id, body"),
        (("train", "docs.jsonl", "--column", "body"), 1, "there are id, text"),
        (("train", "docs.jsonl", "--column", "body", "--as-text"), 2, "ask for either"),
        (("score", "m", "docs.jsonl", "--html", "x.html"), 2, "shows one text"),
        (("score", "m", "docs", "--svg", "x.svg"), 2, "shows one text"),
        (("count", "docs", "-o", "docs/1.txt", "--force"), 2, "would be replaced, and it is read"),
        (("identify", "m", "m", "docs"), 2, "lines of one text are judged"),
        (("perplexity", "m", "m"), 2, "m: is a charlm model, not a text"),
    ):
        result = corpus(*words)
        assert (result.code, result.err.count("\n")) == (code, 1), result.err
        assert message in result.err
    result = corpus("train", "book.txt", "--column", "body")
    assert "No text here has rows, so column 'body' is not looked for." in result.err


def test_a_list_may_come_from_find(corpus: Charlm) -> None:
    corpus("train", "docs", "-o", "files")
    corpus("train", "@-", "-o", "listed", stdin="\n".join(FILES).encode())
    assert same("files", "listed")


def test_nothing_is_imported_that_a_text_does_not_need(corpus: Charlm) -> None:
    run = (
        "import sys; from charlm.cli.main import run\n"
        "try: run()\n"
        "except SystemExit: print({'pyarrow', 'fsspec'} & {*sys.modules})"
    )
    words = [sys.executable, "-c", run, "train", "docs.jsonl", "docs", "-q"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "set()\n"


def test_many_files_are_not_told_of_one_by_one(corpus: Charlm) -> None:
    Path("crlf").mkdir()
    for i in range(9):
        Path(f"crlf/{i}.txt").write_bytes(b"a\r\nb\r\n")
    told = corpus("train", "crlf", "-o", "m").err.splitlines()
    assert told[0] == "9 texts: lines end in CR LF; --newlines lf reads them as LF."
    told = corpus("perplexity", "m", "crlf").err.splitlines()
    assert "Warning: m was trained on 9 of the texts; its figure there flatters." in told


def test_help_says_what_a_text_may_be(charlm: Charlm) -> None:
    for words in (("train", "ngram"), ("train", "rnn"), ("count",), ("perplexity",), ("filter",)):
        shown = " ".join(charlm(*words, "--help").out.split())
        assert "a folder; files that match, as 'corpus/**/*.txt'; @list.txt" in shown
    assert "a folder" not in charlm("info", "--help").out


def test_many_texts_are_judged_together(corpus: Charlm) -> None:
    Path("many").mkdir()
    for i in range(21):
        Path(f"many/{i}.txt").write_text(TEXT[i * 100 : i * 100 + 100])
    corpus("train", "book.txt", "--order", "3", "-o", "m")
    shown = corpus("perplexity", "m", "many").out
    assert shown.startswith("21 texts: 2,100 characters, 2,100 bytes")
    found = json.loads(corpus("perplexity", "m", "many", "--json").out)
    assert len(found["results"]) == len(found["ladders"]) == 21
    assert f"{found['totals'][0]['bits_per_char']:.3f}" in shown
    assert corpus("perplexity", "m", *[f"many/{i}.txt" for i in range(3)]).out.count("uniform") == 3


def test_rows_that_memory_does_not_hold_give_the_same_model(
    corpus: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through ranges in files, too, each row is a sequence of its own."""
    corpus("train", "docs.jsonl", "-o", "whole")
    tight(monkeypatch)
    assert corpus("train", "docs.jsonl", "-o", "ranges").code == 0
    assert same("whole", "ranges")
