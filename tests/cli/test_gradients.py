"""`charlm gradients`, and the charts it draws."""

import json
from pathlib import Path

import numpy as np
import pytest

from charlm.cli.charts import Curve, area, log_chart
from charlm.cli.gradients.flow import sentence
from charlm.rnn.cells import CELLS
from charlm.rnn.layers import output_layer
from charlm.rnn.networks import NETWORKS
from tests.cli.conftest import Charlm

QUICK = ("--hidden", "8", "--steps", "5", "--validations", "0")


def test_every_gradient_is_checked(charlm: Charlm) -> None:
    result = charlm("gradients", "check")
    assert result.code == 0
    assert "All gradients are right: the largest error is " in result.out
    facts = json.loads(charlm("gradients", "check", "--json").out)
    assert facts["right"] is True
    assert facts["worst"] < facts["tolerance"] == 1e-6
    kinds = {(n["pattern"], n["cell"]) for n in facts["networks"]}
    for pattern, made in NETWORKS.items():
        for cell in made.cells or CELLS:
            for activation in CELLS[cell].activations:
                shown = f"elman({activation})" if cell == "elman" else cell
                assert (pattern, shown) in kinds
    for network in facts["networks"]:
        assert network["errors"].keys() > {"V", "c"}
        assert network["pattern"] == "output" or network["errors"].keys() > {"U2", "W2", "b2"}


def test_a_wrong_gradient_is_told(charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    learn = output_layer.OutputLayer.learn

    def broken(self, parameters, hidden, targets, gradients, events):  # type: ignore[no-untyped-def]
        loss, d_hidden = learn(self, parameters, hidden, targets, gradients, events)
        gradients["c"][...] *= 1.001
        return loss, d_hidden

    monkeypatch.setattr(output_layer.OutputLayer, "learn", broken)
    result = charlm("gradients", "check")
    assert result.code == 1
    assert "Some gradients are wrong: the largest error is 5.0e-04." in result.out


def test_flow_of_several_networks(charlm: Charlm) -> None:
    for cell in ("elman", "lstm"):
        charlm("train", "rnn", "book.txt", *QUICK, "--cell", cell, "-o", f"{cell}.charlm")
    models = ("elman.charlm", "lstm.charlm")
    result = charlm("gradients", "flow", *models, "book.txt", "--lags", "30")
    assert result.code == 0
    legend = result.out.splitlines()[-2:]
    for line, mark, model in zip(legend, "●▲", models, strict=True):
        assert line.startswith(f"{mark} {model}: ")
        assert result.out.count(mark) > 10
    facts = json.loads(charlm("gradients", "flow", *models, "book.txt", "--json").out)
    assert facts["schema"] == 1
    assert [row["model"] for row in facts["models"]] == list(models)
    for row in facts["models"]:
        assert len(row["norms"]) == 101
        assert row["norms"][0] > 0


@pytest.mark.parametrize("columns", ["20", "40", "200"])
def test_charts_fit_the_terminal(
    columns: str, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    charlm("train", "rnn", "book.txt", *QUICK)
    monkeypatch.setenv("COLUMNS", columns)
    out = charlm("gradients", "flow", "book.rnn.charlm", "book.txt", "--lags", "9").out
    assert max(map(len, out.splitlines()[:-3])) <= int(columns)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("n.charlm", "book.txt"), 2, "n.charlm: only recurrent networks have gradients"),
        (("o.charlm", "book.txt"), 2, "o.charlm: the output pattern carries no hidden state"),
        (("r.charlm", "short.txt"), 1, "r.charlm: the text has 5 symbols; choose fewer lags"),
        (("r.charlm", "none.txt"), 1, "none.txt: no such file"),
        (("r.charlm",), 2, "Missing argument"),
    ],
)
def test_networks_without_gradient_flow_are_refused(
    arguments: tuple[str, ...], code: int, message: str, charlm: Charlm
) -> None:
    charlm("train", "book.txt", "--order", "1", "-o", "n.charlm")
    charlm("train", "rnn", "book.txt", *QUICK, "-o", "r.charlm")
    charlm("train", "rnn", "book.txt", *QUICK, "--pattern", "output", "-o", "o.charlm")
    Path("short.txt").write_text("hello")
    result = charlm("gradients", "flow", *arguments)
    assert result.code == code
    (line,) = result.err.splitlines()
    assert message in line


@pytest.mark.parametrize(
    ("norms", "halves", "said"),
    [
        ([1, 0.5, 0.25], 1.0, "halves every 1.0 symbols: after 2, 0.2 of it is left"),
        ([1, 1.5, 2.25], -1.7, "doubles every 1.7 symbols: it explodes"),
        ([1, 1, 1], np.inf, "neither vanishes nor explodes over 2 symbols"),
        ([1, 1, 0], np.inf, "nothing comes from more than 1 symbols back"),
        ([1, 0, 0], np.inf, "nothing reaches back"),
    ],
)
def test_curves_in_words(norms: list[float], halves: float, said: str) -> None:
    assert said in sentence(np.array(norms), halves)


def test_areas() -> None:
    assert area([0, 4, 8, None], 1, 0, 8) == ["▁▅█ "]
    assert area([0, 8], 2, 0, 8) == [" █", "▁█"]
    assert area([5, 5], 1, 5, 5) == ["▁▁"]


def test_logarithmic_charts() -> None:
    """Powers of ten fall on a diagonal; zero has no place."""
    rows = log_chart([Curve("a", [1, 0.1, 0.01, 0], "x", "red")], 4, 3)
    assert ["".join(cell for cell, _ in cells) for _, cells in rows] == ["x   ", " x  ", "  x "]
    assert [label for label, _ in rows] == ["1e0", "", "1e-2"]
    assert log_chart([Curve("a", [0, 0], "x", "red")], 2, 3)[0][1] == [(" ", ""), (" ", "")]
