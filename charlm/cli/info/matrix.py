"""The bigram matrix, on a terminal and as a picture: shares in percent, or counts of texts."""

from collections.abc import Iterator

from charlm.arrays import Float64s
from charlm.cli.console import console, print_prose, shown_symbol
from charlm.cli.info.request import SIDE, Request
from charlm.cli.pictures.matrix import matrix as picture
from charlm.cli.pictures.svg import write_picture
from charlm.cli.tables import Piece, print_lines, width_of
from charlm.cli.tabular import Output, Row
from charlm.evaluation.bigram_matrix import BigramMatrix, bigram_matrix
from charlm.evaluation.frequencies import Frequencies
from charlm.trained import TrainedModel

SCHEMA = 1
MUCH, LITTLE = 0.2, 0.05  # shares of a row that stand out, and that stand back
NARROWEST = 3  # columns of a cell


def show_matrix(
    trained: TrainedModel, request: Request, frequencies: Frequencies | None, output: Output
) -> None:
    """Show what comes next after each of the most frequent symbols."""
    found = bigram_matrix(trained, request.top or SIDE, frequencies)
    if request.svg is not None:
        rows, columns = _shown(found.rows), _shown(found.columns)
        shades = (found.probabilities if found.counts is None else _shares(found)).tolist()
        title = f"{_what(found)}: {request.model}"
        write_picture(request.svg, picture("info", title, rows, columns, shades, _numbers(found)))
    if output.is_json:
        output.json({"schema": SCHEMA, "matrix": found.to_json()})
    elif output.is_asked_for:
        output.table(_rows(found))
    elif request.svg is None:
        _show(found)


def _what(found: BigramMatrix) -> str:
    return (
        "P(next symbol | symbol), in percent" if found.counts is None else "How often in the text"
    )


def _rows(found: BigramMatrix) -> Iterator[Row]:
    """Yield a row for each cell, the headings first."""
    counted = found.counts is not None
    yield ["symbol", "next", "probability", *(["count", "total"] if counted else [])]
    for i, row in enumerate(found.rows):
        for j, column in enumerate(found.columns):
            cell = [row, column, float(found.probabilities[i, j])]
            if found.counts is not None and found.totals is not None:
                cell += [int(found.counts[i, j]), int(found.totals[i])]
            yield cell


def _show(found: BigramMatrix) -> None:
    """Draw as many columns as a terminal has room for."""
    numbers, rows, columns = _numbers(found), _shown(found.rows), _shown(found.columns)
    label = max(map(width_of, rows))
    wide = max(map(width_of, [*columns, *(n for row in numbers for n in row), NARROWEST * " "])) + 1
    room = max(1, (console().width - label) // wide)
    shares = found.probabilities if found.counts is None else _shares(found)
    print_lines([[(f"{_what(found)}; row: read, column: next", "")], []])
    print_lines(
        [[(_padded("", label) + "".join(_padded(c, wide) for c in columns[:room]), "bold")]]
    )
    for i, row in enumerate(rows):
        pieces: list[Piece] = [(_padded(row, label), "bold")]
        for share, number in zip(shares[i].tolist()[:room], numbers[i], strict=False):
            style = "bold" if share >= MUCH else "dim" if share < LITTLE else ""
            pieces.append((_padded(number, wide), style))
        print_lines([pieces], "leave")
    if room < len(columns):
        print_prose(f"{len(columns) - room} more columns: widen the terminal, or --svg, --json.")


def _numbers(found: BigramMatrix) -> list[list[str]]:
    """Write the cells: counts, nothing for zero; or percent, a dot for what rounds to zero."""
    if found.counts is not None:
        return [[f"{n:,}" if n else "" for n in row] for row in found.counts.tolist()]
    return [
        [(f"{100 * p:z.0f}" if p >= 0.005 else ".") if p else "" for p in row]
        for row in found.probabilities.tolist()
    ]


def _shares(found: BigramMatrix) -> Float64s:
    """Return what the counts are of their row's total; nothing is nothing of nothing."""
    assert found.counts is not None
    assert found.totals is not None
    shares: Float64s = found.counts / found.totals.clip(1)[:, None]
    return shares


def _shown(names: tuple[str, ...]) -> list[str]:
    return [shown_symbol(name) for name in names]


def _padded(words: str, width: int) -> str:
    return " " * (width - width_of(words)) + words
