"""`charlm sweep`: what is trained, what is kept, what is said."""

import csv
import re
from math import log10
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas
import pytest

from charlm.api import ngram_training
from charlm.api.checkpoints import CheckpointKeeper
from charlm.api.network_training import NetworkTraining
from charlm.api.sweeping import running
from charlm.api.sweeping.running import Sources
from charlm.api.sweeping.settings import settings_of
from charlm.ngram.config import NgramConfig
from charlm.text.decoding import Decoding
from charlm.text.rows import RowOptions
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import TrainingSet
from charlm.trained import TrainedModel
from tests.cli.conftest import Charlm

NETWORKS = ("--cell", "gru,elman", "--hidden", "4", "--steps", "3")


def rows(folder: str = "runs") -> list[dict[str, str]]:
    with Path(folder, "sweep.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_models_are_those_of_train_and_figures_those_of_perplexity(charlm: Charlm) -> None:
    assert charlm("sweep", "book.txt", "--order", "1..2", *NETWORKS, "--workers", "1").code == 0
    charlm("train", "book.txt", "--order", "2", "--valid-fraction", "0.05", "-o", "n.charlm")
    network = ("--cell", "gru", "--hidden", "4", "--steps", "3")
    told = charlm("train", "rnn", "book.txt", *network, "-o", "r.charlm").err
    for mine, name in {"n": "ngram-order-2", "r": "rnn-gru-hidden-4-steps-3-seed-0"}.items():
        assert Path(f"{mine}.charlm").read_bytes() == Path(f"runs/{name}.charlm").read_bytes()
    found = {row["run"]: row for row in rows()}
    assert len(found) == 4
    bits = re.search(r"Held-out text: ([\d.]+) bits/char", told)
    assert bits
    given = float(found["rnn-gru-hidden-4-steps-3-seed-0"]["bits_per_char"])
    assert given == pytest.approx(float(bits[1]), abs=5e-4)
    assert pandas.read_csv("runs/sweep.csv").shape == (4, 13)


def test_what_is_done_is_not_done_again(charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ("sweep", "book.txt", "--order", "1,2", "--workers", "1")
    first = charlm(*typed)
    trained: list[str] = []
    train = ngram_training.fit

    def watched(data: TrainingSet, config: NgramConfig, **options: Any) -> TrainedModel:
        trained.append(str(config.order))
        return train(data, config, **options)

    monkeypatch.setattr(running, "fit", watched)
    assert charlm(*typed).out == first.out
    assert not trained
    assert charlm("sweep", "book.txt", "--order", "1..3", "--workers", "1").code == 0
    assert trained == ["3"]
    charlm("sweep", "book.txt", "--order", "1", "--lowercase", "--workers", "1")
    assert len(trained) == 2
    Path("book.txt").write_text("another text\n" * 99)
    charlm("sweep", "book.txt", "--order", "1", "--workers", "1")
    assert len(trained) == 3


@pytest.mark.slow
def test_runs_side_by_side_give_the_same_models(charlm: Charlm) -> None:
    typed = ("sweep", "book.txt", "--order", "1", *NETWORKS)
    assert charlm(*typed, "--workers", "1", "-o", "one").code == 0
    assert charlm(*typed, "--workers", "2", "-o", "two").code == 0
    models = sorted(Path("one").glob("*.charlm"))
    assert len(models) == 3
    for model in models:
        assert model.read_bytes() == Path("two", model.name).read_bytes()
    ours, theirs = (
        [{name: row[name] for name in row if name != "seconds"} for row in rows(folder)]
        for folder in ("one", "two")
    )
    assert ours == theirs


def test_a_network_goes_on_from_its_checkpoint(charlm: Charlm) -> None:
    """As training that was killed leaves it."""
    typed = ("--cell", "gru", "--hidden", "4", "--steps", "6")
    charlm("sweep", "book.txt", *typed, "-o", "whole")
    name = "rnn-gru-hidden-4-steps-6-seed-0"
    Path("runs").mkdir()
    sources = Sources(("book.txt",), (), TextPolicy(), Decoding(), RowOptions(), 0.05)
    (setting,) = settings_of({"cell": ("gru",), "hidden": (4,), "steps": (6,)})
    training = NetworkTraining(*setting.network(0), sources.read())
    state = training.start()
    keeper = CheckpointKeeper(Path("runs", f"{name}.charlm.checkpoint"), print)
    training.go_on(state, watch=lambda state: state.step == 2, keeper=keeper)
    assert keeper.path.exists()
    assert charlm("sweep", "book.txt", *typed).code == 0
    here, whole = (Path(folder, f"{name}.charlm") for folder in ("runs", "whole"))
    assert here.read_bytes() == whole.read_bytes()
    assert not keeper.path.exists()


def test_no_cell_is_praised_for_one_seed(charlm: Charlm) -> None:
    one = charlm("sweep", "book.txt", *NETWORKS, "--workers", "1").out
    assert "for these two trained models" in one
    assert "One seed tells of these networks, not of their settings: with --seeds 3" in one
    three = charlm("sweep", "book.txt", *NETWORKS, "--seeds", "3", "--workers", "1").out
    assert "One seed" not in three
    assert re.search(r"Over seeds 95 %: -?\d\.\d{3} to \d\.\d{3}\.", three)
    ngrams = charlm("sweep", "book.txt", "--order", "1,2", "--workers", "1").out
    assert "eed" not in ngrams.splitlines()[-1]


def test_the_chart_has_each_run_in_its_place(charlm: Charlm) -> None:
    charlm("sweep", "book.txt", "--order", "0..3", *NETWORKS, "--workers", "1")
    drawn = ElementTree.fromstring(Path("runs/sweep.svg").read_text())
    space = "{http://www.w3.org/2000/svg}"
    width, height = map(float, drawn.attrib["viewBox"].split()[2:])
    circles = [c for c in drawn.iter(f"{space}circle") if c.find(f"{space}title") is not None]
    places = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in circles]
    assert len(places) == 2 * 6
    assert all(0 < x < width and 0 < y < height for x, y in places)
    found = rows()
    for column, panel in (("seconds", places[:6]), ("bytes", places[6:])):
        by_cost = sorted(zip((float(row[column]) for row in found), panel, strict=True))
        (low, (left, _)), (high, (right, _)) = by_cost[0], by_cost[-1]
        for cost, (x, _) in by_cost:  # a logarithmic axis
            share = (log10(cost) - log10(low)) / (log10(high) - log10(low))
            assert x == pytest.approx(left + share * (right - left), abs=1)
        by_bits = sorted(zip((float(row["bits_per_char"]) for row in found), panel, strict=True))
        heights = [y for _, (_, y) in by_bits]
        assert heights == sorted(heights, reverse=True)  # fewer bits stand lower


@pytest.mark.parametrize(
    ("typed", "code", "message"),
    [
        (("-",), 2, "a sweep reads its texts more than once; give files"),
        (("book.txt", "--order", "5..2"), 2, "5..2 is no range"),
        (("book.txt", "--smoothing", "katz,kn"), 2, "'kn' is not one of"),
        (("book.txt", "--cell", "gru", "--pattern", "output"), 2, "output"),
        (("book.txt", "--valid-fraction", "0"), 1, "nothing is held out"),
        (("book.txt", "-o", "book.txt"), 1, "book.txt: there can be no such folder"),
    ],
)
def test_what_cannot_be_swept_is_said_at_once(
    typed: tuple[str, ...], code: int, message: str, charlm: Charlm
) -> None:
    result = charlm("sweep", *typed)
    assert (result.code, message in result.err) == (code, True), result.err
    assert not Path("runs/sweep.csv").exists()


def test_only_what_a_sweep_wrote_is_replaced(charlm: Charlm) -> None:
    Path("runs").mkdir()
    Path("runs/sweep.csv").write_text("mine")
    refused = charlm("sweep", "book.txt", "--order", "1")
    assert (refused.code, "is not a table of a sweep" in refused.err) == (1, True)
    assert charlm("sweep", "book.txt", "--order", "1", "--force").code == 0
    Path("runs/ngram-order-2.charlm").write_text("mine")
    refused = charlm("sweep", "book.txt", "--order", "2")
    assert (refused.code, "is not a charlm model" in refused.err) == (1, True)


def test_a_run_without_a_figure_says_why(charlm: Charlm) -> None:
    Path("b.txt").write_text("abcd" * 60 + "\nxyzzy")
    Path("v.txt").write_text("dcba")
    out = charlm("sweep", "b.txt", "--valid", "v.txt", "--smoothing", "mle,witten-bell",
                 "--order", "1", "--workers", "1").out  # fmt: skip
    assert "ngram order 1 mle: a symbol has probability 0." in out
    assert [row["bits_per_char"] == "" for row in rows()] == [True, False]
