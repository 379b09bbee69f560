"""Back-propagation through time of a short text, every number in a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from charlm import storage
from charlm.arrays import Floats
from charlm.cli.asked import Asked
from charlm.cli.console import print_prose, shown_symbol
from charlm.cli.tables import Column, print_table, table
from charlm.cli.tabular import Output, Row
from charlm.errors import UsageError
from charlm.evaluation.inspection import named
from charlm.rnn.gradients.trace import Step, Trace, by_hand, trace
from charlm.rnn.model import RnnModel
from charlm.text.vocabulary import START_NAME

SCHEMA = 1
MOST = 12  # units, symbols and steps that a table can show
CLOSED = "closed form"
COLUMNS = ("h", "o", "p", "d_o", "d_h_from_output", "d_h_from_later", "d_h", "d_a", "closed_form")


@dataclass(frozen=True)
class Traced:
    """A trace, what it is of, and the names of its symbols, START's last."""

    of: str | None
    trace: Trace
    symbols: Sequence[str]

    @property
    def units(self) -> list[str]:
        """Return the names of hidden units."""
        return [f"h{i + 1}" for i in range(self.trace.config.hidden)]

    def to_json(self) -> dict[str, Any]:
        """Return JSON types; symbols by their names, vectors and matrices as lists."""
        found = self.trace
        return {
            "schema": SCHEMA,
            "model": self.of,
            **found.config.describe(),
            "symbols": list(self.symbols),
            "parameters": {name: array.tolist() for name, array in found.parameters.items()},
            "steps": [self._step(t, step) for t, step in enumerate(found.steps, start=1)],
            "loss": found.loss,
            "gradients": {name: array.tolist() for name, array in found.gradients.items()},
            "numeric_W": found.numeric_W.tolist(),
        }

    def _step(self, t: int, step: Step) -> dict[str, Any]:
        vectors = {name: getattr(step, name) for name in (*COLUMNS, "term")}
        known = {"t": t, "read": self.symbols[step.read], "target": self.symbols[step.target]}
        given = {name: None if v is None else v.tolist() for name, v in vectors.items()}
        return {**known, "loss": step.loss, **given}


def show_trace(
    model: str | None, text: str, units: int, activation: str, seed: int, asked: Asked
) -> None:
    """Follow a text through a network and back; without a model through one drawn for paper.

    Raises:
        UsageError: the network is none that is traced, or too large for a table.
        TextError: the text is empty.
    """
    output = Output(asked)
    output.check(*([] if model is None else [model]))
    found = _untrained(text, units, activation, seed) if model is None else _trained(model, text)
    if output.is_json:
        output.json(found.to_json())
    elif output.is_asked_for:
        output.table(_rows(found))
    else:
        _refuse_large(found)
        _show(found)


def _untrained(text: str, units: int, activation: str, seed: int) -> Traced:
    """Draw a network that knows the letters of the text and no other."""
    letters = sorted(set(text))
    ids = np.array([letters.index(letter) for letter in text], np.int32)
    config, parameters = by_hand(units, activation, len(letters), seed)
    return Traced(None, trace(config, parameters, ids), [*letters, START_NAME])


def _trained(model: str, text: str) -> Traced:
    trained = storage.load(model)
    if not isinstance(trained.model, RnnModel):
        raise UsageError(f"{model}: only recurrent networks have gradients through time")
    ids = trained.tokenizer.encode_prompt(trained.tokenizer.unit.from_typed(text))
    try:
        found = trace(trained.model.config, trained.model.parameters, ids)
    except UsageError as error:
        raise error.about(model) from None
    names = [named(trained, i) for i in range(trained.tokenizer.start + 1)]
    return Traced(model, found, names)


def _refuse_large(found: Traced) -> None:
    sizes = {"hidden units": found.trace.config.hidden, "symbols": len(found.symbols) - 1}
    sizes["steps"] = len(found.trace.steps)
    for what, size in sizes.items():
        if size > MOST:
            raise UsageError(
                f"{size} {what} are too many for a table, which has room for {MOST}; "
                "--json writes them all, and without a model a small network is drawn"
            )


def _rows(found: Traced) -> Iterator[Row]:
    """Yield a row for each number of each step, the headings first."""
    yield ["t", "quantity", "row", "column", "value"]
    symbols = found.symbols[:-1]
    for t, step in enumerate(found.trace.steps, start=1):
        yield [t, "loss", "", "", step.loss]
        for name in COLUMNS:
            names = symbols if name in ("o", "p", "d_o") else found.units
            for row, value in zip(names, _listed(getattr(step, name)), strict=False):
                yield [t, name, row, "", value]
        for row, values in zip(found.units, step.term.tolist(), strict=True):
            for column, value in zip(found.units, values, strict=True):
                yield [t, "term", row, column, value]


def _listed(vector: Floats | None) -> list[float]:
    return [] if vector is None else vector.tolist()


def _show(found: Traced) -> None:
    symbols = [shown_symbol(name) for name in found.symbols]
    parameters, linear = found.trace.parameters, found.trace.config.activation == "linear"
    a = "W h_(t-1) + U x_t + b"
    h = a if linear else f"{found.trace.config.activation}({a})"
    print_prose(f"There: h_t = {h}, o_t = V h_t + c, p_t = softmax(o_t)")
    for name, rows, columns in (
        ("W", found.units, found.units), ("U", found.units, symbols),
        ("V", symbols[:-1], found.units),
    ):  # fmt: skip
        _show_matrix(name, parameters[name], rows, columns)
    for name, rows in (("b", found.units), ("c", symbols[:-1])):
        if parameters[name].any():
            _show_matrix(name, parameters[name][:, None], rows, [name])
    _show_forward(found, symbols)
    steps = len(found.trace.steps)
    print_prose(f"L = -(1/{steps}) sum of ln p_t(y_t) = {_number(found.trace.loss)} nats")
    _show_backward(found, symbols, is_linear=linear)
    _show_sum(found)
    _show_verdict(found)


def _show_matrix(name: str, matrix: Floats, rows: Sequence[str], columns: Sequence[str]) -> None:
    headings = [Column(name, "left"), *map(Column, columns)]
    cells = (
        [row, *map(_number, values)] for row, values in zip(rows, matrix.tolist(), strict=True)
    )
    print_table(table("", headings, cells))


def _show_forward(found: Traced, symbols: Sequence[str]) -> None:
    """Show x_t, h_t, o_t, p_t and what the true symbol costs, vectors as columns."""
    headings = [Column("t"), Column("x_t", "left"), Column("h_t"), Column("", "left")]
    headings += [Column("o_t"), Column("p_t"), Column("y_t", "left"), Column("-ln p_t(y_t)")]
    rows = [
        [str(t), symbols[s.read], _column(s.h), "\n".join(symbols[:-1]), _column(s.o),
         _column(s.p), symbols[s.target], _number(s.loss)]
        for t, s in enumerate(found.trace.steps, start=1)
    ]  # fmt: skip
    print_table(table("", headings, _apart(rows)))


def _show_backward(found: Traced, symbols: Sequence[str], *, is_linear: bool) -> None:
    """Show dL/do_t and what dL/dh_t is made of, from the last step back."""
    steps = len(found.trace.steps)
    print_prose(f"Back: dL/do_t = (p_t - y_t)/{steps}, dL/dh_t = V'dL/do_t + W'dL/da_(t+1)")
    last = CLOSED if is_linear else "dL/da_t"
    headings = [Column("t"), Column("", "left"), Column("dL/do_t"), Column("V'dL/do_t")]
    headings += [Column("W'dL/da_(t+1)"), Column("dL/dh_t"), Column(last)]
    rows = []
    for t, s in reversed(list(enumerate(found.trace.steps, start=1))):
        beside = s.d_a if s.closed_form is None else s.closed_form
        columns = (s.d_o, s.d_h_from_output, s.d_h_from_later, s.d_h, beside)
        rows.append([str(t), "\n".join(symbols[:-1]), *map(_column, columns)])
    print_table(table("", headings, _apart(rows)))


def _show_sum(found: Traced) -> None:
    """Show what each step adds to dL/dW, the sum, and the numeric derivative."""
    print_prose("dL/dW is the sum of dL/da_t h_(t-1)'")
    headings = [
        Column("t", "left"),
        Column("dL/da_t"),
        Column("h_(t-1)'"),
        *map(Column, found.units),
    ]
    before = np.zeros(len(found.units))
    rows = []
    for t, s in enumerate(found.trace.steps, start=1):
        rows.append([str(t), _column(s.d_a), "\n".join(_written(before)), *_columns(s.term)])
        before = s.h
    rows.append(["sum", "", "", *_columns(found.trace.gradients["W"])])
    rows.append(["numeric", "", "", *_columns(found.trace.numeric_W)])
    print_table(table("", headings, _apart(rows)))


def _show_verdict(found: Traced) -> None:
    """Say how far apart are what must be equal."""
    steps, gradient = found.trace.steps, found.trace.gradients["W"]
    differences = [abs(s.d_h - s.closed_form).max() for s in steps if s.closed_form is not None]
    numeric = abs(gradient - found.trace.numeric_W).max()
    said = f"dL/dW and its numeric derivative differ by {numeric:.0e} at most."
    if differences:
        said = f"dL/dh_t and its closed form differ by {max(differences):.0e} at most; {said}"
    print_prose(said)


def _apart(rows: list[list[str]]) -> list[list[str]]:
    """Leave a line between rows of columns."""
    for row in rows[:-1]:
        tallest = max(cell.count("\n") for cell in row)
        row[0] += "\n" * (tallest + 1)
    return rows


def _column(vector: Floats) -> str:
    return "\n".join(_written(vector))


def _columns(matrix: Floats) -> list[str]:
    return [_column(column) for column in matrix.T]


def _written(vector: Floats) -> list[str]:
    return [_number(value) for value in vector.tolist()]


def _number(value: float) -> str:
    return f"{value:z.4f}"
