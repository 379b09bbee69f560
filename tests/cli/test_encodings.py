"""`--encoding`: what is no encoding of texts is refused by every command that reads texts."""

from pathlib import Path

import pytest

from tests.cli.conftest import Charlm
from tests.cli.walk import OPTIONS, filled

# What is no encoding of texts, by what is said of it.
REFUSED = {
    "is for names of hosts, not for texts": ("idna", "punycode"),
    "is for strings in programs, not for texts": ("raw_unicode_escape", "unicode_escape"),
    "is for nothing at all, not for texts": ("undefined",),
    "is not for texts": (
        "base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec",
        "zlib_codec",
    ),
    "unknown encoding": ("aliases", "klingon", "", "\0", "../x"),
}  # fmt: skip
CASES = [(name, said) for said, names in REFUSED.items() for name in names]


@pytest.mark.parametrize(("name", "said"), CASES)
def test_what_is_no_encoding_of_texts_is_refused_in_one_line(
    name: str, said: str, charlm: Charlm
) -> None:
    Path("text").write_bytes(b"The quick brown fox-.\n" * 9)
    for command in (("train", "text"), ("train", "rnn", "text"), ("train", "book.txt")):
        result = charlm(*command, "--encoding", name)
        assert (result.code, result.out) == (2, "")
        (line,) = result.err.splitlines()
        assert said in line
        assert line.endswith("; there are utf-8, utf-16, gb18030, latin-1 and others")


READERS = [path for path, option in OPTIONS if "--encoding" in option.opts]


@pytest.mark.parametrize("path", READERS, ids=" ".join)
def test_every_command_that_reads_texts_refuses_them(
    path: tuple[str, ...], models: tuple[str, ...], charlm: Charlm
) -> None:
    results = [
        charlm(*filled(path, model, "other.txt"), "--encoding", "punycode") for model in models
    ]
    assert {result.code for result in results} == {2}
    assert any("is for names of hosts" in result.err for result in results)
