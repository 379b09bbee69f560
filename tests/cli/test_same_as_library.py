"""Commands give what the library gives, byte for byte."""

import csv
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

import charlm as library
from charlm.api.checkpoints import CheckpointKeeper, UnfinishedTraining
from charlm.text.tokenizer import SEQUENCES
from tests.cli.conftest import Charlm
from tests.support.models import TEXT


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ((), {}),
        (("--order", "2", "--smoothing", "add-k", "--k", "0.5"),
         {"order": 2, "smoothing": "add-k", "k": 0.5}),
        (("--prune", "0,0,1", "--lowercase", "--valid-fraction", "0.1"),
         {"prune": [0, 0, 1], "lowercase": True, "valid_fraction": 0.1}),
        (("--newlines", "lf"), {"newlines": "lf"}),
        (("--sequence", "line", "--valid", "other.txt", "--unit", "word"),
         {"sequence": "line", "valid": Path("other.txt"), "unit": "word"}),
    ],
)  # fmt: skip
def test_ngrams_are_those_of_the_command_line(
    typed: tuple[str, ...], options: dict[str, Any], charlm: Charlm
) -> None:
    assert charlm("train", "ngram", "book.txt", *typed, "-o", "cli.charlm").code == 0
    library.train_ngram(Path("book.txt"), **options).save("library.charlm")
    assert Path("library.charlm").read_bytes() == Path("cli.charlm").read_bytes()


@pytest.mark.parametrize(
    ("family", "sizes"), [("ngram", {"order": 2}), ("rnn", {"steps": 9, "hidden": 8})]
)
@pytest.mark.parametrize(
    ("encoding", "errors"), [("latin-1", "strict"), ("utf-8", "replace"), ("ascii", "ignore")]
)
def test_files_are_decoded_as_on_the_command_line(
    family: str, sizes: dict[str, int], encoding: str, errors: str, charlm: Charlm
) -> None:
    Path("coffee.txt").write_text("un café noir\n" * 99, encoding="latin-1")
    typed = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    typed += ["--encoding", encoding, "--errors", errors, "-o", "cli.charlm"]
    assert charlm("train", family, "coffee.txt", *typed).code == 0
    train: Any = library.train_ngram if family == "ngram" else library.train_rnn
    options: Any = {**sizes, "encoding": encoding, "errors": errors}
    train(Path("coffee.txt"), **options).save("library.charlm")
    assert Path("library.charlm").read_bytes() == Path("cli.charlm").read_bytes()


def test_networks_are_those_of_the_command_line(charlm: Charlm) -> None:
    typed = ("--steps", "20", "--hidden", "12", "--cell", "lstm", "--seed", "5", "--preset", "tiny")
    assert charlm("train", "rnn", "book.txt", "other.txt", *typed, "-o", "cli.charlm").code == 0
    texts = [Path("book.txt"), Path("other.txt")]
    stages = set()
    model = library.train_rnn(
        texts, preset="tiny", steps=20, hidden=12, cell="lstm", seed=5,
        report=lambda progress: stages.add(progress.stage),
    )  # fmt: skip
    model.save("library.charlm")
    assert Path("library.charlm").read_bytes() == Path("cli.charlm").read_bytes()
    assert stages == {"reading", "training"}


def test_fine_tuned_networks_are_those_of_the_command_line(charlm: Charlm) -> None:
    small = ("--steps", "9", "--hidden", "8")
    assert charlm("train", "rnn", "book.txt", *small, "-o", "first.charlm").code == 0
    Path("more.txt").write_text("中 é: new symbols\n" * 99)
    typed = ("--init-from", "first.charlm", "--steps", "6", "--seed", "3")
    assert charlm("train", "rnn", "more.txt", *typed, "-o", "cli.charlm").code == 0
    first = library.load("first.charlm")
    model = library.train_rnn(Path("more.txt"), initial=first, steps=6, seed=3)
    model.save("library.charlm")
    assert Path("library.charlm").read_bytes() == Path("cli.charlm").read_bytes()


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_a_training_is_stopped_here_and_gone_on_with_there(
    sequence: str, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the command line and by the library in turn, from one and the same checkpoint."""
    typed = ("train", "rnn", "book.txt", "--steps", "9", "--hidden", "8", "--sequence", sequence)
    assert charlm(*typed, "-o", "cli.charlm").code == 0
    options: Any = {"steps": 9, "hidden": 8, "sequence": sequence}
    checkpoint = Path("half.charlm.checkpoint")
    first = library.train_rnn(
        Path("book.txt"), checkpoint=checkpoint, watch=lambda run: run.step == 3, **options
    )
    assert first.info["training"]["stopped_after"] == 3

    def save_in_time(self: CheckpointKeeper, unfinished: UnfinishedTraining) -> None:
        if unfinished.checkpoint.run.step == 6:
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(CheckpointKeeper, "save_in_time", save_in_time)
        second = charlm(*typed, "-o", "half.charlm", "--resume")
    assert second.code == 130
    assert second.err.startswith("Going on at step 3 of 9.")
    model = library.train_rnn(Path("book.txt"), checkpoint=checkpoint, resume=True, **options)
    model.save("library.charlm")
    assert Path("library.charlm").read_bytes() == Path("cli.charlm").read_bytes()
    assert not checkpoint.exists()


def test_samples_and_facts_are_those_of_the_command_line(charlm: Charlm) -> None:
    library.train_ngram(TEXT).save("m.charlm")
    options = ("--prompt", "The ", "--length", "99", "--temperature", "0.8", "--top-k", "20",
               "--top-p", "0.9", "--stop", ".", "--seed", "4", "--json")  # fmt: skip
    printed = json.loads(charlm("sample", "m.charlm", *options).out)
    model = library.load("m.charlm")
    sample = model.sample(
        "The ", length=99, temperature=0.8, top_k=20, top_p=0.9, stop=["."], seed=4
    )
    assert sample == printed["text"]
    info = json.loads(charlm("info", "m.charlm", "--json").out)
    assert {key: info[key] for key in model.info} == json.loads(json.dumps(model.info))
    figures = json.loads(charlm("perplexity", "m.charlm", "other.txt", "--json", "--adaptive").out)
    adaptive = model.evaluate(Path("other.txt"), adaptive=True)
    assert figures["totals"][0]["bits_per_char"] == adaptive.bits_per_char
    assert model.evaluate(Path("other.txt")).total_bits > adaptive.total_bits


@pytest.mark.parametrize("gate", [False, True])
def test_mixtures_are_those_of_the_command_line(gate: bool, charlm: Charlm) -> None:
    models = [library.train_ngram(Path("book.txt"), order=order) for order in (1, 4)]
    for name, model in zip("ab", models, strict=True):
        model.save(name)
    options = ("--tune", "other.txt", *["--gate"] * gate, "-o", "cli.charlm")
    assert charlm("mix", "a", "b", *options).code == 0
    library.mix(models, Path("other.txt"), gate=gate).save("library.charlm")
    assert Path("library.charlm").read_bytes() == Path("cli.charlm").read_bytes()


def test_mixtures_of_held_out_parts_are_those_of_the_command_line(charlm: Charlm) -> None:
    book = Path("book.txt")
    models = [library.train_ngram(book, order=order, valid_fraction=0.1) for order in (1, 4)]
    for name, model in zip("ab", models, strict=True):
        model.save(name)
    assert charlm("mix", "a", "b", "--held-out", "book.txt", "-o", "cli.charlm").code == 0
    library.mix(models, held_out=book).save("library.charlm")
    assert Path("library.charlm").read_bytes() == Path("cli.charlm").read_bytes()


def test_compressed_files_are_those_of_the_command_line(charlm: Charlm) -> None:
    model = library.train_ngram(TEXT, order=3)
    model.save("m.charlm")
    assert charlm("compress", "m.charlm", "other.txt", "-o", "packed", "--adaptive").code == 0
    data = Path("other.txt").read_bytes()
    packed = model.compress(data, adaptive=True)
    assert packed == Path("packed").read_bytes()
    assert model.decompress(packed) == data


def test_items_are_those_of_the_command_line(models: tuple[str, ...], charlm: Charlm) -> None:
    sentences = ["To be, or not", 'so "they" say', "NA\tend"]
    with Path("items.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["sentence"], *([one] for one in sentences)])
    loaded = {name: library.load(name) for name in models}
    for blank in ("leading", "trailing", "own"):
        typed = ("score", *models, "items.csv", "--text-column", "sentence", "--blank", blank)
        printed = list(map(json.loads, charlm(*typed, "--json").out.splitlines()))
        choice: Any = blank
        rows = library.score_items(loaded, sentences, blank=choice).rows
        wanted = [
            {"model": row.model, "item": row.item, "number": row.number, "word": row.text,
             "characters": row.characters, "unknown": row.unknown}
            for row in rows
        ]  # fmt: skip
        found = [{key: row[key] for key in wanted[0]} for row in printed]
        assert found == wanted
        assert [row["bits"] for row in printed] == pytest.approx(
            [row.bits for row in rows], abs=1e-6
        )


@pytest.mark.parametrize("by", ["window", "character", "total"])
@pytest.mark.parametrize("reset", ["line", "never"])
def test_lines_are_those_of_the_command_line(
    by: Any, reset: Any, models: tuple[str, ...], charlm: Charlm
) -> None:
    typed = ("score", models[0], "other.txt", "--reset", reset, "--json", "--window", "9")
    model = library.load(models[0])
    for options, chosen in (
        (("--by", "line"), {}),
        (("--by", "line", "--above", "200"), {"above": 200.0}),
        (("--rank", "7", "--rank-by", by), {"strangest": 7, "rank_by": by}),
    ):
        printed = list(map(json.loads, charlm(*typed, *options).out.splitlines()))
        given: Any = {"window": 9, "reset": reset, **chosen}
        lines = model.lines(Path("other.txt"), **given)
        assert [
            (row["line"], row["content"], row["bits"], row["bits_per_char"], row["peak_bits"],
             row["peak_column"], row["peak"])
            for row in printed
        ] == list(map(tuple, lines))  # fmt: skip
        assert lines
