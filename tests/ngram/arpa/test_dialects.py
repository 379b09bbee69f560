"""ARPA files of other tools, each scored as KenLM scores it and as the definition has it.

The files are small ones of our own that write what the tools write. KenLM's figures were recorded
with its Python package 0.3.0, and are compared again where that is installed.
"""

from math import log
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.errors import TextError
from charlm.ngram import estimation
from charlm.ngram.arpa.reading import Imported, read
from charlm.ngram.config import NgramConfig
from charlm.ngram.counting.counts import Sequences
from charlm.text.corpus import Document
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import prepare

ABC = """\
\\data\\
ngram 1=6
ngram 2=5
ngram 3=3

\\1-grams:
-0.9\t</s>
-99\t<s>\t-0.3
-0.8\ta\t-0.4
-0.8\tb\t-0.45
-1.0\tc\t-0.1
-1.5\t<unk>

\\2-grams:
-0.3\t<s> a\t-0.6
-0.6\ta b\t-0.42
-0.5\tb a\t-0.4
-0.6\tb </s>
-0.8\ta c

\\3-grams:
-0.2\t<s> a b
-0.4\ta b a
-0.5\tb a c

\\end\\
"""

WORDS = """\
\\data\\
ngram 1=10
ngram 2=13

\\1-grams:
-1.0950581\t<unk>\t0
0\t<s>\t-0.032184668
-1.0950581\t</s>\t0
-0.8979242\tthe\t-0.26152146
-0.8979242\tcat\t-0.14612803
-0.9542425\tsat\t-0.33321467
-0.9542425\tdog\t-0.14612803
-0.9542425\tran\t-0.14612803
-0.8979242\ta\t-0.14612803
-0.8979242\thome\t-0.14612803

\\2-grams:
-0.24183334\tsat </s>
-0.6984401\tran </s>
-0.46457762\thome </s>
-0.93010885\t<s> the
-0.3701682\tthe cat
-0.65321255\tcat sat
-0.65321255\tdog sat
-0.80663985\tthe dog
-0.43761274\ta dog
-0.65321255\tcat ran
-0.65321255\tdog ran
-0.7237936\t<s> a
-0.63225055\tran home

\\end\\
"""  # by lmplz -o 2 --discount_fallback on four lines of words

NOTHING = "\\data\\\nngram 1=4\nngram 2=2\nngram 3=0\nngram 4=0\n\n\\1-grams:\n-0.5\t<s>\t-0.1\n"
NOTHING += (
    "-0.7\t</s>\t0\n-0.5\ta\t-0.2\n-0.6\tb\t0\n\n\\2-grams:\n-0.3\t<s> a\t0\n-0.4\ta b\t0\n\n"
)


class Dialect(NamedTuple):
    """A file, the words of a sentence, KenLM's log10 of its probability, and what was done.

    KenLM's figure is None for what it does not load.
    """

    text: str
    sentence: str
    kenlm: float | None
    left_out: int = 0
    added: int = 0


def without(line: str, text: str = ABC, header: str = "ngram 2=5", fewer: str = "ngram 2=4") -> str:
    return text.replace(f"{line}\n", "").replace(header, fewer)


DIALECTS = {
    "plain": Dialect(ABC, "a b a c", -2.4),
    "lmplz, words": Dialect(WORDS, "the dog ran", -3.0884013),
    "unknown words": Dialect(WORDS, "the emu ran", -3.9393709),
    "capital <UNK>": Dialect(ABC.replace("<unk>", "<UNK>"), "a x c", -4.8),
    "capital <S> and </S>": Dialect(ABC.replace("s>", "S>"), "a b a c", None),
    "CR LF, blanks for tabs, one column more": Dialect(
        ABC.replace("\t", "   ").replace("\n", "\r\n"), "a b a c", None
    ),
    "SRILM: a suffix is missing, which is a history too": Dialect(
        without("-0.5\tb a\t-0.4"), "a b a c", -2.4, added=1
    ),
    "a history is missing": Dialect(
        without("-0.6\ta b\t-0.42", without("-0.5\tb a\t-0.4"), "ngram 2=4", "ngram 2=3"),
        "a b a c", None, added=2,
    ),
    "SRILM: gaps of several orders": Dialect(
        "\\data\\\nngram 1=5\nngram 2=1\nngram 3=0\nngram 4=1\n\n\\1-grams:\n-0.7\t</s>\n"
        "-99\t<s>\t-0.3\n-0.5\ta\t-0.2\n-0.6\tb\t-0.1\n-1.5\t<unk>\n\n\\2-grams:\n"
        "-0.4\ta b\t-0.2\n\n"
        "\\3-grams:\n\n\\4-grams:\n-0.1\ta b b a\n\n\\end\\\n",
        "a b b a b", None, added=4,
    ),
    "CMU: counts over sentence ends": Dialect(
        ABC.replace("ngram 2=5", "ngram 2=8").replace(
            "-0.8\ta c\n", "-0.8\ta c\n-0.0044\t</s> <s>\t0\n-1\t<s> <s>\t0\n-1\t</s> a\t0\n"
        ),
        "a b a c", -2.4, left_out=3,
    ),
    "orders without n-grams": Dialect(
        NOTHING + "\\3-grams:\n\n\\4-grams:\n\n\\end\\\n", "a b", None
    ),
    "orders without n-grams and without a heading": Dialect(NOTHING + "\\end\\\n", "a b", None),
    "cut out of a larger file": Dialect(
        ABC[: ABC.index("\\2-grams")].replace("ngram 2=5\nngram 3=3\n", "") + "\\end\\\n",
        "a b", None,
    ),
    "weights of the longest": Dialect(
        ABC.replace("-0.5\tb a c", "-0.5\tb a c\t0"), "a b a c", -2.4
    ),
    "a preamble, as CMU's and IRSTLM's": Dialect("# hand-made\n\n" + ABC, "a b a c", -2.4),
    "zero as -inf": Dialect(ABC.replace("-99", "-inf"), "a b a c", -2.4),
}  # fmt: skip
each_dialect = pytest.mark.parametrize("name", DIALECTS)


def naive(text: str, words: list[str]) -> float:
    """log10 P(words </s>), by the definition: the longest n-gram listed, else weight times less."""
    listed: dict[tuple[str, ...], tuple[float, float]] = {}
    length = 0
    for line in text.split("\n"):
        parts = line.strip("\r").split()
        if line.startswith("\\"):
            length = int(line[1]) if line[1].isdigit() else 0
        elif length and parts:
            gram = tuple(part.lower() if part[0] == "<" else part for part in parts[1 : length + 1])
            listed[gram] = float(parts[0]), float([*parts, "0"][length + 1])

    def log_prob(history: tuple[str, ...], word: str) -> float:
        if (*history, word) in listed:
            return listed[*history, word][0]
        return listed.get(history, (0, 0))[1] + log_prob(history[1:], word)

    longest = text.count("\nngram ")
    known = [word if (word,) in listed else "<unk>" for word in words]
    read = ["<s>", *known, "</s>"]
    return sum(
        log_prob(tuple(read[max(0, i + 1 - longest) : i]), read[i]) for i in range(1, len(read))
    )


def imported(text: str) -> Imported:
    return read("file.arpa", [text.encode()])


def log10(found: Imported, words: list[str]) -> float:
    ids = {symbol: i for i, symbol in enumerate(found.symbols, start=1)}
    assert found.model.end is not None
    sentence = [*(ids.get(word, 0) for word in words), found.model.end]
    return float(found.model.score(np.array(sentence, np.int32))[0].sum() / log(10))


@each_dialect
def test_each_dialect_is_read(name: str) -> None:
    dialect = DIALECTS[name]
    found, words = imported(dialect.text), dialect.sentence.split()
    found.model.check()
    assert (found.left_out, found.added) == (dialect.left_out, dialect.added)
    assert log10(found, words) == pytest.approx(naive(dialect.text, words), abs=1e-6)
    if dialect.kenlm is not None:
        assert log10(found, words) == pytest.approx(dialect.kenlm, abs=1e-6)


def test_words_have_kenlm_s_perplexity() -> None:
    """10.26 bits for "the dog ran" and its end: a perplexity of 5.9170, by KenLM's query."""
    total = log10(imported(WORDS), ["the", "dog", "ran"])
    assert 10 ** (-total / 4) == pytest.approx(5.9170, abs=5e-5)


def test_tokens_are_trained_as_lmplz_trains_words() -> None:
    """The four lines of words that lmplz had, with the discounts that it had."""
    lines = b"the cat sat\nthe dog sat\na dog ran\nthe cat ran home\n"
    data = prepare([Document("words", lines)], TextPolicy(unit="token", sequence="line"))
    sequences = Sequences.of(data)
    model = estimation.fit(sequences, NgramConfig(1, discounts="fallback"))
    theirs = imported(WORDS)
    assert data.tokenizer.vocabulary.symbols == theirs.symbols
    for name, array in theirs.model.arrays().items():
        np.testing.assert_allclose(model.arrays()[name], array, rtol=1e-6)


@each_dialect
def test_every_sentence_costs_what_the_definition_says(name: str) -> None:
    text, found = DIALECTS[name].text, imported(DIALECTS[name].text)
    rng = np.random.default_rng(0)
    for length in rng.integers(0, 8, 40).tolist():
        words = rng.choice([*found.symbols], length).tolist()
        assert log10(found, words) == pytest.approx(naive(text, words), abs=1e-5)


@pytest.mark.parametrize("name", [name for name in DIALECTS if DIALECTS[name].kenlm is not None])
def test_kenlm_still_gives_its_figures(name: str, tmp_path: Path) -> None:
    kenlm = pytest.importorskip("kenlm", reason="takes a minute to compile; in the extra bench")
    dialect = DIALECTS[name]
    (tmp_path / "m.arpa").write_text(dialect.text)
    found = kenlm.Model(str(tmp_path / "m.arpa")).score(dialect.sentence)
    assert found == pytest.approx(dialect.kenlm, abs=1e-6)


@st.composite
def gappy(draw: st.DrawFn) -> str:
    """A file of random n-grams, few of which have their histories and suffixes."""
    logs = st.floats(-3, -1.5).map(lambda x: f"{x:.3f}")
    sections = [[("a",), ("b",), ("<unk>",), ("</s>",), ("<s>",)]]
    for k in range(2, draw(st.integers(2, 5)) + 1):
        gram = st.tuples(
            st.sampled_from(["a", "b", "<s>"]),
            *[st.sampled_from(["a", "b"])] * (k - 2),
            st.sampled_from(["a", "b", "</s>"]),
        )
        sections.append(draw(st.lists(gram, max_size=4, unique=True)))
    lines = ["\\data\\", *(f"ngram {k}={len(s)}" for k, s in enumerate(sections, 1)), ""]
    for k, section in enumerate(sections, 1):
        rows = [f"{draw(logs)}\t{' '.join(gram)}\t{draw(logs)}" for gram in section]
        lines += [f"\\{k}-grams:", *rows, ""]
    return "\n".join([*lines, "\\end\\", ""])


@given(text=gappy(), words=st.lists(st.sampled_from(["a", "b", "x"]), max_size=9))
def test_gaps_change_no_probability(text: str, words: list[str]) -> None:
    found = imported(text)
    found.model.check()
    assert log10(found, words) == pytest.approx(naive(text, words), abs=1e-4)
    stepwise, state = 0.0, found.model.initial_state()
    for word in [*words, "</s>"]:
        symbol = {"a": 1, "b": 2, "</s>": 3}.get(word, 0)
        stepwise += float(found.model.log_probs(state)[symbol])
        state = found.model.advance(state, symbol)
    assert stepwise / log(10) == pytest.approx(naive(text, words), abs=1e-4)


def test_special_names_in_capitals_may_be_symbols_too() -> None:
    """Where `<unk>` is there, `<UNK>` is a symbol like any other."""
    both = ABC.replace("ngram 1=6", "ngram 1=7").replace("-1.5\t<unk>", "-1.5\t<unk>\n-2\t<UNK>")
    assert "<UNK>" in imported(both).symbols
    assert "<UNK>" not in imported(ABC.replace("<unk>", "<UNK>")).symbols


def test_what_holds_no_probabilities_is_called_by_name() -> None:
    with pytest.raises(TextError, match="line 1: is an IRSTLM iARPA file"):
        imported("iARPA\n" + ABC)


def test_bytes_may_be_raw_or_written_as_characters() -> None:
    characters = ABC.replace("c", "é")
    for data in (characters.encode(), characters.encode("latin-1")):
        found = read("file", [data], in_bytes=True)
        assert found.symbols == ("a", "b", "é")
        assert log10(found, ["a", "b", "a", "é"]) == pytest.approx(-2.4, abs=1e-6)
