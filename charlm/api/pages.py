"""A scored text as a page for a browser: what `charlm score --html` writes."""

from collections.abc import Sequence

from charlm.errors import UsageError
from charlm.evaluation import bits
from charlm.evaluation.bits import Evaluation
from charlm.surprisal.cells import cells, difference
from charlm.surprisal.heat import HeatMap
from charlm.surprisal.page.document import PLACES, Subject, page
from charlm.surprisal.scores import alternatives, place
from charlm.trained import TrainedModel

NAMES = ("the model", "the other model")


def html(models: Sequence[TrainedModel], texts: Sequence[str], title: str, top: int) -> str:
    """Return a page about a text, as each of one or two models' units decodes it.

    With `top` the likeliest symbols of the first model are named where bits stand out.

    Raises:
        UsageError: the models do not read the same text, or `top` is negative.
    """
    if top < 0:
        raise UsageError("top is a number of symbols, 0 or more")
    pairs = list(zip(models, texts, strict=True))
    scored = [bits.score(trained, text) for trained, text in pairs]
    read = [place(*pair, own) for pair, own in zip(pairs, scored, strict=True)]
    first, *second = read
    if second:
        heat_map = HeatMap(*difference(first, second[0], "character"))
    else:
        heat_map = HeatMap(cells(first, "character"))
    places = heat_map.places(PLACES).tolist()
    begins = [0, *heat_map.cells.symbols.cumsum().tolist()]
    at = sorted(begins[cell] for cell in places) if top else []
    found = dict(zip(at, alternatives(models[0], first.ids, at, top), strict=True))
    signatures = (trained.signature() for trained in models)
    subject = Subject(
        title=title,
        cells="characters",
        models=NAMES[: len(models)],
        signatures=[f"{name}: {one}" for name, one in zip(NAMES, signatures, strict=False)],
        figures=_figures(
            [bits.sum_up(*pair, own) for pair, own in zip(pairs, scored, strict=True)]
        ),
        places=places,
        expected=[found[begins[cell]] for cell in places] if top else (),
    )
    return b"".join(page(heat_map, subject)).decode()


def _figures(evaluations: Sequence[Evaluation]) -> list[tuple[str, str]]:
    """Say what the text cost, in short."""
    first, *second = evaluations
    rows = [(f"bits/{first.unit}", first.bits_per_unit)]
    rows += [(f"bits/{other.unit}, against", other.bits_per_unit) for other in second]
    shown = [(name, "none" if value is None else f"{value:z,.3f}") for name, value in rows]
    counts = (("symbols", first.symbols), ("unknown", first.unknown_symbols))
    total = ("bits", f"{first.total_bits:z,.0f}")
    return [*shown, total, *((name, f"{count:,}") for name, count in counts)]
