"""`charlm plot`: the curves are those of the logs."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from charlm.cli.pictures.curves import Axis
from charlm.cli.plot.runs import smoothed
from tests.cli.conftest import Charlm

SVG = "{http://www.w3.org/2000/svg}"


def log(name: str, losses: list[float], held_out: dict[int, float]) -> None:
    """Write a log as `charlm train rnn --log` does; its last line is cut off by a crash."""
    lines = []
    for step, loss in enumerate(losses, start=1):
        row = {"step": step, "loss_bits_per_symbol": loss, "seconds": 0.1}
        if step in held_out:
            row["held_out_bits_per_symbol"] = held_out[step]
        lines.append(json.dumps(row))
    Path(name).write_text("\n".join([*lines, lines[0][:9]]))


def curves_of(name: str) -> list[list[tuple[float, float]]]:
    drawn = ElementTree.fromstring(Path(name).read_text())
    return [
        [(float(x), float(y)) for x, y in (p.split(",") for p in line.attrib["points"].split())]
        for line in drawn.iter(f"{SVG}polyline")
    ]


def test_several_runs_stand_side_by_side(charlm: Charlm) -> None:
    log("a.jsonl", [4.0, 3.0, 2.0], {2: 3.5, 3: 2.5})
    log("b.jsonl", [4.0, 4.0, 4.0], {})
    result = charlm("plot", "a.jsonl", "b.jsonl", "-o", "curves.svg")
    assert result.out == ""
    assert result.err.splitlines()[1:] == [
        "a.jsonl: 3 steps, 2.000 bits per symbol in training, 2.500 held out at step 3",
        "b.jsonl: 3 steps, 4.000 bits per symbol in training",
    ]
    training, held_out, level = curves_of("curves.svg")
    (x1, y4), (x2, y3), (x3, y2) = training
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y3 - y4 == pytest.approx(y2 - y3, abs=0.2)
    assert y4 < y3 < y2  # down the picture
    assert held_out == [pytest.approx((x2, (y4 + y3) / 2), abs=0.2),
                        pytest.approx((x3, (y3 + y2) / 2), abs=0.2)]  # fmt: skip
    assert [y for _, y in level] == [y4] * 3
    words = [
        t.text for t in ElementTree.fromstring(Path("curves.svg").read_text()).iter(f"{SVG}text")
    ]
    assert {"step", "bits per symbol", "a.jsonl: held out", "b.jsonl: training"} <= set(words)


def test_a_real_run_is_drawn(charlm: Charlm) -> None:
    """And the picture is called after the first log."""
    words = ("--hidden", "4", "--steps", "6", "--validations", "2", "--log", "run.jsonl")
    charlm("train", "rnn", "book.txt", *words)
    assert charlm("plot", "run.jsonl").err.startswith("Wrote run.svg (")
    training, held_out = curves_of("run.svg")
    assert len(training) == 6
    assert len(held_out) >= 2


def test_what_is_no_log_is_refused(charlm: Charlm) -> None:
    Path("other.jsonl").write_text('{"text": "a"}\n')
    for name in ("book.txt", "other.jsonl"):
        result = charlm("plot", name)
        assert (result.code, result.err) == (
            1, f"Error: {name}: is no log of training; `charlm train rnn --log` writes one\n",
        )  # fmt: skip


def test_long_runs_are_smoothed() -> None:
    points = [(float(i), float(i % 2)) for i in range(1000)]
    assert len(smoothed(points)) == 100
    assert smoothed(points)[0] == (4.5, 0.5)
    assert smoothed(points[:3]) == points[:3]


@pytest.mark.parametrize(
    ("values", "is_log", "ticks"),
    [
        ([2.1, 4.9], False, ["2", "2.5", "3", "3.5", "4", "4.5", "5"]),
        ([0, 1000], False, ["0", "200", "400", "600", "800", "1000"]),
        ([3, 3], False, ["3", "4"]),
        ([1e-6, 2e3], True, ["1e-6", "1e-4", "1e-2", "1e0", "1e2", "1e4"]),
        ([], False, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
    ],
)
def test_axes_have_round_numbers(values: list[float], is_log: bool, ticks: list[str]) -> None:
    axis = Axis.around("", values, is_log=is_log)
    assert [name for _, name in axis.ticks()] == ticks
    assert all(0 <= axis.share(value) <= 1 for value in values)
