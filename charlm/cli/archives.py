"""Compressed texts: a file into a code, and back, with what is said of them."""

import lzma
import sys
from dataclasses import dataclass

from charlm import storage
from charlm.cli.console import progress_bar, say, warn
from charlm.cli.files import STANDARD_OUTPUT, check_output, write
from charlm.coding import archive, compression
from charlm.errors import UsageError, naming
from charlm.evaluation.ladder import LONGEST_COMPRESSED
from charlm.text import sources


@dataclass(frozen=True)
class Lengths:
    """Bytes of a text, of its code, and of what xz makes of it; None where that takes too long.

    `symbols` are its characters, or its bytes where it is no UTF-8, as `unit` says.
    """

    data: int
    symbols: int
    unit: str
    packed: int
    xz: int | None

    @classmethod
    def of(cls, data: bytes, packed: bytes) -> "Lengths":
        """Measure a text and its code."""
        try:
            symbols, unit = len(data.decode()), "char"
        except UnicodeDecodeError:
            symbols, unit = len(data), "byte"
        xz = len(lzma.compress(data, preset=9)) if len(data) <= LONGEST_COMPRESSED else None
        return cls(len(data), symbols, unit, len(packed), xz)

    def in_words(self) -> str:
        """Say how long the code is, and beside it that of xz."""
        xz = "" if self.xz is None else f"; xz: {self._cost(self.xz)}"
        return f"{self.data:,} bytes -> {self._cost(self.packed)}{xz}."

    def _cost(self, size: int) -> str:
        bits = f", {8 * size / self.symbols:z.3f} bits/{self.unit}" if self.symbols else ""
        return f"{size:,} bytes{bits}"


def compress_file(model: str, file: str, output: str, *, force: bool, adaptive: bool) -> None:
    """Write the code of a file.

    Raises:
        UsageError: the code would go to a terminal, or replace what is read.
        OutputError: a file of another kind stands there.
    """
    check_output(output, archive.ARCHIVE, model, file, force=force)
    if output == STANDARD_OUTPUT and sys.stdout.isatty():
        raise UsageError("a code is no text for a terminal; name a file, or use a pipe")
    trained = storage.load(model)
    data = sources.raw(file)
    with naming(file), progress_bar() as report:
        packed = compression.compress(trained, data, adaptive=adaptive, report=report)
    write(output, packed)
    say(Lengths.of(data, packed).in_words())


def restore_file(model: str, file: str, output: str, *, force: bool) -> None:
    """Write the text that a code stands for.

    Raises:
        UsageError: the text would replace what is read.
        OutputError: a file stands there already.
        CompressedFileError: the file is no code of this model.
    """
    check_output(output, None, model, file, force=force)
    trained, data = storage.load(model), sources.raw(file, archive.MAGIC)
    with naming(file):
        packed = archive.unpack(data)
        if packed.made_on not in ("", archive.machine()):
            warn(
                f"{file} was made on {packed.made_on}, this is {archive.machine()}: "
                "the model's numbers may differ in their last bits, and then it cannot be restored."
            )
        with progress_bar() as report:
            data = compression.decompress(trained, packed, report)
    write(output, data)
    say(f"{packed.symbols:,} symbols -> {len(data):,} bytes, as they were.")
