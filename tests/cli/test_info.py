"""`charlm info`: counts beside probabilities, and the bigram matrix."""

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Charlm

MAGIC = "abracadabra"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def magic(charlm: Charlm) -> Charlm:
    """A folder with the text, and its bigrams by maximum likelihood."""
    Path("magic.txt").write_text(MAGIC)
    charlm("train", "magic.txt", "--order", "1", "--smoothing", "mle", "-o", "magic.charlm")
    return charlm


def test_counts_stand_beside_probabilities(magic: Charlm) -> None:
    words = ("info", "magic.charlm", "--history", "a", "--corpus", "magic.txt")
    out = magic(*words).out
    assert re.search(r"^ +b +0\.5000 +1\.0000 +2 of 4 after a ", out, re.M)
    (b, *_) = json.loads(magic(*words, "--json").out)["next"]["symbols"]
    assert b["seen"] == {"count": 2, "total": 4, "context": ["a"]}
    table = list(csv.DictReader(magic(*words, "--csv").out.splitlines()))
    assert [(row["symbol"], row["count"], row["total"]) for row in table][:2] == [
        ("b", "2", "4"), ("c", "1", "4"),
    ]  # fmt: skip
    assert "of 4" not in magic("info", "magic.charlm", "--history", "a").out


def test_the_first_symbol_is_explained(magic: Charlm) -> None:
    """P(x_1) says how texts begin; the command that is named shows how often symbols occur."""
    out = magic("info", "magic.charlm", "--text", "ab", "--corpus", "magic.txt").out
    assert re.search(r"^ +a +1\.0000 +0\.0000 +1 of 1 after <s> ", out, re.M)
    assert "The first symbol comes after <s>" in out
    train = re.search(r"`charlm (train TEXT .*?)` makes", out)
    show = re.search(r"`charlm (info shares.charlm --history) \"\"`", out)
    assert train is not None
    assert show is not None
    assert magic(*train[1].replace("TEXT", "magic.txt").split()).code == 0
    out = magic(*show[1].split(), "", "--corpus", "magic.txt").out
    assert re.search(r"^ +a +0\.4545 +1\.1375 +5 of 11 after \(none\)", out, re.M)
    assert "The first symbol" not in out
    assert "The first symbol" not in magic("info", "magic.charlm", "--history", "a").out


def test_a_matrix_of_counts(magic: Charlm) -> None:
    out = magic("info", "magic.charlm", "--matrix", "--corpus", "magic.txt").out
    grid = [line.split() for line in out.splitlines()[2:]]
    assert grid == [
        ["a", "b", "c", "d", "r"], ["<s>", "1"], ["a", "2", "1", "1"], ["b", "2"], ["c", "1"],
        ["d", "1"], ["r", "2"],
    ]  # fmt: skip
    a = next(line for line in out.splitlines() if line.startswith("  a"))
    heads = out.splitlines()[2]
    assert [heads[m.start()] for m in re.finditer(r"\d", a)] == ["b", "c", "d"]
    found = json.loads(magic("info", "magic.charlm", "--matrix", "--json").out)["matrix"]
    assert found["probabilities"][1] == [0, 0.5, 0.25, 0.25, 0]
    assert "counts" not in found
    rows = csv.DictReader(
        magic("info", "magic.charlm", "--matrix", "--corpus", "magic.txt", "--csv").out.splitlines()
    )
    assert {"symbol": "b", "next": "r", "probability": "1.0", "count": "2", "total": "2"} in rows


def test_a_matrix_as_a_picture(magic: Charlm) -> None:
    """Each number stands in the row and the column of its symbols, and the shades are shares."""
    assert magic("info", "magic.charlm", "--matrix", "--top", "3", "--svg", "m.svg").code == 0
    drawn = ElementTree.fromstring(Path("m.svg").read_text())
    words = {t.text: (t.get("x"), t.get("y")) for t in drawn.iter(f"{SVG}text")}
    assert words.keys() >= {"<s>", "a", "b", "r", "50", "100"}
    shares = {
        g.findtext(f"{SVG}title"): float(g.findall(f"{SVG}rect")[1].get("opacity", "nan"))
        for g in drawn.iter(f"{SVG}g")
    }
    assert len(shares) == 12
    assert shares["a then b: 50"] == pytest.approx(shares["b then r: 100"] / 2, abs=1e-3)
    assert shares["a then a: 0"] == 0
    assert "href" not in Path("m.svg").read_text()


def test_a_matrix_as_wide_as_the_terminal(magic: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "16")
    out = magic("info", "magic.charlm", "--matrix").out
    assert "2 more columns: widen the terminal" in out
    assert ["a", "50", "25"] in [line.split() for line in out.splitlines()]


def test_chinese_stands_in_columns(charlm: Charlm) -> None:
    Path("c.txt").write_text("床前床前前")
    charlm("train", "c.txt", "--order", "1", "-o", "c.charlm")
    out = charlm("info", "c.charlm", "--matrix", "--corpus", "c.txt").out
    assert out.splitlines()[2:] == ["     前  床", "<s>       1", " 前   1   1", " 床   2    "]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--matrix", "--text", "a"), "--matrix is a table of its own"),
        (("--svg", "m.svg"), "--svg draws the matrix; ask for --matrix"),
        (("--matrix", "--svg", "m.png"), "what is written is no .png file; name it m.svg"),
        (("--matrix", "--corpus", "none.txt"), "none.txt: no such file"),
    ],
)
def test_what_does_not_go_together(words: tuple[str, ...], message: str, magic: Charlm) -> None:
    result = magic("info", "magic.charlm", *words)
    assert result.code in (1, 2)
    assert result.err.startswith(f"Error: {message}") or message in result.err
    assert result.err.count("\n") == 1
