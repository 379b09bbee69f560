"""What a name of texts stands for; shells and `find` would say the same."""

import bz2
from pathlib import Path

import fsspec
import pytest

from charlm.errors import TextError
from charlm.text import corpus
from charlm.text.naming import expand


@pytest.fixture
def corpus_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as one finds it: texts, deep and compressed, and much else."""
    monkeypatch.chdir(tmp_path)
    files = {
        "b.txt": b"second",
        "a/deep/c.md": "é".encode(),
        "a.txt": b"",
        "z.bz2": bz2.compress(b"compressed"),
        "latin.txt": "é".encode("latin-1"),
        "utf16.txt": "wide".encode("utf-16"),
        ".hidden": b"x",
        ".git/config": b"x",
        "picture.png": b"\x89PNG\r\n\x1a\n\0\0",
        "paper.pdf": b"%PDF-1.7\n",
        "a/numbers.bin": bytes(range(9)),
    }
    for name, data in files.items():
        path = Path("corpus", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return Path("corpus")


TEXTS = ["a.txt", "a/deep/c.md", "b.txt", "latin.txt", "utf16.txt", "z.bz2"]


def test_a_folder_is_its_texts_sorted(corpus_folder: Path) -> None:
    told: list[str] = []
    wanted = [f"corpus/{name}" for name in TEXTS]
    assert expand(["corpus"], told.append) == expand(["corpus/"], told.append) == wanted
    assert told[0] == (
        "corpus: passed over what is hidden or no text: corpus/.git, corpus/.hidden, "
        "corpus/a/numbers.bin and 2 more."
    )


def test_links_to_folders_are_not_followed(corpus_folder: Path) -> None:
    (corpus_folder / "again").symlink_to(".")
    (corpus_folder / "link.txt").symlink_to("b.txt")
    wanted = sorted([*TEXTS, "link.txt"])
    assert expand(["corpus"], print) == [f"corpus/{name}" for name in wanted]


def test_patterns_match_as_those_of_shells(corpus_folder: Path) -> None:
    assert expand(["corpus/*.txt", "corpus/**/*.md", "corpus/[ab].txt"], print) == [
        *["corpus/a.txt", "corpus/b.txt", "corpus/latin.txt", "corpus/utf16.txt"],
        "corpus/a/deep/c.md",
        *["corpus/a.txt", "corpus/b.txt"],
    ]


def test_a_list_names_files_and_what_stands_for_some(corpus_folder: Path) -> None:
    Path("list.txt").write_bytes(b"# comment\r\n\r\n corpus/b.txt \r\ncorpus/a/deep\n@odd\nnone")
    wanted = ["corpus/b.txt", "corpus/a/deep/c.md", "@odd", "none"]
    assert expand(["@list.txt"], print) == wanted


def test_a_file_that_is_called_so_comes_first(corpus_folder: Path) -> None:
    for name in ("@odd", "notes[1].txt", "what?"):
        Path(name).write_text("itself")
        assert expand([name, f"./{name}"], print) == [name, f"./{name}"]


def test_where_there_is_nothing_it_is_said(corpus_folder: Path) -> None:
    Path("empty").mkdir()
    Path("empty/.hidden").write_text("x")
    Path("list").write_text("# nothing\n\n")
    for name, message in {
        "empty": "empty: holds no text file",
        "corpus/*.doc": r"corpus/\*.doc: no file matches",
        "@list": "list: names no file",
        "@lost": "lost: no such file",
    }.items():
        with pytest.raises(TextError, match=message):
            expand([name], lambda told: None)
    assert expand(["missing.txt", "-"], print) == ["missing.txt", "-"]


def test_places_elsewhere_are_read_as_files_are(corpus_folder: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/b.txt", b"second")
    memory.pipe("/bucket/deep/a.txt.bz2", bz2.compress(b"first"))
    memory.pipe("/bucket/.hidden", b"x")
    names = ["memory:///bucket/b.txt", "memory:///bucket/deep/a.txt.bz2"]
    assert expand(["memory://bucket"], print) == names
    assert expand(["memory://bucket/*.txt"], print) == names[:1]
    assert [document.data for document in corpus.read(names)] == [b"second", b"first"]
    assert corpus.read(names)[0].size == 6
    here = f"file://{corpus_folder.resolve()}/b.txt"
    assert corpus.read([here])[0].sha256 == corpus.read(["corpus/b.txt"])[0].sha256
    for name, message in {
        "memory://bucket/lost": "lost: no such file",
        "klingon://a": "cannot be read: Protocol not known: klingon",
    }.items():
        with pytest.raises(TextError, match=message):
            corpus.read([name])


def test_without_fsspec_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(TextError, match=r"s3://b/a: cannot be read: .* 'charlm-cli\[remote\]'"):
        corpus.read(["s3://b/a"])
