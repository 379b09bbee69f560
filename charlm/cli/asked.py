"""What was asked for of a command's data: as CSV, as JSON, to a file. It imports nothing heavy."""

from dataclasses import dataclass
from pathlib import Path

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
SHEET_SUFFIXES = (".csv", ".tsv")


@dataclass(frozen=True)
class Asked:
    """The options by their names; `output` None is standard output, as is `-`.

    Where neither CSV nor JSON is asked for, the ending of the file's name tells.
    """

    as_csv: bool = False
    as_json: bool = False
    output: str | None = None
    force: bool = False

    @property
    def suffix(self) -> str:
        """The ending of the file's name, in small letters."""
        return Path(self.output or "").suffix.lower()

    @property
    def is_json(self) -> bool:
        """Whether objects of JSON are wanted."""
        return self.as_json or (not self.as_csv and self.suffix in JSON_SUFFIXES)

    @property
    def is_table(self) -> bool:
        """Whether rows of a table are asked for by name."""
        return self.as_csv or (not self.as_json and self.suffix in SHEET_SUFFIXES)

    @property
    def is_given(self) -> bool:
        """Whether anything is asked for: data are wanted, also where somebody looks on."""
        return self.as_csv or self.as_json or self.output is not None
