"""The commands and the Python sessions in the README and the course, and what they print.

`python -m tests.support.readme` runs them all and writes their real output into the README, or into
the pages that are named, in their order, and pictures of the course beside them:

    python -m tests.support.readme docs/course/en/[01]*.md

`test_readme.py` and `test_course.py` run them and compare.
"""

import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PICTURES = ROOT / "docs" / "course" / "pictures"
BLOCK = re.compile(
    r"(?P<varies><!-- [^\n]* differs [^\n]* -->\n)?```console\n(?P<body>.*?)```", re.S
)
SESSION = re.compile(r"(?<=```pycon\n).*?(?=```)", re.S)
PROGRESS = re.compile(r"^\w+: [\d,]+ of [\d,]+ .* left\n", re.M)  # a bar on a terminal
OF_MAKE = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}  # the tests themselves are run by make


@dataclass(frozen=True)
class Example:
    """A command and what the README says it prints; `varies` where that is a network's text."""

    command: str
    output: str
    varies: bool


def examples(text: str) -> Iterator[Example]:
    """Return each command of the console blocks, in order."""
    for block in BLOCK.finditer(text):
        for part in re.split(r"^\$ ", block["body"], flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            yield Example(command, output, bool(block["varies"]) and "sample" in command)


def run(command: str, folder: Path) -> str:
    """Run a command as the README's reader would; give what a terminal shows."""
    where = ROOT if command.startswith("make") else folder
    inherited = {name: v for name, v in os.environ.items() if name not in OF_MAKE}
    environment = {
        **inherited,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "90",
    }
    done = subprocess.run(
        command, shell=True, cwd=where, env=environment, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    output = PROGRESS.sub("", done.stdout.decode())
    assert done.returncode == 0, f"{command}\n{output}"
    return re.sub(r"[ \t]+$", "", output, flags=re.M)


def replay(session: str, folder: Path) -> str:
    """Type the lines of a Python session again; give it with what Python answers."""
    parts: list[str] = []
    names: dict[str, object] = {}
    with contextlib.chdir(folder):
        for example in doctest.DocTestParser().get_examples(session):
            with contextlib.redirect_stdout(io.StringIO()) as answer:
                exec(compile(example.source, "README", "single"), names)
            typed = example.source.rstrip("\n").replace("\n", "\n... ")
            parts += [f">>> {typed}\n", answer.getvalue()]
    return "".join(parts)


def folder_with_corpora(parent: str | Path) -> Path:
    """Return a folder in which the README's paths are right."""
    folder = Path(parent)
    (folder / "corpora").symlink_to(ROOT / "corpora")
    return folder


NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?")
TOLERANCE = 0.05  # networks differ a little between processors
SECONDS = re.compile(r"\d+\.\d s\b|━+")


def words(output: str) -> Iterator[str | float]:
    """What must agree: words as they are, numbers as such, no times and no bars."""
    for word in SECONDS.sub("", output).split():
        if NUMBER.fullmatch(word.strip("().")):
            yield float(word.strip("().").replace(",", ""))
        else:
            yield word


def agree(shown: str, printed: str, what: str = "") -> None:
    """Hold what a page shows against what was printed."""
    for expected, found in zip_longest(words(shown), words(printed)):
        if isinstance(expected, float) and isinstance(found, float):
            assert found == pytest.approx(expected, rel=TOLERANCE, abs=0.1)
        else:
            assert found == expected, f"{what}; `python -m tests.support.readme` writes it anew"


def fill(page: Path, folder: Path) -> None:
    """Write the real output of every command into a page."""

    def filled(block: re.Match[str]) -> str:
        parts = []
        for part in re.split(r"^\$ ", block["body"], flags=re.M)[1:]:
            command = part.partition("\n")[0]
            print(command, file=sys.stderr)  # noqa: T201
            parts.append(f"$ {command}\n{run(command, folder)}")
        return f"{block['varies'] or ''}```console\n{''.join(parts)}```"

    text = BLOCK.sub(filled, page.read_text())
    page.write_text(SESSION.sub(lambda block: replay(block[0], folder), text))


def main() -> None:
    """Fill the README or the pages that are named; keep the pictures that the course shows."""
    with tempfile.TemporaryDirectory() as parent:
        folder = folder_with_corpora(parent)
        for page in map(Path, sys.argv[1:] or [str(README)]):
            fill(page, folder)
        for kept in PICTURES.iterdir():
            if (drawn := folder / kept.name).exists():
                kept.write_bytes(drawn.read_bytes())


if __name__ == "__main__":
    main()
