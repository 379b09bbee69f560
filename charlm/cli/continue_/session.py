"""What `charlm continue` does: it reads lines, and lets the model go on or does what they ask."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from charlm import storage
from charlm.cli.console import complain, say, text_writer
from charlm.cli.continue_.page import Page
from charlm.cli.files import check_output
from charlm.cli.tabular import say_written
from charlm.errors import CharlmError, UsageError
from charlm.files.writing import write_atomically
from charlm.sampling.continuing import Continuation
from charlm.sampling.drawing import SamplingConfig
from charlm.text.pieces import LINE_END

N = TypeVar("N", int, float)
STEPS = {"+": 0.1, "-": -0.1}  # of the temperature
HOW = (
    "Enter goes on, and what you type is added. + and - change the temperature; /undo, /again, "
    "/text, /save FILE, /length N; Ctrl-D ends."
)


@dataclass(frozen=True)
class Asked:
    """The options by their names."""

    model: str
    prompt: str
    length: int
    temperature: float
    top_k: int | None
    top_p: float | None
    seed: int | None
    output: str | None
    force: bool


def talk(asked: Asked) -> None:
    """Let a text grow until the lines end; then write it where it is to go.

    Raises:
        UsageError: a line asks for what there is not, and nobody is there to be told.
        OutputError: the text cannot be written.
    """
    if asked.output:
        check_output(asked.output, None, asked.model, force=asked.force)
    trained = storage.load(asked.model)
    config = SamplingConfig(asked.temperature, asked.top_k, asked.top_p)
    rng = np.random.default_rng(asked.seed)
    text = Continuation(trained, config, asked.length, rng)
    Session(text, Page(trained.tokenizer.unit.encoding), asked).run()


@dataclass(frozen=True)
class Session:
    """A text that grows, where it is shown, and what was asked for."""

    text: Continuation
    page: Page
    asked: Asked

    def run(self) -> None:
        """Do what each line says; then write the text."""
        if sys.stdin.isatty():
            say(HOW)
        if prompt := self._typed(self.asked.prompt):
            self.text.begin(prompt)
            self.page.write(prompt)
        for line in lines():
            try:
                if not self._do(line):
                    break
            except CharlmError as error:
                if not sys.stdin.isatty():
                    raise
                complain(str(error))
                self.page.write_again(self.text.text)
        self._end()

    def _typed(self, text: str) -> str:
        return self.text.trained.tokenizer.unit.from_typed(text)

    def _do(self, line: str) -> bool:
        """Do what a line says; tell whether there is to be another."""
        name, _, value = line.partition(" ")
        if name == "/quit":
            return False
        if line in STEPS:
            warmer = round(self.text.config.temperature + STEPS[line], 2)
            self._command("/temperature", f"{max(0.0, warmer)}")
        elif line.startswith("/") and not line.startswith("//"):
            self._command(name, value.strip())
        else:
            self._go_on(self._typed(line.removeprefix("/") if line.startswith("//") else line))
        return True

    def _command(self, name: str, value: str) -> None:
        commands: dict[str, Callable[[str], None]] = {
            "/temperature": self._temperature,
            "/length": self._length,
            "/undo": self._undo,
            "/again": self._again,
            "/text": self._show_all,
            "/save": self._save,
            "/help": lambda _: say(HOW),
        }
        if name not in commands:
            raise UsageError(f"{name}: is no command; there are {', '.join(commands)} and /quit")
        commands[name](value)
        if name not in ("/again", "/text"):  # which have shown it
            self.page.write_again(self.text.text)

    def _go_on(self, typed: str) -> None:
        self.text.begin(typed)
        if self.page.is_one:
            self.page.rejoin(self.text.text)
        else:
            self.page.write(typed)
        self._draw()

    def _draw(self) -> None:
        try:
            for piece in self.text.go_on():
                self.page.write(piece)
        except KeyboardInterrupt:  # has enough of this turn
            if not sys.stdin.isatty():
                raise

    def _temperature(self, value: str) -> None:
        temperature = number(float, "temperature", value)
        self.text.config = replace(self.text.config, temperature=temperature)
        say(f"Temperature {temperature:g}.")

    def _length(self, value: str) -> None:
        length = number(int, "length", value)
        if length < 1:
            raise UsageError("the length is a number of symbols, at least 1")
        self.text.length = length

    def _undo(self, _: str) -> None:
        if self.text.undo() is None:
            raise UsageError("there is no turn to take back")

    def _again(self, _: str) -> None:
        turn = self.text.undo()
        if turn is None:
            raise UsageError("there is no turn to write again")
        self.text.begin(turn.typed)
        self.page.write_again(self.text.text)
        self._draw()

    def _show_all(self, _: str) -> None:
        self.page.write(self.text.text)

    def _save(self, value: str) -> None:
        if not value:
            raise UsageError("/save needs the name of a file")
        check_output(value, None, self.asked.model, force=self.asked.force)
        write_atomically(value, [self._data])
        say_written(value)

    @property
    def _data(self) -> bytes:
        """The text as a file holds it, its last line closed."""
        text = self.text.text
        text += LINE_END * (text != "" and not text.endswith(LINE_END))
        return text.encode(self.text.trained.tokenizer.unit.encoding or "utf-8", "replace")

    def _end(self) -> None:
        if self.page.is_shown:
            self.page.write(LINE_END)
        elif self.asked.output is None:
            encoding = self.text.trained.tokenizer.unit.encoding
            text_writer(encoding)(self._data.decode(encoding or "utf-8"))
        if self.asked.output:
            write_atomically(self.asked.output, [self._data])
            say_written(self.asked.output)


def lines() -> Iterator[str]:
    """Yield the lines of standard input without their ends, each as soon as it is typed."""
    while line := sys.stdin.buffer.readline():
        yield os.fsdecode(line).removesuffix("\n").removesuffix("\r")


def number(kind: Callable[[str], N], name: str, value: str) -> N:
    """Return the number that was typed.

    Raises:
        UsageError: it is none.
    """
    try:
        return kind(value)
    except ValueError:
        raise UsageError(f"/{name} needs a number, not {value!r}") from None
