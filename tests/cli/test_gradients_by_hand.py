"""`charlm gradients trace`, and `flow` through networks that have learnt nothing."""

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.cli.conftest import Charlm

SVG = "{http://www.w3.org/2000/svg}"


def test_what_a_trace_shows_can_be_done_again_by_hand(charlm: Charlm) -> None:
    """From the parameters that JSON gives, with nothing of the library."""
    found = json.loads(charlm("gradients", "trace", "--text", "abc", "--json").out)
    W, U, V = (np.array(found["parameters"][name]) for name in "WUV")
    assert found["symbols"] == ["a", "b", "c", "<s>"]
    assert [(s["read"], s["target"]) for s in found["steps"]] == [
        ("<s>", "a"), ("a", "b"), ("b", "c"),
    ]  # fmt: skip
    h, losses = np.zeros(2), []
    for step, x, y in zip(found["steps"], (3, 0, 1), (0, 1, 2), strict=True):
        h = W @ h + U[:, x]
        p = np.exp(V @ h) / np.exp(V @ h).sum()
        losses.append(-np.log(p[y]))
        np.testing.assert_allclose(step["h"], h)
        np.testing.assert_allclose(step["p"], p)
        np.testing.assert_allclose(step["d_o"], (p - np.eye(3)[y]) / 3)
        np.testing.assert_allclose(step["d_h"], step["closed_form"])
    assert found["loss"] == pytest.approx(np.mean(losses))
    np.testing.assert_allclose(found["gradients"]["W"], found["numeric_W"], atol=1e-8)


def test_a_trace_on_the_terminal_says_what_json_does(charlm: Charlm) -> None:
    words = ("gradients", "trace", "--text", "abab", "--activation", "tanh", "--hidden", "3")
    out, found = charlm(*words).out, json.loads(charlm(*words, "--json").out)
    assert "There: h_t = tanh(W h_(t-1) + U x_t + b)" in out
    assert f"= {found['loss']:.4f} nats" in out
    for step in found["steps"]:
        assert step["closed_form"] is None
        for name in ("h", "o", "p", "d_o", "d_h", "d_a"):
            assert all(f"{value:z.4f}" in out for value in step[name])
    assert "closed form" not in out
    assert "closed form" in charlm("gradients", "trace", "--text", "ab").out
    rows = list(csv.DictReader(charlm(*words, "--csv").out.splitlines()))
    terms = sum(float(r["value"]) for r in rows if (r["quantity"], r["row"], r["column"]) == (
        "term", "h1", "h2"))  # fmt: skip
    assert terms == pytest.approx(found["gradients"]["W"][0][1])


def test_a_trained_network_is_traced(charlm: Charlm) -> None:
    Path("abc.txt").write_text("abcabcaabbcc" * 9)
    words = ("--hidden", "2", "--cell", "elman", "--steps", "5", "--valid-fraction", "0")
    charlm("train", "rnn", "abc.txt", *words, "-o", "r.charlm")
    out = charlm("gradients", "trace", "r.charlm", "--text", "abc").out
    assert re.search(r"^ +1 +<s> +-?\d\.\d{4} +<unk> ", out, re.M)
    assert "differ by" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("n.charlm", "--text", "ab"), "n.charlm: only recurrent networks have gradients"),
        (("g.charlm", "--text", "ab"), "g.charlm: only elman networks of one layer"),
        (("--text", ""), "the text is empty, so there is nothing to trace"),
        (("--text", "ab", "--hidden", "13"), "13 hidden units are too many for a table"),
        (("--text", "abcdefghijklm"), "13 symbols are too many for a table"),
        (("--text", "ab" * 7), "14 steps are too many for a table"),
    ],
)
def test_what_is_not_traced(words: tuple[str, ...], message: str, charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "1", "-o", "n.charlm")
    if "g.charlm" in words:
        charlm("train", "rnn", "book.txt", "--hidden", "4", "--steps", "2", "-o", "g.charlm")
    result = charlm("gradients", "trace", *words)
    assert result.code in (1, 2)
    assert message in result.err
    assert result.err.count("\n") == 1


SCALES = ("gradients", "flow", "--scale", "0.5,1,1.5", "--lags", "20")


def test_three_scales_vanish_keep_and_explode(charlm: Charlm) -> None:
    out = charlm(*SCALES).out
    assert "● scale 0.5: halves every 1.0 symbols: after 20, 1e-06 of it is left" in out
    assert "▲ scale 1: neither vanishes nor explodes over 20 symbols" in out
    assert "■ scale 1.5: doubles every 1.7 symbols: it explodes" in out
    assert "  W: singular values 1.500 to 1.500, |eigenvalues| 1.500 to 1.500" in out
    models = json.loads(charlm(*SCALES, "--json").out)["models"]
    assert [model["scale"] for model in models] == [0.5, 1, 1.5]
    for model in models:
        assert model["norms"][20] == pytest.approx(model["norms"][0] * model["scale"] ** 20)
        assert len(model["singular_values"]) == len(model["absolute_eigenvalues"]) == 32


def test_curves_as_a_picture(charlm: Charlm) -> None:
    """On a logarithmic axis powers are straight lines, whose slopes are those of the scales."""
    assert charlm(*SCALES, "--svg", "flow.svg").out == ""
    drawn = ElementTree.fromstring(Path("flow.svg").read_text())
    slopes = []
    for line in drawn.iter(f"{SVG}polyline"):
        points = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
        assert len(points) == 21
        (x0, y0), (x1, y1) = points[0], points[-1]
        assert points[10] == pytest.approx(((x0 + x1) / 2, (y0 + y1) / 2), abs=0.2)
        slopes.append(y0 - y1)  # upwards
    assert slopes[0] < 0 == pytest.approx(slopes[1], abs=0.2)
    assert slopes[2] / slopes[0] == pytest.approx(np.log(1.5) / np.log(0.5), rel=0.01)
    words = {text.text for text in drawn.iter(f"{SVG}text")}
    assert words >= {"lag k, in symbols", "norm of dl_t/dh_(t-k)", "1e0", "20"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("r.charlm", "book.txt", "--scale", "1"), "give no model and no text"),
        (("--scale", "0,1"), "'0,1' is no list of positive numbers, as 0.5,1,1.5"),
        (("--scale", "big"), "'big' is no list of positive numbers"),
        (("--scale", "9", "--lags", "500"), "scale 9 grows beyond all numbers in 500 lags"),
        ((), "Missing argument: MODEL... TEXT, or --scale."),
        (("--scale", "1", "--svg", "f.png"), "what is written is no .png file"),
    ],
)
def test_scales_that_cannot_be_shown(words: tuple[str, ...], message: str, charlm: Charlm) -> None:
    result = charlm("gradients", "flow", *words)
    assert (result.code, message in result.err, result.err.count("\n")) == (2, True, 1)
