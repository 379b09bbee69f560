"""Workers who read sections of files find what one reader of whole files finds."""

import gzip
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charlm.errors import TextError
from charlm.ngram.counting.counts import Sequences
from charlm.ngram.counting.windows import distinct_windows
from charlm.ngram.ranges import countable, shares, surveying
from charlm.ngram.ranges.countable import Texts
from charlm.ngram.ranges.resources import Resources
from charlm.parallel.workers import Workers
from charlm.progress import silent
from charlm.text import corpus, sections
from charlm.text.decoding import UTF_8, Decoding
from charlm.text.sections import AnySection, SectionedText, can_be_cut
from charlm.text.tokenizer import NORMALIZATIONS, SEQUENCES, TextPolicy
from charlm.text.training_set import TrainingSet, prepare
from charlm.text.units import UNITS

CHUNK = 50  # symbols
TEXT = "She sells Seashells,\r\nby the 海边 – Éé e\u0301 \U0001f600!\n\nÁ \t  shore\u2028 ﬁsh's\n"
POLICIES = [
    *(TextPolicy(unit, sequence) for unit in UNITS for sequence in SEQUENCES),
    *(TextPolicy(normalize=form, lowercase=True, newlines="lf") for form in NORMALIZATIONS),
    TextPolicy(unit="word", min_count=2),
]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with ThreadPoolExecutor(2) as executor:
        yield Workers(executor, 2)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def using(tmp_path: Path, workers: Workers, said: list[str]) -> Resources:
    return Resources(1 << 30, tmp_path / "spool", workers, note=said.append)


def in_sections(
    names: list[str], policy: TextPolicy, using: Resources, decoding: Decoding = UTF_8
) -> TrainingSet:
    surveyor = surveying.surveyor(using, silent)
    return prepare(corpus.read(names), policy, decoding=decoding, surveyor=surveyor)


def windows_of(data: TrainingSet, width: int, using: Resources) -> Counter[tuple[int, ...]]:
    """Have workers count; add up all runs."""
    sequences, spool = Sequences.of(data), using.spool()
    budget = replace(using.budget(sequences.vocab_size, sequences.end, width), memory=250_000_000)
    names = Texts(sequences).count(width, spool, budget, silent, using.workers)
    assert isinstance(names, list)
    found: Counter[tuple[int, ...]] = Counter()
    for run in map(spool.open, names):
        words = [run.read(name).tolist() for name in sorted(run.index.keys() - {"counts"})]
        for *window, count in zip(*words, run.read("counts").tolist(), strict=True):
            found[tuple(window)] += count
    return found


def expected(data: TrainingSet, width: int) -> Counter[tuple[int, ...]]:
    words, counts = distinct_windows(Sequences.of(data), width, CHUNK, silent)
    windows = zip(*(word.tolist() for word in words), strict=True)
    return Counter(dict(zip(windows, counts.tolist(), strict=True)))


def assert_same(names: list[str], policy: TextPolicy, width: int, using: Resources) -> None:
    whole, found = prepare(corpus.read(names), policy), in_sections(names, policy, using)
    assert all(isinstance(stream.text, SectionedText) for stream in found.streams)
    assert found.tokenizer == whole.tokenizer
    assert found.texts == whole.texts
    assert [*map(len, found.streams)] == [*map(len, whole.streams)]
    assert [ids.tolist() for ids in found.train] == [ids.tolist() for ids in whole.train]
    assert windows_of(found, width, using) == expected(whole, width)


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_sections_change_nothing(
    policy: TextPolicy,
    tmp_path: Path,
    using: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark = "\N{ZERO WIDTH NO-BREAK SPACE}"  # of the byte order, where it begins a file
    texts = {"a": mark + TEXT, "empty": "", "b": TEXT[:-1] + mark, "c": "海", "d": mark}
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.encode())
    monkeypatch.setattr(shares, "SMALLEST", 1)
    monkeypatch.setattr(sections, "BLOCK_BYTES", 3)
    for size in (1, 20):
        monkeypatch.setattr(shares, "LARGEST", size)
        assert_same([str(tmp_path / name) for name in texts], policy, 4, using)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_text(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    letters = data.draw(st.sampled_from(["ab", "abc\n", "é海\n \U0001f600", "\r\n e\u0301ﬁ’A"]))
    texts = data.draw(st.lists(st.text(letters, min_size=1, max_size=60), min_size=1, max_size=2))
    policy, width = data.draw(st.sampled_from(POLICIES[:-1])), data.draw(st.integers(2, 9))
    folder = tmp_path_factory.mktemp("texts")
    for i, text in enumerate(texts):
        (folder / str(i)).write_bytes(text.encode())
    names = [str(folder / str(i)) for i in range(len(texts))]
    with ThreadPoolExecutor(1) as executor, pytest.MonkeyPatch.context() as patch:
        patch.setattr(shares, "SMALLEST", 1)
        patch.setattr(shares, "LARGEST", data.draw(st.integers(1, 99)))
        workers = Workers(executor, data.draw(st.integers(1, 4)))
        assert_same(names, policy, width, Resources(1 << 30, folder / "spool", workers))


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_files_that_cannot_be_cut_are_read_whole(
    sequence: str, tmp_path: Path, using: Resources
) -> None:
    files = {
        "plain": TEXT.encode(),
        "rows.jsonl": b'{"text": "she sells"}\n{"text": ""}\n{"text": "sea\\nshells"}\n',
        "packed.gz": gzip.compress(TEXT[3:].encode()),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    assert_same([str(tmp_path / name) for name in files], TextPolicy("char", sequence), 5, using)


def test_one_file_that_cannot_be_cut_is_read_here(tmp_path: Path, using: Resources) -> None:
    path = tmp_path / "a"
    path.write_bytes(TEXT.encode("utf-16"))
    decoding = Decoding("utf-16")
    data = in_sections([str(path)], TextPolicy(), using, decoding)
    assert not isinstance(data.streams[0].text, SectionedText)
    whole = prepare(corpus.read([str(path)]), TextPolicy(), decoding=decoding)
    assert windows_of(data, 5, using) == expected(whole, 5)
    data = in_sections([str(path)] * 2, TextPolicy(), using, decoding)
    assert isinstance(data.streams[0].text, SectionedText)
    whole = prepare(corpus.read([str(path)] * 2), TextPolicy(), decoding=decoding)
    assert windows_of(data, 5, using) == expected(whole, 5)


@pytest.mark.parametrize(
    ("decoding", "unit", "able"),
    [
        (Decoding("utf-8"), "char", True),
        (Decoding("UTF8"), "char", True),
        (Decoding("utf-8", "replace"), "char", False),
        (Decoding("latin-1"), "char", False),
        (Decoding("utf-16"), "char", False),
        (UTF_8, "byte", True),
    ],
)
def test_encodings_that_can_be_cut(
    decoding: Decoding, unit: str, able: bool, tmp_path: Path
) -> None:
    (tmp_path / "a").write_text("abc")
    [document] = corpus.read([str(tmp_path / "a")])
    assert can_be_cut(document, TextPolicy(unit), decoding) == able


def test_an_error_says_what_it_says_without_workers(
    tmp_path: Path, using: Resources, said: list[str]
) -> None:
    path = tmp_path / "bad"
    path.write_bytes(b"good\n" * 9000 + b"caf\xe9 au lait\n" + b"good\n" * 9000)
    with pytest.raises(TextError) as alone:
        prepare(corpus.read([str(path)]), TextPolicy())
    with pytest.raises(TextError) as found:
        in_sections([str(path)], TextPolicy(), using)
    assert str(found.value) == str(alone.value)
    assert "line 9001" in str(found.value)
    assert not said


def test_texts_that_workers_do_not_see_are_read_here(
    tmp_path: Path, using: Resources, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_text(TEXT * 9)
    count_symbols = surveying.count_symbols

    def elsewhere(told: surveying.Surveying, share: int, sections: object) -> object:
        hidden = [replace(section, source=tmp_path / "there") for section in sections]  # type: ignore[attr-defined]
        return count_symbols(told, share, hidden)

    monkeypatch.setattr(surveying, "count_symbols", elsewhere)
    data = in_sections([str(path)], TextPolicy(), using)
    assert not isinstance(data.streams[0].text, SectionedText)
    assert data.tokenizer == prepare(corpus.read([str(path)]), TextPolicy()).tokenizer
    [line] = said
    assert line.startswith("worker ")
    assert line.endswith(f"{path}: no such file here; all texts are read where the command runs.")


def test_what_was_counted_is_not_counted_again(
    tmp_path: Path, using: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [str(tmp_path / name) for name in "ab"]
    for name in names:
        Path(name).write_text(TEXT * 999 + name)
    data, whole = in_sections(names, TextPolicy(), using), prepare(corpus.read(names), TextPolicy())
    count_windows, done = countable.count_windows, list[str]()

    def counting(told: countable.Counting, name: str, sections: Sequence[AnySection]) -> object:
        done.append(name)
        return count_windows(told, name, sections)

    monkeypatch.setattr(countable, "count_windows", counting)
    assert windows_of(data, 5, using) == expected(whole, 5)
    shares = len(done)
    assert shares > 2
    using.spool().remove(f"counted-{done[1]}")
    assert windows_of(data, 5, using) == expected(whole, 5)
    assert done[shares:] == [done[1]]


def test_a_text_that_changes_is_no_longer_counted(tmp_path: Path, using: Resources) -> None:
    path = tmp_path / "a"
    path.write_text(TEXT * 9)
    data = in_sections([str(path)], TextPolicy(), using)
    path.write_text(TEXT[::-1] * 9)
    with pytest.raises(TextError, match="has changed while it was read; start again"):
        windows_of(data, 3, using)
