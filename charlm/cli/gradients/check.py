"""The errors of all gradients: a table, a verdict, an exit code."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from charlm.cli.asked import Asked
from charlm.cli.tables import Cell, Column, print_table, table
from charlm.cli.tabular import Output, Row
from charlm.rnn.config import RnnConfig
from charlm.rnn.gradients import check

SCHEMA = 1


@dataclass(frozen=True)
class Errors:
    """The relative errors of a network's gradients, by parameter."""

    config: RnnConfig
    by_parameter: dict[str, float]

    @property
    def name(self) -> str:
        """The pattern and the cell."""
        pattern, cell, *_ = self.config.describe().values()
        return f"{pattern} {cell}"


@dataclass(frozen=True)
class Check:
    """The errors of all networks, and what is made of them."""

    networks: list[Errors]

    @property
    def worst(self) -> float:
        """The largest error of all."""
        return max(error for one in self.networks for error in one.by_parameter.values())

    @property
    def right(self) -> bool:
        """Whether every error can be one of rounding."""
        return self.worst < check.TOLERANCE

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return {
            "schema": SCHEMA,
            "tolerance": check.TOLERANCE,
            "worst": self.worst,
            "right": self.right,
            "networks": [
                {**one.config.describe(), "errors": one.by_parameter} for one in self.networks
            ],
        }


def show_errors(asked: Asked) -> int:
    """Check all gradients, and show the errors; return the exit code."""
    output = Output(asked)
    output.check()
    found = Check([Errors(config, check.errors_of(config)) for config in check.configurations()])
    if output.is_json:
        output.json(found.to_json())
    elif output.is_asked_for:
        output.table(_rows(found.networks))
    else:
        _show_table(found.networks)
        verdict = "All gradients are right" if found.right else "Some gradients are wrong"
        click.echo(f"{verdict}: the largest error is {found.worst:.1e}.")
    return 0 if found.right else 1


def _rows(networks: list[Errors]) -> Iterator[Row]:
    """Yield a row for each parameter of each network, the headings first."""
    described = list(dict.fromkeys(name for one in networks for name in one.config.describe()))
    yield [*described, "parameter", "error"]
    for one in networks:
        known = one.config.describe()
        for name, error in one.by_parameter.items():
            yield [*(known.get(column, "") for column in described), name, error]


def _show_table(networks: list[Errors]) -> None:
    """Show a row for each network, and a column for each parameter that some of them have."""
    parameters = list(dict.fromkeys(name for one in networks for name in one.by_parameter))
    columns = [Column("", "left", "between words"), *map(Column, parameters)]
    print_table(table("", columns, ([one.name, *_cells(one, parameters)] for one in networks)))


def _cells(one: Errors, parameters: list[str]) -> Iterator[Cell]:
    for name in parameters:
        error = one.by_parameter.get(name)
        if error is None:
            yield ""
        else:
            yield f"{error:.0e}", "" if error < check.TOLERANCE else "bold red"
