"""Commands give what the library gives, byte for byte."""

import json
from pathlib import Path
from typing import Any

import pytest

import charlm as library
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


def test_compressed_files_are_those_of_the_command_line(charlm: Charlm) -> None:
    model = library.train_ngram(TEXT, order=3)
    model.save("m.charlm")
    assert charlm("compress", "m.charlm", "other.txt", "-o", "packed", "--adaptive").code == 0
    data = Path("other.txt").read_bytes()
    packed = model.compress(data, adaptive=True)
    assert packed == Path("packed").read_bytes()
    assert model.decompress(packed) == data
