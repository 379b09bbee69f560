"""The page itself: parts put together, everything that comes from outside escaped.

It says what was scored, by which models, and what that cost; below it the text. Nothing is fetched:
no script, style, font or picture.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

from charlm.files.replacing import Kind, beginning
from charlm.surprisal.colours import CLASSES, Scale
from charlm.surprisal.heat import HeatMap
from charlm.surprisal.page import charts
from charlm.surprisal.page.blocks import arrays, blocks, shown_texts
from charlm.surprisal.scores import Alternative
from charlm.text.escaping import visible
from charlm.version import __version__

GENERATOR = b'<meta name="generator" content="charlm '
PAGE = Kind("a page that charlm wrote", lambda path: GENERATOR in beginning(path))
BEFORE, AFTER = 28, 20  # characters around a place
PLACES = 24


@dataclass(frozen=True)
class Subject:
    """What a page is about: the text, the models (one, or two compared), and their figures.

    `cells` names what the heat map is cut into, in the plural. `figures` are captions with what is
    said of each. `expected` has for each of `places`, cells of the heat map, the likeliest symbols
    there; it may be empty.
    """

    title: str
    cells: str
    models: Sequence[str]
    signatures: Sequence[str]
    figures: Sequence[tuple[str, str]]
    places: Sequence[int]
    expected: Sequence[Sequence[Alternative]] = ()


def page(heat_map: HeatMap, subject: Subject) -> Iterator[bytes]:
    """Return the page in pieces."""
    texts = shown_texts(heat_map.cells.texts)
    parts = {
        "version": __version__,
        "title": escape(visible(subject.title)),
        **_words(heat_map, subject),
        "figures": "\n".join(map(_figure, subject.figures)),
        "histogram": charts.histogram(heat_map),
        "course": charts.course(heat_map),
        "places": "\n".join(_places(heat_map, subject)),
        "legend": _legend(heat_map.scale),
        "signatures": "\n".join(f"<p>{escape(visible(s))}</p>" for s in subject.signatures),
        "style": _style(heat_map.scale),
        "script": _file("script.js"),
        "data": _json(heat_map, texts, subject.models),
    }
    for piece in _file("page.html").split("{{"):
        name, found, rest = piece.partition("}}")
        if not found:
            yield piece.encode()
            continue
        if name == "blocks":
            yield from (block.encode() for block in blocks(heat_map.cells, texts))
        else:
            yield parts[name].encode()
        yield rest.encode()


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _words(heat_map: HeatMap, subject: Subject) -> dict[str, str]:
    """Say what is shown: one model's bits, or a difference."""
    names = [f"<b>{escape(visible(model))}</b>" for model in subject.models]
    cells = escape(subject.cells.capitalize())
    if heat_map.scale.is_difference:
        return {
            "kind": "Difference in surprisal",
            "models": f"{names[0]} (blue: knows better) beside {names[1]} (red)",
            "histogram_caption": f"{cells} by difference in bits",
            "course_caption": "Mean difference through the text, in bits",
            "places_heading": "Where they differ most",
        }
    level = charts.base(heat_map)
    return {
        "kind": "Surprisal",
        "models": f"as {names[0]} reads it: the stronger the colour, the less expected",
        "histogram_caption": f"{cells} by bits",
        "course_caption": f"Mean bits through the text, above and below {level:z.2f}",
        "places_heading": "Most surprising places",
    }


def _figure(figure: tuple[str, str]) -> str:
    return "<div><dt>{}</dt><dd>{}</dd></div>".format(*map(escape, figure))


def _places(heat_map: HeatMap, subject: Subject) -> Iterator[str]:
    cells = heat_map.cells
    classes = heat_map.scale.classes(heat_map.values)
    for i, cell in enumerate(subject.places):
        before, after = (_quoted(text) for text in heat_map.context(cell, BEFORE, AFTER))
        expected = subject.expected[i] if subject.expected else ()
        yield (
            f'<li data-go="{cell}"><span class="bits">{heat_map.values[cell]:z.2f} bits</span>'
            f'<span class="where">{cells.line[cell]}:{cells.column[cell]}</span>'
            f'<q><span>{before}</span><b class="c{classes[cell]}">{_quoted(cells.texts[cell])}</b>'
            f"<span>{after}</span></q>"
            f"{_expected(expected)}</li>"
        )


def _expected(expected: Sequence[Alternative]) -> str:
    named = (
        f"<code>{_quoted(a.symbol.replace(' ', '␣'))}</code> {a.probability:.0%}" for a in expected
    )
    return f"<small>expected {', '.join(named)}</small>" if expected else ""


def _quoted(text: str) -> str:
    return escape(visible(text.replace("\n", "↵").replace("\t", "→")))


def _legend(scale: Scale) -> str:
    """Draw the scale: a swatch a class, and bits beneath some of them."""
    swatches = "".join(
        f'<i class="c{i}{" last" * (i == CLASSES - 1)}"></i>' for i in range(CLASSES)
    )
    marks = [0, CLASSES // 4, CLASSES // 2, 3 * CLASSES // 4]
    bits = [scale.low + (scale.top - scale.low) * i / 4 for i in range(4)]
    names = "".join(
        f'<span style="grid-column:{mark + 1}">{value:g}</span>'
        for mark, value in zip(marks, bits, strict=True)
    )
    end = f'<span class="end">{scale.top:g}+ bits</span>'
    return f'<div class="legend">{swatches}{names}{end}</div>'


def _style(scale: Scale) -> str:
    """Fill in the colours of both grounds."""
    rules = [
        f".c{i} {{ background: var(--g{i}); color: var(--l{i}); fill: var(--g{i}); }}"
        for i in range(CLASSES)
    ]
    style = _file("style.css").replace("{{rules}}", "\n".join(rules))
    for name, dark in (("light", False), ("dark", True)):
        colours = enumerate(scale.colours(dark))
        lines = [f"--g{i}: {c.ground}; --l{i}: {c.letters};" for i, c in colours]
        style = style.replace(f"{{{{{name}}}}}", "\n".join(lines))
    return style.replace("{{classes}}", str(CLASSES))


def _json(heat_map: HeatMap, texts: Sequence[str], models: Sequence[str]) -> str:
    """Return the script's data; nothing in it can end the element it stands in."""
    scale = heat_map.scale
    facts = {"models": models, "low": scale.low, "width": scale.width, "classes": CLASSES}
    data = json.dumps(facts | arrays(heat_map, texts), separators=(",", ":"))
    return data.replace("<", "\\u003c")
