"""A matrix in a picture: the darker a cell, the more; its number stands in it."""

from collections.abc import Sequence

from charlm.cli.pictures.svg import picture, shown, text

CELL, SIDE, HEAD, EDGE = 30.0, 64.0, 92.0, 12.0


def matrix(
    command: str,
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    shades: Sequence[Sequence[float]],
    numbers: Sequence[Sequence[str]],
) -> str:
    """Draw cells by their shades, 0 to 1, with their numbers; rows and columns are named."""
    parts = [text(EDGE, 26, title, "title"), text(EDGE, 46, "row: read; column: next", "small")]
    for j, column in enumerate(columns):
        parts.append(text(SIDE + CELL * (j + 0.5), HEAD - 8, column, "middle"))
    for i, row in enumerate(rows):
        y = HEAD + CELL * i
        parts.append(text(SIDE - 8, y + CELL / 2 + 4, row, "end"))
        for j, (shade, number) in enumerate(zip(shades[i], numbers[i], strict=True)):
            x = SIDE + CELL * j
            parts.append(
                f"<g><title>{shown(f'{row} then {columns[j]}: {number or 0}')}</title>"
                f'<rect class="ground" x="{x:g}" y="{y:g}" width="{CELL:g}" height="{CELL:g}"/>'
                f'<rect class="shade" x="{x:g}" y="{y:g}" width="{CELL - 1:g}" '
                f'height="{CELL - 1:g}" opacity="{0.55 * shade:z.3f}"/>'
                f"{text(x + CELL / 2, y + CELL / 2 + 4, number, 'middle small')}</g>"
            )
    width = max(SIDE + CELL * len(columns) + EDGE, 9.0 * len(title) + 2 * EDGE)
    return picture(command, title, width, HEAD + CELL * len(rows) + EDGE, parts)
