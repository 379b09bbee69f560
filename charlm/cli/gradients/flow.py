"""How far back gradients reach: curves, and what each of them shows in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from charlm import storage
from charlm.arrays import Float64s
from charlm.cli.asked import Asked
from charlm.cli.charts import COLOURS, MARKS, PLAIN_MARKS, Curve, log_chart
from charlm.cli.console import console, one_line, say
from charlm.cli.pictures.curves import Series, curves
from charlm.cli.pictures.svg import check_picture, write_picture
from charlm.cli.tables import Piece, print_lines
from charlm.cli.tabular import Output, Row
from charlm.errors import TextError, UsageError
from charlm.rnn.config import RnnConfig
from charlm.rnn.gradients.flow import gradient_flow, halving
from charlm.rnn.gradients.untrained import UntrainedFlow, untrained_flow
from charlm.rnn.model import RnnModel
from charlm.text import corpus
from charlm.text.corpus import Document
from charlm.text.rows import RowOptions

SCHEMA = 1
HEIGHT, WIDEST, LABEL = 16, 72, 7  # of the chart, and of what stands before it


@dataclass(frozen=True, eq=False)
class Flow:
    """The norms of a model's gradients by lag, (lags + 1,), and the lags in which they halve.

    Of a network that is untrained it is known besides what W is.
    """

    model: str
    norms: Float64s
    halves_every: float
    untrained: UntrainedFlow | None = None

    def to_json(self) -> dict[str, Any]:
        """Return JSON types; what never halves has no number."""
        halves_every = None if self.halves_every == inf else self.halves_every
        norms = self.norms.tolist()
        known = {"model": self.model, "norms": norms, "halves_every": halves_every}
        if self.untrained is None:
            return known
        singular, eigenvalues = self.untrained.singular_values, self.untrained.eigenvalues
        more = {"scale": self.untrained.scale, "singular_values": singular.tolist()}
        return known | more | {"absolute_eigenvalues": eigenvalues.tolist()}


def show_flow(
    models: Sequence[str],
    text: str,
    lags: int,
    asked: Asked,
    svg: str | None,
    *,
    encoding: str,
    errors: str,
    column: str | None,
    as_text: bool,
) -> None:
    """Find how far back the gradients of each model reach on a text, and show it.

    Raises:
        UsageError: a model is no recurrent network with a hidden state.
        TextError: the text cannot be read, or is shorter than the lags.
    """
    document, *others = corpus.read([text], note=say, options=RowOptions(column, as_text))
    if others:
        raise UsageError(f"{text}: gradients are those of one text; name a single file")
    output = Output(asked)
    output.check(*models, document.name)
    check_picture(svg, *models, document.name, force=asked.force)
    _show([_flow(model, document, lags, encoding, errors) for model in models], output, svg)


def show_untrained(
    scales: Sequence[float],
    draw: str,
    hidden: int,
    activation: str,
    seed: int,
    lags: int,
    asked: Asked,
    svg: str | None,
) -> None:
    """Show how gradients flow through networks that have learnt nothing, by the scale of W.

    Raises:
        UsageError: a scale is too large for so many lags.
    """
    output = Output(asked)
    output.check()
    check_picture(svg, force=asked.force)
    config = RnnConfig(activation=activation, hidden=hidden)
    found = [untrained_flow(scale, config, lags, draw, seed) for scale in scales]
    flows = [Flow(f"scale {f.scale:g}", f.norms, halving(f.norms), f) for f in found]
    _show(flows, output, svg)


def _show(flows: Sequence[Flow], output: Output, svg: str | None) -> None:
    if svg is not None:
        series = [Series(_told(flow), [*enumerate(flow.norms.tolist())]) for flow in flows]
        title, lag = "Gradients back through time", "lag k, in symbols"
        norm = "norm of dl_t/dh_(t-k)"
        write_picture(svg, curves("gradients flow", title, series, lag, norm, log=True))
    if output.is_json:
        norms = {"schema": SCHEMA, "models": [flow.to_json() for flow in flows]}
        output.json(norms)
    elif output.is_asked_for:
        output.table(_rows(flows))
    elif svg is None:
        _show_curves(flows)


def _told(flow: Flow) -> str:
    return f"{flow.model}: {sentence(flow.norms, flow.halves_every)}"


def _rows(flows: Sequence[Flow]) -> Iterator[Row]:
    """Yield a row for each model and lag, the headings first."""
    yield ["model", "lag", "norm"]
    for flow in flows:
        for lag, norm in enumerate(flow.norms.tolist()):
            yield [flow.model, lag, norm]


def _flow(model: str, document: Document, lags: int, encoding: str, errors: str) -> Flow:
    trained = storage.load(model)
    if not isinstance(trained.model, RnnModel):
        raise UsageError(f"{model}: only recurrent networks have gradients through time")
    ids = trained.tokenizer.encode(document.text(trained.tokenizer.unit, encoding, errors))
    try:
        norms = gradient_flow(trained.model, ids, lags)
    except (TextError, UsageError) as error:
        raise error.about(model) from None
    return Flow(model, norms, halving(norms))


def _show_curves(flows: Sequence[Flow]) -> None:
    """Draw a chart, and say in a sentence what each curve shows."""
    screen = console()
    marks = PLAIN_MARKS if screen.options.ascii_only else MARKS
    drawn = [
        Curve(flow.model, flow.norms.tolist(), marks[i % len(marks)], COLOURS[i % len(COLOURS)])
        for i, flow in enumerate(flows)
    ]
    width = max(10, min(WIDEST, screen.width - LABEL - 3))
    last = len(flows[0].norms) - 1
    print_lines([[("norm of the gradient", "")]])
    print_lines(_chart(drawn, width, "|" if screen.options.ascii_only else "│"), "leave")
    print_lines([[(f"{'':>{LABEL}}  0{f'{last} symbols back':>{width - 1}}", "")]])
    for curve, flow in zip(drawn, flows, strict=True):
        print_lines([[(curve.mark, curve.colour), (one_line(f" {_told(flow)}"), "")]])
        if flow.untrained is not None:
            print_lines([[(f"  {_of_W(flow.untrained)}", "")]])


def _of_W(flow: UntrainedFlow) -> str:  # noqa: N802
    """Say what W is, by which its powers shrink or grow."""
    singular, own = flow.singular_values, flow.eigenvalues
    return (
        f"W: singular values {singular[0]:z.3f} to {singular[-1]:z.3f}, "
        f"|eigenvalues| {own[0]:z.3f} to {own[-1]:z.3f}"
    )


def _chart(curves: Sequence[Curve], width: int, axis: str) -> Iterator[list[Piece]]:
    for label, cells in log_chart(curves, width, HEIGHT):
        yield [(f"{label:>{LABEL}} {axis}", ""), *cells]


def sentence(norms: Float64s, halves: float) -> str:
    """Say what a curve shows."""
    last = len(norms) - 1
    reach = max((k for k, norm in enumerate(norms) if norm > 0), default=0)
    if reach == 0:
        return "nothing reaches back"
    end = f", nothing comes from more than {reach} symbols back" if reach < last else ""
    if halves == inf:
        return f"neither vanishes nor explodes over {reach} symbols{end}"
    number = f"{abs(halves):z.0f}" if abs(halves) >= 10 else f"{abs(halves):z.1f}"
    share = f"after {reach}, {norms[reach] / norms[0]:.1g} of it is left"
    if halves < 0:
        return f"doubles every {number} symbols: it explodes{end}"
    return f"halves every {number} symbols: {share}{end}"
