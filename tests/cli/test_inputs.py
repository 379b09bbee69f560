"""Text of every kind, through the real command: an answer or one line, never a traceback."""

import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from charlm.files.compressing import zstandard
from tests.cli.conftest import Charlm
from tests.support.models import TEXT

MARK = b"\xef\xbb\xbf"
LINES = "one line\nand another\n" * 20
CHINESE = "床前明月光，疑是地上霜。\n" * 20
EMOJI = "🙂👩‍👩‍👧 ❤️ e\u0301\u0302 🇩🇪\n" * 20


def zipped(data: bytes) -> bytes:
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", data)
    return packed.getvalue()


def tarred(data: bytes) -> bytes:
    with tarfile.open(fileobj=(packed := io.BytesIO()), mode="w") as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


# A text, options, and how many symbols the model is trained on.
ANSWERS: dict[str, tuple[bytes, tuple[str, ...], int]] = {
    "plain": (LINES.encode(), (), len(LINES)),
    "one character": (b"a", (), 1),
    "one symbol": (b"a" * 999, (), 999),
    "one line end": (b"\n", (), 1),
    "no line end": (b"word", (), 4),
    "chinese": (CHINESE.encode(), (), len(CHINESE)),
    "emoji": (EMOJI.encode(), (), len(EMOJI)),
    "emoji as graphemes": (EMOJI.encode(), ("--unit", "grapheme"), 9 * 20),
    "crlf": (b"a\r\nb\r\n", (), 6),
    "old mac": (b"a\rb\r", (), 4),
    "byte order mark": (MARK + b"abc", (), 3),
    "nul": (b"a\0b" * 2, (), 6),
    "only nul": (b"\0", (), 1),
    "noncharacters": ("\ufffe\uffff\U0010ffff".encode(), (), 3),
    "binary as bytes": (bytes(range(256)), ("--unit", "byte"), 256),
    "zip as bytes": (zipped(b"abc"), ("--unit", "byte"), len(zipped(b"abc"))),
    "invalid, replaced": (b"a\xffb", ("--errors", "replace"), 3),
    "invalid, ignored": (b"a\xffb", ("--errors", "ignore"), 2),
    "utf-16": (LINES.encode("utf-16"), ("--encoding", "utf-16"), len(LINES)),
    "utf-16-be": (LINES.encode("utf-16-be"), ("--encoding", "utf-16-be"), len(LINES)),
    "gb18030": (CHINESE.encode("gb18030"), ("--encoding", "gb18030"), len(CHINESE)),
    "shift_jis": ("かな".encode("shift_jis"), ("--encoding", "shift_jis"), 2),
    "latin-1": ("é".encode("latin-1"), ("--encoding", "latin-1"), 1),
    "gz": (gzip.compress(b"abc"), (), 3),
    "bz2": (bz2.compress(b"abc"), (), 3),
    "xz": (lzma.compress(b"abc"), (), 3),
    "two members": (gzip.compress(b"abc") + gzip.compress(b"de"), (), 5),
    "marked in gz": (gzip.compress(MARK + b"abc"), (), 3),
    "one long line": (b"abcdefghij" * 100_000, (), 1_000_000),
    "one long line as a sequence": (b"abcdefghij" * 9_999, ("--sequence", "line"), 99_991),
    "lines": (LINES.encode(), ("--sequence", "line"), len(LINES)),
    "empty lines": (b"\n" * 9, ("--sequence", "line"), 9),
    "separators": ("a\u2028b\u2029c\x85d\x0b\x0ce".encode(), ("--sequence", "line"), 11),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_texts_of_every_kind_are_learnt(name: str, charlm: Charlm) -> None:
    data, options, symbols = ANSWERS[name]
    Path("text").write_bytes(data)
    result = charlm("train", "text", "-o", "m.charlm", *options)
    assert result.code == 0, result.err
    assert json.loads(charlm("info", "m.charlm", "--json").out)["training"]["symbols"] == symbols
    decoding = options if options[:1] in (("--encoding",), ("--errors",)) else ()
    result = charlm("perplexity", "m.charlm", "text", "--json", *decoding)
    assert json.loads(result.out)["totals"][0]["unknown_symbols"] == 0
    if "byte" not in options:
        assert charlm("sample", "m.charlm", "--seed", "1", "--length", "9").code == 0


NETWORKS = ["plain", "one character", "one symbol", "one line end", "chinese", "nul", "empty lines"]


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_learn_every_kind_of_input(name: str, charlm: Charlm) -> None:
    data, options, _ = ANSWERS[name]
    Path("text").write_bytes(data)
    sizes = ("--hidden", "8", "--steps", "3")
    result = charlm("train", "rnn", "text", "-o", "m.charlm", *options, *sizes)
    assert result.code == 0, result.err
    assert charlm("perplexity", "m.charlm", "text").code == 0
    assert charlm("sample", "m.charlm", "--seed", "1", "--length", "9").code == 0


# A text, options, and what is said of it.
REFUSALS: dict[str, tuple[bytes, tuple[str, ...], str]] = {
    "empty": (b"", (), "empty, there is nothing to learn"),
    "empty in gz": (gzip.compress(b""), (), "empty, there is nothing to learn"),
    "only a mark": (MARK, (), "empty, there is nothing to learn"),
    "invalid": (b"one\ntwo\nth\xffree", (),
                "byte 10 (line 3) is not valid utf-8; try --encoding NAME, --errors replace or "
                "--unit byte"),
    "invalid in gz": (gzip.compress(b"one\n\xff"), (), "byte 4 (line 2) is not valid utf-8"),
    "cut short": ("é".encode()[:1], (), "byte 0 (line 1) is not valid utf-8"),
    "surrogate": (b"a\xed\xa0\x80", (), "byte 1 (line 1) is not valid utf-8"),
    "not of the encoding": (b"\xff\xff", ("--encoding", "gb18030"), "is not valid gb18030"),
    "odd bytes of utf-16": (b"\xff\xfea\0b", ("--encoding", "utf-16"), "is not valid utf-16"),
    "utf-16": (LINES.encode("utf-16"), (), "begins like UTF-16; try --encoding utf-16"),
    "utf-16, unmarked": (LINES.encode("utf-16-le"), (), "try --unit byte or --encoding utf-16"),
    "binary": (b"\0\1\2\3" * 99, (), "looks binary"),
    "zip": (zipped(os.urandom(999)), (), "is a zip archive"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", (), "is a PDF; save it as text"),
    "tar": (tarred(b"abc"), (), "looks binary"),
    "cut gz": (gzip.compress(os.urandom(99))[:-9], (), "cannot be read: damaged compressed file"),
    "bent xz": (b"\xfd7zXZ\x00" + b"junk" * 9, (), "cannot be read: damaged compressed file"),
    "gz in gz": (gzip.compress(gzip.compress(b"a")), (), "is not valid utf-8"),
    "mark of utf-8 in utf-16": (MARK + b"a\n", ("--encoding", "utf-16"), "is not valid utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("family", ["ngram", "rnn"])
@pytest.mark.parametrize("name", REFUSALS)
def test_other_texts_are_refused_in_one_line(name: str, family: str, charlm: Charlm) -> None:
    data, options, message = REFUSALS[name]
    Path("text").write_bytes(data)
    result = charlm("train", family, "text", *options, "-q")
    assert (result.code, result.out) == (1, "")
    (line,) = result.err.splitlines()
    assert line.startswith("Error: text: ")
    assert message in line


def test_a_mark_is_left_out_with_a_note(charlm: Charlm) -> None:
    Path("text").write_bytes(MARK + b"abc")
    note = "text: the byte order mark is left out."
    result = charlm("train", "text", "-o", "m.charlm")
    assert result.err.splitlines().count(note) == 1
    assert charlm("perplexity", "m.charlm", "text").err.splitlines().count(note) == 1
    assert note not in charlm("train", "text", "--unit", "byte").err
    assert note not in charlm("train", "book.txt").err


def test_zstd_is_read_where_it_can_be(charlm: Charlm) -> None:
    zstd = pytest.importorskip(
        "backports.zstd" if sys.version_info < (3, 14) else "compression.zstd"
    )
    Path("text").write_bytes(zstd.compress(TEXT.encode()))
    assert charlm("train", "text", "-o", "m.charlm").code == 0
    Path("text").write_bytes(zstd.compress(os.urandom(99))[:-9])
    result = charlm("train", "text", "-o", "m.charlm")
    assert (result.code, len(result.err.splitlines())) == (1, 1)
    assert "cannot be read: damaged compressed file" in result.err


def test_zstd_is_named_where_it_cannot_be_read(
    charlm: Charlm, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    zstandard.cache_clear()
    request.addfinalizer(zstandard.cache_clear)
    for module in ("backports.zstd", "compression.zstd"):
        monkeypatch.setitem(sys.modules, module, None)
    Path("text").write_bytes(b"\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00abc")
    result = charlm("train", "text")
    assert result.code == 1
    assert result.err == (
        "Error: text: cannot be read: "
        "zstd takes Python 3.14 or the package backports.zstd; or unpack it first\n"
    )


def test_folders_and_missing_files(charlm: Charlm) -> None:
    Path("empty").mkdir()
    for name, message in {
        "empty": "empty: holds no text file",
        "nowhere": "nowhere: no such file",
        "book.txt/x": "book.txt/x: cannot be read: Not a directory",
        "x" * 300: "x: File name too long",
        "": "is a directory; name the text files in it",
    }.items():
        result = charlm("train", name, "-o", "m.charlm")
        assert (result.code, len(result.err.splitlines())) == (1, 1)
        assert message in result.err


@pytest.mark.parametrize("words", [("train", "closed"), ("train", "book.txt", "--valid", "closed")])
def test_files_without_permission(
    words: tuple[str, ...], charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("closed").write_text("text")
    opened = Path.open

    def refusing(path: Path, *arguments: object, **more: object) -> object:
        if path.name == "closed":  # the superuser may read all: so the system is played
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refusing)
    result = charlm(*words)
    assert (result.code, result.err) == (1, "Error: closed: cannot be read: Permission denied\n")


def feed(data: bytes) -> Callable[[], None]:
    """Write into a FIFO once somebody reads there."""
    os.mkfifo("pipe")
    writer = Thread(target=Path("pipe").write_bytes, args=(data,))
    writer.start()
    return writer.join


@pytest.mark.parametrize("data", [TEXT.encode(), gzip.compress(TEXT.encode()), b"\xff", b""])
def test_pipes_are_like_files(data: bytes, charlm: Charlm) -> None:
    Path("text").write_bytes(data)
    as_file = charlm("train", "text", "-o", "m.charlm")
    join = feed(data)
    as_pipe = charlm("train", "pipe", "-o", "p.charlm")
    join()
    as_input = charlm("train", "-", "-o", "s.charlm", stdin=data)
    assert as_file.code == as_pipe.code == as_input.code
    if as_file.code:
        for result, name in ((as_pipe, "pipe"), (as_input, "standard input")):
            assert result.err == as_file.err.replace("text:", f"{name}:")
    else:
        models = [Path(f"{name}.charlm").read_bytes() for name in "mps"]
        assert models[0] == models[1] == models[2]


def test_standard_input_is_read_once(charlm: Charlm) -> None:
    charlm("train", "book.txt", "-o", "m.charlm")
    for words in (
        ("train", "-", "-"),
        ("train", "-", "--valid", "-"),
        ("perplexity", "m.charlm", "-", "-"),
    ):
        result = charlm(*words, stdin=b"text")
        assert result.code == 2
        assert "standard input can be read only once" in result.err


def test_pieces_of_a_shell_are_texts(charlm: Charlm) -> None:
    command = f"{sys.executable} -m charlm train <(echo abc) <(echo abc | gzip) -o m.charlm"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "on 8 characters" in done.stderr


def test_unknown_characters_are_counted_and_shown(charlm: Charlm) -> None:
    charlm("train", "book.txt", "-o", "m.charlm", "--order", "2")
    Path("new.txt").write_text("the 中 cat 文\n")
    figures = json.loads(charlm("perplexity", "m.charlm", "new.txt", "--json").out)["totals"][0]
    assert figures["unknown_symbols"] == 2
    assert figures["perplexity_known"] < figures["perplexity"]
    shown = charlm("info", "m.charlm", "--text", "a中").out
    assert "中 (unknown)" in shown
    result = charlm("sample", "m.charlm", "--prompt", "中", "--length", "5")
    assert result.out.startswith("中")
    assert "The model has never seen '中'" in result.err


@pytest.mark.parametrize("prompt", ["", "\0", "中" * 999, "\n\n", "\ud800", "[bold]"])
def test_any_prompt_is_gone_on_from(prompt: str, charlm: Charlm) -> None:
    charlm("train", "book.txt", "-o", "m.charlm", "--order", "2")
    result = charlm("sample", "m.charlm", "--prompt", prompt, "--length", "5", "--seed", "1")
    assert result.code == 0
    assert charlm("info", "m.charlm", "--history", prompt, "--text", prompt).code == 0
