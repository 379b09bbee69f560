"""ARPA files: identity of export and import, KenLM's reading of ours, and files that do not fit."""

import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import ModelFileError, TextError
from charlm.ngram.arpa import reading
from charlm.ngram.arpa.names import name_of, symbol_of
from charlm.ngram.arpa.reading import Imported
from charlm.ngram.arpa.writing import write
from charlm.ngram.model import NgramModel
from charlm.text.units import UNITS
from tests.support.models import NGRAMS, TEXT, UNSEEN, each, make, ngram


def lines_of(trained: object) -> list[str]:
    model, tokenizer = trained.model, trained.tokenizer  # type: ignore[attr-defined]
    return list(write(model, tokenizer.vocabulary.symbols))


def imported(text: str, space: str | None = None) -> Imported:
    """Read a file in blocks that end anywhere."""
    data = text.encode()
    blocks = [data[low : low + 97] for low in range(0, len(data), 97)]
    return reading.read("file.arpa", blocks, space)


def assert_same(found: NgramModel, expected: NgramModel) -> None:
    assert (found.order, found.vocab_size, found.end) == (
        expected.order,
        expected.vocab_size,
        expected.end,
    )
    for name, array in expected.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)
        assert found.arrays()[name].dtype == array.dtype


@each(NGRAMS)
def test_import_after_export_is_identity(name: str) -> None:
    trained = make(name)
    assert isinstance(trained.model, NgramModel)
    found = imported("".join(lines_of(trained)))
    assert found.symbols == trained.tokenizer.vocabulary.symbols
    assert (found.left_out, found.added, found.excess) == (0, 0, None)
    assert_same(found.model, trained.model)


@pytest.mark.parametrize("sequence", ["file", "line"])
@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_has_names(unit: str, sequence: str) -> None:
    trained = ngram("witten-bell", 2, sequence, unit)
    assert isinstance(trained.model, NgramModel)
    found = imported("".join(lines_of(trained)))
    assert found.symbols == trained.tokenizer.vocabulary.symbols
    assert (found.left_out, found.added, found.excess) == (0, 0, None)
    assert_same(found.model, trained.model)


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("a", "a"), (" ", "<U+0020>"), ("\n", "<U+000A>"), ("\u3000", "<U+3000>"), ("中", "中"),
        ("a b", "a<U+0020>b"), ("\0", "<U+0000>"), ("<", "<"), ("👩\u200d🔬", "👩<U+200D>🔬"),
        ("\U000e0001", "<U+E0001>"), ("\xa0", "<U+00A0>"),
    ],
)  # fmt: skip
def test_names_hold_nothing_invisible(symbol: str, name: str) -> None:
    assert name_of(symbol) == name
    assert symbol_of(name) == symbol


@pytest.mark.parametrize("name", ["modified-kneser-ney-4-line", "witten-bell-4-file"])
def test_kenlm_reads_our_scores(name: str, tmp_path: Path) -> None:
    kenlm = pytest.importorskip("kenlm", reason="needs a C++ compiler; in the extra bench")
    trained = make(name)
    (tmp_path / "m.arpa").write_text("".join(lines_of(trained)))
    model = kenlm.Model(str(tmp_path / "m.arpa"))
    for line in [*TEXT.split("\n")[:30], *UNSEEN.split("\n")]:
        if not line:
            continue
        ids = trained.tokenizer.encode(line)
        expected, _ = trained.model.score(ids)
        text = " ".join(map(name_of, line))
        eos = trained.model.end is not None
        found = [score for score, _, _ in model.full_scores(text, bos=True, eos=eos)]
        np.testing.assert_allclose(found, expected / np.log(10), rtol=0, atol=1e-5)


# A model as KenLM's lmplz writes it: START has probability 1 there, and a back-off weight.
FOREIGN = """\\data\\
ngram 1=5
ngram 2=5

\\1-grams:
-1.2\t<unk>\t0
0\t<s>\t-0.3
-0.7\t</s>\t0
-0.5\ta\t-0.25
-0.6\tb\t-0.2

\\2-grams:
-0.1\t<s> a
-0.2\ta b
-0.4\ta </s>
-0.3\tb b
-0.8\tb a

\\end\\
"""


def read(text: str) -> NgramModel:
    return imported(text).model


def test_a_foreign_file_by_hand() -> None:
    """P(a|<s>) P(b|a) P(a|b) P(</s>|a), then P(b|<s>) by back-off and P(<unk>|b) likewise."""
    model = read(FOREIGN)
    assert (model.vocab_size, model.end) == (4, 3)
    scores, _ = model.score(np.array([1, 2, 1, 3, 2, 0], np.int32))
    logs = [-0.1, -0.2, -0.8, -0.4, -0.3 - 0.6, -0.2 - 1.2]
    np.testing.assert_allclose(scores / np.log(10), logs, atol=1e-6)


@pytest.mark.parametrize("name", ["\xa0", "\u200b", "<U+0041>", "<U+FFFFFF>", "<U+D800>", "▁"])
def test_foreign_names_are_taken_as_they_are(name: str) -> None:
    changed = FOREIGN.replace("b\t", f"{name}\t").replace("a b", f"a {name}")
    changed = changed.replace("b b", f"{name} {name}").replace("b a", f"{name} a")
    found = imported(changed)
    found.model.check()
    assert set(found.symbols) == {"a", symbol_of(name)}
    assert len(found.model.tables.probability[1]) == 5


def test_preambles_padding_and_rounding_are_no_errors() -> None:
    odd = "made by hand\n" + FOREIGN.replace("ngram 1=5", "ngram  1=  5").replace("-0.1", "1e-8")
    assert read(odd).order == 1


def test_a_space_may_have_any_name() -> None:
    renamed = FOREIGN.replace("b", "▁").replace("ngram", "ngram").replace("\n", "\r\n")
    renamed = renamed.replace("<un▁>", "<unk>")
    assert imported(renamed, space="▁").symbols == (" ", "a")


@given(
    text=st.text() | st.text("-0.19e<s>/ab\t\n\\") | st.sampled_from(FOREIGN.split("\n")),
    at=st.data(),
)
def test_any_line_gives_a_model_or_an_error(text: str, at: st.DataObject) -> None:
    lines = FOREIGN.split("\n")
    lines[at.draw(st.integers(0, len(lines) - 1))] = text
    with suppress(TextError):
        model = read("\n".join(lines))
        model.check()
        with suppress(ModelFileError):
            model.score(np.array([0, 1], np.int32))


def test_line_ends_and_blank_lines_do_not_matter() -> None:
    assert_same(read(FOREIGN.replace("\n", "\r\n")), read(FOREIGN))
    assert_same(read(FOREIGN.replace("\n", "\n\n")), read(FOREIGN))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\\data\\", "hello", r"line 19: the file ends before .* or no ARPA file"),
        ("ngram 1=5", "ngram 2=5", r"line 2: lengths of n-grams must be counted from 1"),
        ("ngram 1=5\nngram 2=5", "", r"line 4: no believable numbers"),
        ("ngram 1=5", "ngram 1=4", r"line 10: \\2-grams: is missing here"),
        ("ngram 1=5", "ngram 1=6", r"line 12: is no 1-gram"),
        ("ngram 2=5", "ngram 2=4", r"line 17: \\end\\ is missing here"),
        ("ngram 2=5", "ngram 2=6", r"line 19: is no 2-gram"),
        ("\\end\\\n", "", r"ends before \\end"),
        ("-0.2\ta b", "nan\ta b", r"line 14: 'nan' is no number"),
        ("-0.2\ta b", "inf\ta b", r"line 14: 'inf' is no number"),
        ("-0.2\ta b", "x\ta b", r"line 14: 'x' is no number"),
        ("-0.2\ta b", "0.5\ta b", r"line 14: a probability of 3.1"),
        ("-0.2\ta b", "-0.2\ta z", r"line 14: a symbol of this n-gram is missing"),
        ("-0.2\ta b", "-0.2\ta b c d", r"line 14: is no 2-gram"),
        ("-0.2\ta b", "-0.2_0\ta b", r"line 14: '-0.2_0' is no number"),
        ("-0.6\tb\t-0.2", "-0.6\tb\t400", r"line 10: '400' is too large"),
        ("-0.2\ta b", "-0.4\ta </s>", r"line 15: this n-gram stands here for the second time"),
        ("-0.6\tb\t", "-0.6\ta\t", r"line 10: this n-gram stands here for the second time"),
        ("\tb\t", "\t<U+0061>\t", r"two names stand for one symbol"),
        ("ngram 1=5", "ngram 1=0", r"no believable numbers"),
        ("ngram 1=5", "ngram " + "1" * 5000 + "=5", r"no believable numbers"),
    ],
)
def test_what_does_not_fit_names_the_line(old: str, new: str, message: str) -> None:
    assert old in FOREIGN
    with pytest.raises(TextError, match=message):
        read(FOREIGN.replace(old, new))


def test_every_cut_is_noticed() -> None:
    trained = make("witten-bell-1-line")
    text = "".join(lines_of(trained))
    for end in np.random.default_rng(0).integers(0, len(text) - 6, 100).tolist():
        with pytest.raises(TextError, match=re.compile("file.arpa: line")):
            read(text[:end])
