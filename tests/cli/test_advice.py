"""What a file is that cannot be read, and what to try: only what the command has and was not given.

Every command is given every kind of wrong file in every place where it reads one, and then follows
its own advice, each piece of it, until there is an answer or no more advice.
"""

import re
from collections.abc import Iterator
from pathlib import Path as FilePath

import click
import pytest

from charlm.cli.options import FILE
from tests.cli.conftest import SMALL_RNN, Charlm, Maker
from tests.cli.walk import LEAVES, NEEDED, SMALL, Path
from tests.ngram.arpa.test_dialects import ABC, WORDS

WRONG = "wrong"  # the name of the file in question
OUTPUTS = {"output", "log", "html", "svg", "figure", "scores", "torch"}
READ_NO_FILE = {("gradients", "check"), ("demo",), ("corpora",)}
KENLM = b"mmap lm http://kheafield.com/code format version 5\n\0" + bytes(range(256))

KINDS: dict[str, bytes] = {
    "latin-1": "café\n".encode("latin-1") * 30,
    "latin-1 in ARPA": ABC.replace("c", "é").encode("latin-1"),
    "utf-16": "one line\n".encode("utf-16") * 30,
    "utf-16, unmarked": "one line\n".encode("utf-16-le") * 30,
    "binary": b"\0\1\2\3" * 99,
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "zip": b"PK\x03\x04\xff\xfe" + bytes(99),
    "a KenLM binary": KENLM,
    "an ARPA file": ABC.encode(),
    "a PocketSphinx binary": b"Trie Language Model\3\0\0\0",
    "an IRSTLM binary": b"blmt 3 100 200 300\n" + bytes(range(256)),
    "words in ARPA": WORDS.encode(),
    "spaces in ARPA": ABC.replace(" c", " <space>").replace("\tc", "\t<space>").encode(),
}
# An ARPA file is what `import` is for; and what is text can be compressed, whatever it says.
FITTING = {
    (("import",), "an ARPA file"),
    (("compress",), "an ARPA file"),
    (("compress",), "a PocketSphinx binary"),
}
VALUES = {"NAME": "latin-1"}  # what stands for itself in a piece of advice


def places() -> Iterator[tuple[Path, list[str]]]:
    """Yield each command, typed with the wrong file in one place where it reads a file."""
    for path, command in LEAVES.items():
        arguments = [p for p in command.params if isinstance(p, click.Argument) and p.type is FILE]
        options = [p for p in command.params if isinstance(p, click.Option) and p.type is FILE]
        rest = ["-o", "out"] if any(p.required for p in options) else []
        rest += NEEDED.get(path, ())
        good = [name for p in arguments for name in _good(p)]
        for place in range(len(good)):
            yield path, [*path, *good[:place], WRONG, *good[place + 1 :], *rest]
        for option in options:
            if option.name not in OUTPUTS:
                needed = [] if path in NEEDED else rest  # it is what is needed
                yield path, [*path, *good, *needed, option.opts[-1], WRONG]


def _good(argument: click.Argument) -> list[str]:
    if argument.name == "file":
        return ["good.arpa"]
    names = {"counts": "good.counts", "parts": "good.counts", "logs": "good.jsonl"}
    name = "good.charlm" if str(argument.name).startswith("model") else "TEXT"
    name = names.get(str(argument.name), name)
    return [name] * (1 if argument.nargs == 1 else 2)


def advice(message: str) -> list[list[str]]:
    """List the options that a message names, with their values; other commands go by their own."""
    own = re.sub("`[^`]*`", "", message)
    found = re.findall(r"(--[a-z-]+)(?: ('[^']*'|[A-Za-z0-9-]+))?", own)
    return [[option, VALUES.get(value, value).strip("'")] for option, value in found]


def follow(charlm: Charlm, path: Path, words: list[str]) -> list[str]:
    """Type a command, follow what it says, and return every message that comes."""
    result = charlm(*words)
    if result.code == 0:
        return []
    line = result.err.splitlines()[-1]
    assert "bug in charlm" not in line
    assert line.startswith("Error: ")
    messages, known = [line], {opt for p in LEAVES[path].params for opt in p.opts}
    for option, value in advice(line):
        assert option in known, f"{' '.join(path)} has no {option}: {line}"
        assert option not in words, f"{option} was given: {line}"
        if f"give it as {option}" in line:  # in place of the option it was given as
            place = words.index(WRONG)
            messages += follow(charlm, path, [*words[: place - 1], option, *words[place:]])
        else:
            messages += follow(charlm, path, [*words, option, value])
    return messages


PLACES = list(places())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("path", "words"), PLACES, ids=[" ".join(words) for _, words in PLACES])
def test_advice_can_be_followed(
    path: Path,
    words: list[str],
    kind: str,
    charlm: Charlm,
    made: Maker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in SMALL.items():
        monkeypatch.setenv(name, value)
    FilePath("TEXT").write_text("some text\n" * 50)
    FilePath("good.arpa").write_text(ABC)
    family = ("rnn", *SMALL_RNN) if path == ("gradients", "flow") else ("--order", "2")
    made(
        ("train", *family, "TEXT", "-o", "good.charlm"),
        ("count", "TEXT", "-o", "good.counts"),
    )
    FilePath("good.jsonl").write_text('{"step": 1, "loss_bits_per_symbol": 4.0}\n')
    FilePath(WRONG).write_bytes(KINDS[kind])
    messages = follow(charlm, path, words)
    if kind.startswith(("a ", "an ")) and (path, kind) not in FITTING and path != ("decompress",):
        assert any(f"{WRONG}: is {kind}" in message for message in messages)


def test_every_place_is_tried() -> None:
    assert {path for path, _ in PLACES} == set(LEAVES) - READ_NO_FILE
    tried = {word for _, words in PLACES for word in words if word.startswith("--")}
    assert {"--valid", "--against", "--corpus", "--tune", "--init-from"} <= tried
