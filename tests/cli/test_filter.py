"""`charlm filter`, held against `charlm perplexity` of each document and against pandas."""

import bz2
import gzip
import json
import lzma
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas
import pytest

import charlm as library
from charlm.evaluation import many
from charlm.text import batches
from tests.cli.conftest import SMALL_RNN, Charlm, Maker
from tests.support.models import TEXT

ENGLISH = [TEXT[low : low + 150] for low in range(1000, 4000, 150)]
DOCUMENTS = [
    *ENGLISH, "", "zzqx 0101 ##", "中文 é", *ENGLISH[3:5], TEXT[:20_000], "x", None, "To be\r\nor",
]  # fmt: skip
ROWS = [
    json.dumps({"id": i, "text": text}, ensure_ascii=i % 2 == 0) + ("\r\n" if i % 3 else "\n")
    for i, text in enumerate(DOCUMENTS)
]


@pytest.fixture
def docs(charlm: Charlm, made: Maker) -> Charlm:
    """JSON lines as they come, the last without its end, and a model for them."""
    Path("docs.jsonl").write_bytes("".join(ROWS).encode().removesuffix(b"\n"))
    made(("train", "book.txt", "--order", "3", "-o", "m", "-q"))
    return charlm


def oracle(model: str = "m") -> list[float | None]:
    """Bits per character of each document by itself."""
    loaded = library.load(model)
    return [loaded.evaluate(text).bits_per_char if text else None for text in DOCUMENTS]


def rows(wanted: Callable[[float], bool], model: str = "m") -> str:
    """The rows that are to be kept."""
    scores = zip(ROWS, oracle(model), strict=True)
    return "".join(row for row, score in scores if score is not None and wanted(score))


def families(charlm: Charlm) -> list[str]:
    charlm("train", "rnn", "book.txt", "-o", "network", *SMALL_RNN)
    charlm("mix", "m", "network", "--tune", "other.txt", "-o", "mixture")
    charlm("mix", "m", "network", "--tune", "other.txt", "--gate", "-o", "gated")
    charlm("train", "book.txt", "--unit", "byte", "-o", "bytes")
    charlm("train", "book.txt", "--unit", "word", "--sequence", "line", "-o", "words")
    charlm("train", "book.txt", "--lowercase", "--newlines", "lf", "-o", "lower")
    return ["m", "network", "mixture", "gated", "bytes", "words", "lower"]


def test_scores_are_those_of_each_document_alone(docs: Charlm) -> None:
    for model in families(docs):
        result = docs("filter", model, "docs.jsonl", "--scores", "scores.tsv", "--force")
        assert (result.code, result.out) == (0, "")
        table = pandas.read_csv("scores.tsv", sep="\t")
        assert table["row"].tolist() == list(range(1, len(DOCUMENTS) + 1))
        assert docs("filter", model, "docs.jsonl", "--scores", "scores.csv", "--force").code == 0
        pandas.testing.assert_frame_equal(pandas.read_csv("scores.csv"), table)
        for found, wanted in zip(table["bits_per_char"], oracle(model), strict=True):
            assert (
                pandas.isna(found) if wanted is None else found == pytest.approx(wanted, abs=2e-6)
            )


def test_what_lies_between_bounds_is_kept_to_the_byte(docs: Charlm) -> None:
    low, middle, high = sorted(filter(None, oracle()))[4:19:6]
    for words, wanted in {
        ("--below", str(middle)): lambda score: score < middle,
        ("--above", str(low)): lambda score: score > low,
        ("--above", str(low), "--below", str(high)): lambda score: low < score < high,
    }.items():
        result = docs("filter", "m", "docs.jsonl", *words, "-o", "kept.jsonl", "--force")
        kept = rows(wanted)
        assert Path("kept.jsonl").read_bytes().decode() == kept
        assert f"Kept {kept.count(chr(10))} of {len(DOCUMENTS)} documents (" in result.err
        table = pandas.read_json("kept.jsonl", lines=True)
        assert table["text"].tolist() == [json.loads(row)["text"] for row in kept.splitlines()]


@pytest.mark.parametrize("best", ["30%", "5", "100%", "12.5 %", "1", "9999"])
def test_the_best_are_exactly_as_many(best: str, docs: Charlm) -> None:
    docs("filter", "m", "docs.jsonl", "--best", best, "-o", "kept.jsonl")
    scores = [(score, i) for i, score in enumerate(oracle()) if score is not None]
    share = float(best.rstrip("% ")) / 100 * len(scores) if "%" in best else int(best)
    chosen = sorted(i for _, i in sorted(scores)[: round(share)])  # equal ones by appearance
    assert Path("kept.jsonl").read_bytes().decode() == "".join(ROWS[i] for i in chosen)


def test_many_small_batches_keep_the_same(docs: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = docs("filter", "m", "docs.jsonl", "--best", "40%", "--scores", "a.tsv")
    monkeypatch.setattr(batches, "BYTES", 100)
    monkeypatch.setattr(many, "CHARS_PER_PIECE", 10)
    again = docs("filter", "m", "docs.jsonl", "--best", "40%", "--scores", "b.tsv")
    assert whole.out == again.out != ""
    assert Path("a.tsv").read_bytes() == Path("b.tsv").read_bytes()


def test_a_score_is_added_to_what_is_kept(docs: Charlm) -> None:
    result = docs("filter", "m", "docs.jsonl", "--below", "99", "--add-score", "bits")
    kept = [json.loads(line) for line in result.out.splitlines() if line]
    for row in kept:
        assert row["text"] == DOCUMENTS[row["id"]]
        assert row["bits"] == pytest.approx(oracle()[row["id"]], abs=1e-6)
    assert len(kept) == sum(map(bool, DOCUMENTS))
    result = docs("filter", "m", "docs.jsonl", "--add-score", "id", "--below", "1")
    assert "docs.jsonl:1: has a field 'id' already; choose another name" in result.err


def test_scores_can_be_json(docs: Charlm) -> None:
    docs("filter", "m", "docs.jsonl", "--below", "4", "-o", "k", "--scores", "scores.jsonl.gz")
    with gzip.open("scores.jsonl.gz", "rt") as file:
        found = [json.loads(line) for line in file]
    kept = [json.loads(line)["id"] + 1 for line in Path("k").read_text().splitlines() if line]
    assert [row["row"] for row in found if row["kept"]] == kept
    assert found[20]["bits_per_char"] is None
    assert found[0]["chars"] == 150


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst"])
def test_what_is_written_is_compressed_by_its_name(ending: str, docs: Charlm) -> None:
    plain = docs("filter", "m", "docs.jsonl", "--below", "4").out
    kept = f"kept.jsonl.{ending}"
    docs("filter", "m", "docs.jsonl", "--below", "4", "-o", kept)
    first = Path(kept).read_bytes()
    unpack = {"gz": gzip.decompress, "bz2": bz2.decompress, "xz": lzma.decompress}.get(ending)
    if unpack is not None:
        assert unpack(first).decode() == plain
    docs("filter", "m", "docs.jsonl", "--below", "4", "-o", kept, "--force")
    assert Path(kept).read_bytes() == first
    assert docs("filter", "m", kept, "--below", "99").out == plain


def test_lines_files_and_parquet_are_filtered_too(docs: Charlm) -> None:
    texts = [*(text.replace("\n", " ") for text in ENGLISH), "zzqx 0101 ##", "Good sir"]
    Path("lines.txt").write_text("\n\n".join(texts) + "\n")
    model = library.load("m")
    wanted = [text for text in texts if (model.evaluate(text).bits_per_char or 9) < 4]
    assert docs("filter", "m", "lines.txt", "--below", "4").out.splitlines() == wanted
    Path("folder").mkdir()
    for i, text in enumerate(ENGLISH):
        Path(f"folder/{i:02}.txt").write_text(text)
    out = docs("filter", "m", "folder", "--whole", "--best", "5").out
    kept = [json.loads(line) for line in out.splitlines()]
    best = sorted(range(len(ENGLISH)), key=lambda i: model.evaluate(ENGLISH[i]).bits_per_char or 0)
    assert [row["file"] for row in kept] == [f"folder/{i:02}.txt" for i in sorted(best[:5])]
    pandas.DataFrame({"id": range(len(DOCUMENTS)), "body": DOCUMENTS}).to_parquet("docs.parquet")
    out = docs("filter", "m", "docs.parquet", "--column", "body", "--below", "4").out
    assert [json.loads(line)["id"] for line in out.splitlines()] == [
        i for i, score in enumerate(oracle()) if score is not None and score < 4
    ]


def test_standard_input_is_read_twice_if_need_be(docs: Charlm) -> None:
    stdin = gzip.compress(Path("docs.jsonl").read_bytes())
    for words in (("--below", "4"), ("--best", "9")):
        piped = docs("filter", "m", "-", "--column", "text", *words, stdin=stdin).out
        assert piped == docs("filter", "m", "docs.jsonl", *words).out != ""


def test_bad_rows_stop_it_or_are_counted(docs: Charlm) -> None:
    Path("bad.jsonl").write_text('{"text": "To be"}\nnothing\n{"text": "or not"}\n{"body": ""}')
    result = docs("filter", "m", "bad.jsonl", "--below", "99", "-o", "kept.jsonl")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "bad.jsonl:2: is not JSON" in result.err
    assert result.err.endswith("; --skip-bad passes over such rows\n")
    assert not Path("kept.jsonl").exists()
    result = docs("filter", "m", "bad.jsonl", "--below", "99", "--skip-bad")
    assert result.out == '{"text": "To be"}\n{"text": "or not"}\n'
    assert "Passed over: 2 bad rows." in result.err


def test_what_cannot_be_is_one_line(docs: Charlm) -> None:
    Path("there.jsonl").write_text("mine")
    for words, code, message in (
        (("docs.jsonl",), 2, "Say what to keep"),
        (("docs.jsonl", "--best", "3", "--below", "4"), 2, "leave out --below and --above"),
        (("docs.jsonl", "--best", "some"), 2, "is no share, as 30%"),
        (("docs.jsonl", "--best", "0%"), 2, "a share above 0 and up to 100 %"),
        (("docs.jsonl", "--best", "130%"), 2, "a share above 0 and up to 100 %"),
        (("docs.jsonl", "--below", "2", "--above", "3"), 2, "nothing is above 3 and below 2"),
        (("docs.jsonl", "--below", "nan"), 2, "nothing is above -inf and below nan"),
        (("docs.jsonl", "--below", "2", "-o", "there.jsonl"), 1, "is there already"),
        (("docs.jsonl", "--below", "2", "-o", "docs.jsonl", "--force"), 2, "would be replaced"),
        (("docs.jsonl", "--below", "2", "-o", "kept.csv"), 2, "no .csv file; name it kept.jsonl"),
        (("docs.jsonl", "--below", "2", "--scores", "s.parquet"), 2, "name it s.tsv"),
        (("docs.jsonl", "--below", "2", "-o", "a", "--scores", "a"), 2, "need a file each"),
        (("docs.jsonl", "book.txt", "--below", "2"), 2, "filter one kind at a time"),
        (("book.txt", "--below", "2", "--add-score", "x"), 2, "lines have no fields"),
        (("docs.jsonl", "--below", "2", "--column", "body"), 1, "there are id, text"),
        (("m", "--below", "2"), 2, "m: is a charlm model, not a text"),
    ):
        result = docs("filter", "m", *words)
        assert (result.code, result.err.count("\n")) == (code, 1), (words, result.err)
        assert message in result.err, result.err
    assert Path("there.jsonl").read_text() == "mine"


def test_nothing_to_keep_is_an_empty_file(docs: Charlm) -> None:
    Path("empty.jsonl").write_text("")
    for words in (("--below", "0.001"), ("--best", "50%")):
        result = docs("filter", "m", "empty.jsonl", *words, "-o", "kept.jsonl", "--force")
        assert result.err == "Kept 0 of 0 documents (none), 0 of 0 characters.\n"
        assert Path("kept.jsonl").read_bytes() == b""


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "charlm", "filter", "m", *words]


def big(charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "3", "-o", "m", "-q")
    Path("big.jsonl").write_text("".join(ROWS) * 300)


def test_a_reader_that_goes_away_ends_it(charlm: Charlm) -> None:
    big(charlm)
    words = command("big.jsonl", "--below", "99", "-q")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1000)
        process.stdout.close()
        assert process.wait(300) == -signal.SIGPIPE
        assert process.stderr.read() == b""


# A filter that keeps what it keeps, and waits in the middle of its output.
WAITING = """
import time
from charlm.cli.main import run
from charlm.evaluation.filtering import Filtering
kept = Filtering.kept
def waiting(*arguments):
    yield from kept(*arguments)
    time.sleep(10_000)
Filtering.kept = waiting
run()
"""


def test_a_kill_leaves_no_half_file(charlm: Charlm) -> None:
    big(charlm)
    Path("kept.jsonl").write_text("mine")
    words = ("filter", "m", "big.jsonl", "--below", "99", "-q", "-o", "kept.jsonl", "--force")
    with subprocess.Popen([sys.executable, "-c", WAITING, *words]) as process:
        while not list(Path().glob(".*.part")):
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert Path("kept.jsonl").read_text() == "mine"
    assert charlm(*words).code == 0
    assert Path("kept.jsonl").read_bytes() == kept_of_big()
    assert not list(Path().glob(".*.part"))


def kept_of_big() -> bytes:
    kept = [row for row, text in zip(ROWS, DOCUMENTS, strict=True) if text]
    return ("".join(kept) * 300).encode()


def test_python_keeps_the_same(docs: Charlm) -> None:
    model, texts = library.load("m"), [text or "" for text in DOCUMENTS]

    def typed(*words: str) -> list[str]:
        out = docs("filter", "m", "docs.jsonl", *words).out
        return [json.loads(line)["text"] for line in out.splitlines() if line]

    for found, words in (
        (library.filter_documents(model, iter(texts), below=4), ("--below", "4")),
        (library.filter_documents(model, iter(texts), above=4), ("--above", "4")),
        (library.filter_documents(model, iter(texts), best=0.3), ("--best", "30%")),
        (library.filter_documents(model, iter(texts), best=7), ("--best", "7")),
    ):
        assert list(found) == typed(*words) != []
    with pytest.raises(library.UsageError, match="say which texts to keep"):
        library.filter_documents(model, texts)
    with pytest.raises(library.UsageError, match=r"model is a charlm\.Model"):
        library.filter_documents(3, texts, below=1)  # type: ignore[arg-type]
