"""The commands and the Python sessions in the README, and what they print.

`python -m tests.support.readme` runs them all and writes their real output into the README;
`test_readme.py` runs them and compares.
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
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
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


def main() -> None:
    """Write the real output of every command into the README."""
    with tempfile.TemporaryDirectory() as parent:
        folder = folder_with_corpora(parent)

        def fill(block: re.Match[str]) -> str:
            parts = []
            for part in re.split(r"^\$ ", block["body"], flags=re.M)[1:]:
                command = part.partition("\n")[0]
                print(command, file=sys.stderr)  # noqa: T201
                parts.append(f"$ {command}\n{run(command, folder)}")
            return f"{block['varies'] or ''}```console\n{''.join(parts)}```"

        filled = BLOCK.sub(fill, README.read_text())
        README.write_text(SESSION.sub(lambda block: replay(block[0], folder), filled))


if __name__ == "__main__":
    main()
