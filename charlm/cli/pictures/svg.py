"""What all pictures share: the frame, fonts that have Chinese, light and dark, where they go.

A picture is one SVG without scripts and without anything fetched from elsewhere. It is light on
paper, and dark where the reader's screen is. Curves have the colours of Okabe and Ito (2008), which
colour-blind eyes tell apart, and dashes besides; classes are used and no CSS variables, since few
tools that convert SVG know them.
"""

from html import escape

from charlm.cli.files import check_output, refuse_other_formats
from charlm.cli.tabular import say_written
from charlm.files.replacing import Kind, beginning
from charlm.files.writing import write_atomically
from charlm.text.escaping import visible

MARK = "<!-- charlm "
PICTURE = Kind("a picture that charlm drew", lambda path: MARK.encode() in beginning(path))

CURVES = (  # the colour on white, that on black, and the dashes
    ("#0072b2", "#56b4e9", "none"),
    ("#d55e00", "#f0904a", "8 4"),
    ("#009e73", "#35c79c", "2 3"),
    ("#a8437f", "#e39ac4", "12 3 2 3"),
    ("#b07a00", "#e6b84d", "5 5"),
    ("#555555", "#bbbbbb", "1 4"),
)
SHADE, SHADE_ON_BLACK = "#0072b2", "#56b4e9"
FONTS = (
    'system-ui, "Noto Sans", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", '
    '"Microsoft YaHei", sans-serif'
)
STYLE = f"""text {{ font: 13px {FONTS}; fill: #222; }}
.title {{ font-size: 15px; font-weight: 600; }}
.small {{ font-size: 11px; }}
.middle {{ text-anchor: middle; }}
.end {{ text-anchor: end; }}
.ground {{ fill: #fff; }}
.axis {{ stroke: #222; fill: none; }}
.grid {{ stroke: #ddd; fill: none; }}
.shade {{ fill: {SHADE}; }}
.curve {{ fill: none; stroke-width: 2; }}
"""
DARK = f"""text {{ fill: #eee; }}
.ground {{ fill: #16181d; }}
.axis {{ stroke: #eee; }}
.grid {{ stroke: #3a3d44; }}
.shade {{ fill: {SHADE_ON_BLACK}; }}
"""


def check_picture(output: str | None, *inputs: str, force: bool) -> None:
    """Refuse a picture's name that is read, promises another format, or belongs to another file.

    Raises:
        UsageError, OutputError: as `check_output`.
    """
    if output is not None:
        refuse_other_formats(output, (".svg",))
        check_output(output, PICTURE, *inputs, force=force)


def write_picture(output: str, drawn: str) -> None:
    """Write a picture, whole or not at all."""
    write_atomically(output, [drawn.encode()])
    say_written(output)


def picture(command: str, title: str, width: float, height: float, parts: list[str]) -> str:
    """Put parts into a frame; `command` says by which command it was drawn."""
    light = "".join(
        f".c{i} {{ stroke: {c}; }}\n.d{i} {{ stroke-dasharray: {d}; }}\n"
        for i, (c, _, d) in _curves
    )
    dark = "".join(f".c{i} {{ stroke: {c}; }}\n" for i, (_, c, _) in _curves)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img">\n'
        f"{MARK}{command} -->\n<title>{shown(title)}</title>\n"
        f"<style>\n{STYLE}{light}@media (prefers-color-scheme: dark) {{\n{DARK}{dark}}}\n</style>\n"
        f'<rect class="ground" width="{width:g}" height="{height:g}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def text(x: float, y: float, words: str, kind: str = "", more: str = "") -> str:
    """Return words that stand at a place; `kind` are classes."""
    return f'<text x="{x:z.1f}" y="{y:z.1f}" class="{kind}"{more}>{shown(words)}</text>'


def shown(words: str) -> str:
    """Make words safe to stand in a picture."""
    return escape(visible(words))


_curves = list(enumerate(CURVES))
