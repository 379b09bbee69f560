"""The face of the library."""

import inspect
import subprocess
import sys
from configparser import ConfigParser
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest

import charlm
from charlm.api.training import NgramOptions, RnnOptions, TextOptions
from charlm.ngram.config import NgramConfig
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.text.decoding import Decoding
from charlm.text.rows import RowOptions
from charlm.text.tokenizer import TextPolicy
from tests.laws.test_holder import parts
from tests.support.models import MODELS, TEXT, UNSEEN, WORDS, each, make

LINES = "anna\nhanna\njohanna\nann\n" * 9


def names(*configurations: type) -> set[str]:
    return {field.name for kind in configurations for field in fields(kind)}


@each(MODELS)
def test_every_model_behind_the_face(name: str, tmp_path: Path) -> None:
    model = charlm.Model(make(name))
    symbols, bits = model.score(UNSEEN)
    assert "".join(symbols) == UNSEEN
    assert bits.sum() == model.evaluate(UNSEEN).total_bits
    assert model.perplexity(TEXT[:200]) >= 1
    model.save(tmp_path / "m.charlm")
    loaded = charlm.load(tmp_path / "m.charlm")
    assert (loaded.signature, loaded.info) == (model.signature, model.info)
    assert loaded.sample("To", length=30, seed=3) == model.sample("To", length=30, seed=3)


@each([*MODELS, *WORDS])
def test_many_texts_are_scored_as_each_alone(name: str, tmp_path: Path) -> None:
    model = charlm.Model(make(name))
    path = tmp_path / "text.txt"
    path.write_text(TEXT[:99])
    texts: list[str | Path] = ["anna", "", path, "anna b", UNSEEN]
    found = model.score_many(texts)
    assert len(found) == len(list(found)) == len(texts)
    for text, scored, bits in zip(texts, found, found.bits, strict=True):
        alone = model.score(text)
        assert scored.symbols == alone.symbols
        np.testing.assert_allclose(scored.bits, alone.bits, rtol=1e-6, atol=1e-6)
        assert bits == pytest.approx(alone.bits.sum(), rel=1e-6)
    assert found.chars.tolist() == [4, 0, 99, 6, len(UNSEEN)]
    assert np.isnan(found.bits_per_char).tolist() == [False, True, False, False, False]
    assert found[-1] == found[len(texts) - 1]
    assert found[1:3] == [found[1], found[2]]


def test_bytes_of_many_texts_are_those_of_each(tmp_path: Path) -> None:
    model = charlm.train_ngram(LINES, unit="byte")
    path = tmp_path / "raw"
    path.write_bytes(b"\xffa")
    found = model.score_many(["é", path, "a/b", "\udcff"])
    assert [len(scored.symbols) for scored in found] == [2, 2, 3, 1]
    assert found.chars.tolist() == [1, 2, 3, 1]


@each(MODELS)
def test_a_page_shows_the_whole_text(name: str) -> None:
    model = charlm.Model(make(name))
    page = model.html(TEXT[:200], top=2)
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")
    assert f"the model: {model.signature}" in page
    assert f"{model.evaluate(TEXT[:200]).total_bits:z,.0f}" in page
    assert "<small>expected" in page
    assert "<small>expected" not in model.html(TEXT[:200])


def test_a_page_compares_two_models(tmp_path: Path) -> None:
    models = [charlm.train_ngram(TEXT, order=3), charlm.train_ngram(TEXT, order=1, unit="byte")]
    path = tmp_path / "notes é.txt"
    path.write_text(UNSEEN)
    page = models[0].html(path, against=models[1])
    assert "notes é.txt" in page
    for model, named in zip(models, ("the model", "the other model"), strict=True):
        assert f"{named}: {model.signature}" in page
    with pytest.raises(charlm.UsageError, match="against is a model; open its file"):
        models[0].html("a", against="m.charlm")  # type: ignore[arg-type]


def test_importing_charlm_imports_nothing_heavy() -> None:
    code = (
        "import sys, charlm\n"
        "print(sorted({'numpy', 'rich', 'regex', 'click'} & set(sys.modules)))\n"
        "charlm.TextError\n"
        "print('numpy' in sys.modules)\n"
        "print(all(getattr(charlm, name) for name in charlm.__all__ if name in dir(charlm)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\nFalse\nTrue\n"


def test_names_that_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'trainngram'"):
        _ = charlm.trainngram  # type: ignore[attr-defined]


def test_types_are_shipped() -> None:
    assert Path(charlm.__file__).with_name("py.typed").exists()
    settings = ConfigParser()
    settings.read(Path(charlm.__file__).parents[1] / "setup.cfg")
    assert "py.typed" in settings["options.package_data"]["charlm"].split()


def test_type_checkers_find_the_library_as_it_is_installed(tmp_path: Path) -> None:
    """From another folder, as they look for it: an import hook is nothing they could follow."""
    typed = [sys.executable, "-m", "mypy", "--follow-imports=skip", "-c", "import charlm"]
    done = subprocess.run(typed, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_options_are_those_of_the_configurations() -> None:
    text = set(TextOptions.__annotations__)
    assert names(TextPolicy, Decoding, RowOptions) | {"valid", "valid_fraction", "seed"} == text
    assert set(NgramOptions.__annotations__) == names(NgramConfig) | text | {"memory", "temp"}
    assert set(RnnOptions.__annotations__) == names(RnnConfig, TrainingConfig) | text


def test_strings_and_files_are_the_same_texts(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text(LINES)
    for unit in ("char", "byte"):
        one, two = (charlm.train_ngram(text, unit=unit) for text in (path, LINES))
        assert one.info == two.info
        assert one.score(path).bits.tolist() == two.score(LINES).bits.tolist()
    assert charlm.train_ngram([path, LINES]).info["training"]["symbols"] == 2 * len(LINES)


def test_saving_replaces_models_and_by_force_anything(tmp_path: Path) -> None:
    model, path = charlm.train_ngram(LINES), tmp_path / "out"
    path.write_text(LINES)
    with pytest.raises(charlm.OutputError, match="out: is not a charlm model; force=True over"):
        model.save(path)
    assert path.read_text() == LINES
    model.save(path, force=True)
    model.save(str(path))
    assert charlm.load(path).signature == model.signature


def test_the_likeliest_next_symbols() -> None:
    model = charlm.train_ngram(LINES, order=2, sequence="line")
    after = model.next_symbols("joh", top=2)
    assert next(iter(after)) == "a"
    assert after == dict(sorted(after.items(), key=lambda item: -item[1]))
    assert sum(model.next_symbols("joh", top=99).values()) == pytest.approx(1)
    assert {"<unk>", "</s>"} <= set(model.next_symbols("joh", top=99))


def test_bytes_become_text_again() -> None:
    model = charlm.train_ngram("中é" * 99, unit="byte", order=6)
    assert model.sample("中", length=5, temperature=0) == "é中"
    pieces = list(model.stream("中", length=4, temperature=0))
    assert "".join(pieces) == "é\udce4\udcb8"  # what is left of a character
    assert model.perplexity("".join(pieces)) > 1
    assert len(model.score("é").symbols) == 2


def test_one_stop_text_may_stand_by_itself() -> None:
    model = charlm.train_ngram(LINES)
    one, several = (model.sample(stop=stop, temperature=0) for stop in ("nn", ["nn"]))
    assert one == several == "a"


def test_novelty_of_several_samples() -> None:
    model = charlm.train_ngram(LINES, sequence="line")
    found = model.novelty(["hanna", "annabel"], ["anna\n", "johanna"])
    assert (found.longest_copy, found.sample, found.symbols) == (5, 0, 12)
    assert found.new[2] == 3  # ab, be, el
    assert model.novelty("", LINES).longest_copy == 0


def test_training_goes_on_when_options_are_none() -> None:
    model = charlm.train_rnn(LINES, hidden=4, steps=2, learning_rate=None, normalize=None)
    assert model.info["training"]["best_step"] in (1, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: charlm.load("no.charlm"), charlm.ModelFileError, "no such file"),
        (lambda: charlm.train_ngram(Path("no.txt")), charlm.TextError, "no.txt: no such file"),
        (lambda: charlm.train_ngram(b"ab"), charlm.UsageError, r"not bytes; decode them: data.de"),  # type: ignore[arg-type]
        (lambda: charlm.train_ngram([b"ab"]), charlm.UsageError, "not bytes; decode"),  # type: ignore[list-item]
        (lambda: charlm.train_ngram(7), charlm.UsageError, "a string or a Path, not int"),  # type: ignore[arg-type]
        (lambda: charlm.train_ngram([7]), charlm.UsageError, "a string or a Path, not int"),  # type: ignore[list-item]
        (lambda: charlm.train_ngram(""), charlm.TextError, "text 1: empty"),
        (lambda: charlm.train_ngram("a", order=-1), charlm.UsageError, "the order"),
        (lambda: charlm.train_ngram("a", ordr=1), charlm.UsageError, "did you mean 'order'"),  # type: ignore[call-arg]
        (lambda: charlm.train_rnn("a", zzz=1), charlm.UsageError, "there are .*hidden"),  # type: ignore[call-arg]
        (lambda: charlm.train_rnn("ab" * 99, preset="huge"), charlm.UsageError, "'huge'"),  # type: ignore[arg-type]
        (lambda: charlm.train_ngram("ab").perplexity(""), charlm.TextError, "empty"),
        (lambda: charlm.train_ngram("ab").score("\ud800"), charlm.TextError, "half a character"),
        (lambda: charlm.train_ngram("ab").score_many(["a", "\ud800"]), charlm.TextError, "half a"),
        (lambda: charlm.train_ngram("ab").score_many(["a", 7]), charlm.UsageError, "not int"),  # type: ignore[list-item]
        (lambda: charlm.train_ngram("\ud800"), charlm.TextError, "half a character"),
        (lambda: charlm.train_ngram("ab").sample(temprature=1), charlm.UsageError, "temperature"),  # type: ignore[call-arg]
        (lambda: charlm.train_ngram("ab").sample(top_k=0), charlm.UsageError, "top-k"),
        (lambda: charlm.train_ngram("ab").sample(top_k=1.5), charlm.UsageError, "top_k is a whole"),  # type: ignore[arg-type]
        (lambda: charlm.train_ngram("ab").sample(length=1.5), charlm.UsageError, "length is a w"),  # type: ignore[arg-type]
        (lambda: charlm.train_ngram("ab").sample(seed=-1), charlm.UsageError, "seed"),
        (lambda: charlm.train_ngram("ab").sample(seed="x"), charlm.UsageError, "seed"),  # type: ignore[arg-type]
        (lambda: charlm.train_ngram("ab", seed=-1), charlm.UsageError, "seed"),
        (lambda: charlm.train_ngram([]), charlm.TextError, "^there is no text"),
        (lambda: charlm.train_ngram("ab").score(b"ab"), charlm.UsageError, "a string or a Path"),  # type: ignore[arg-type]
        (lambda: charlm.train_ngram("ab").compress("ab"), charlm.UsageError, "bytes, not str"),  # type: ignore[arg-type]
        (lambda: charlm.train_ngram("ab").decompress("ab"), charlm.UsageError, "bytes, not str"),  # type: ignore[arg-type]
        (lambda: charlm.train_ngram("ab").novelty([], "ab"), charlm.UsageError, "no sample"),
        (lambda: charlm.train_ngram("ab").next_symbols(top=-1), charlm.UsageError, "top"),
        (lambda: charlm.train_ngram("ab").html("ab", top=-1), charlm.UsageError, "top"),
        (lambda: charlm.train_ngram("ab").stream(stop=[""]), charlm.UsageError, "stop text"),
        (lambda: charlm.train_ngram("ab").decompress(b""), charlm.CompressedFileError, "is not a"),
        (lambda: charlm.train_ngram("ab").compress(b"\xff"), charlm.TextError, "not valid utf-8"),
        (lambda: charlm.mix([charlm.train_ngram("ab")], "a"), charlm.UsageError, "two models"),
        (lambda: charlm.mix([charlm.train_ngram("ab")] * 2, ""), charlm.TextError, "is empty"),
        (lambda: charlm.train_ngram("ab").save("no/m.charlm"), charlm.OutputError, "no/m.charlm"),
    ],
)
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


NO_TEXTS = {"return", "path", "checkpoint", "temp"}


def ways_to_give_a_text() -> dict[str, partial[Any]]:
    """Every argument of the library that is a text, found by its type."""
    model = charlm.train_ngram(LINES, valid_fraction=0.3)
    functions: list[Any] = [
        charlm.train_ngram, charlm.train_rnn, charlm.mix, charlm.identify, charlm.compare
    ]  # fmt: skip
    methods = [getattr(model, name) for name in vars(charlm.Model) if not name.startswith("_")]
    others = {"models": [model, model], **dict.fromkeys(("samples", "texts", "tune"), "anna"),
              "history": "an"}  # fmt: skip
    ways: dict[str, partial[Any]] = {}
    for function in [*functions, *filter(callable, methods)]:
        hints = get_type_hints(function)
        for name, hint in hints.items():
            if Path in parts(hint) and not NO_TEXTS & {*name.split("_")}:
                needed = {
                    other: others[other]
                    for other, one in inspect.signature(function).parameters.items()
                    if one.default is one.empty and other in others and other != name
                }
                ways[f"{function.__name__} {name}"] = partial(_give, function, name, needed)
    for function, options in ((charlm.train_ngram, NgramOptions), (charlm.train_rnn, RnnOptions)):
        for name, hint in get_type_hints(options).items():
            if Path in parts(hint) and name not in NO_TEXTS:
                needed = {"texts": "anna"}
                ways[f"{function.__name__} {name}"] = partial(_give, function, name, needed)
    ways["identify held_out"].args[2]["models"] = [model]  # as many as texts
    return ways


def _give(function: Any, name: str, needed: dict[str, Any], text: Any) -> Any:
    return function(**needed, **{name: text})


WAYS = ways_to_give_a_text()


def test_the_ways_are_found() -> None:
    assert {
        "train_ngram texts", "train_rnn texts", "train_ngram valid", "train_rnn valid",
        "mix tune", "mix held_out",
        "evaluate text", "perplexity text", "score text", "score_many texts",
        "novelty samples", "novelty texts", "identify texts", "identify held_out",
        "compare texts",
        "rank candidates", "html text", "samples new", "lines text", "followers texts",
    } == set(WAYS)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_name_of_a_file_is_no_text(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("names.txt")
    path.write_text(LINES)
    for name in ("names.txt", "./names.txt", str(tmp_path / path)):
        with pytest.raises(charlm.UsageError, match="is the name of a file: give Path"):
            WAYS[way](name)
    if way.split()[1] in ("texts", "valid", "tune", "held_out", "samples"):
        with pytest.raises(charlm.UsageError, match="is the name of a file: give Path"):
            WAYS[way](["anna", "names.txt"])
    with pytest.raises(charlm.UsageError, match="not bytes; decode"):
        WAYS[way](path.read_bytes())
    if not way.startswith("train_rnn"):
        if way == "identify held_out":  # some hundred words say what is typical
            path.write_text(LINES * 20)
        WAYS[way](path)


@pytest.mark.parametrize(
    "text",
    ["names.tx", "names.txt\n", "names.txt\0", "a" * 300, "a/" * 2000, "\udcff", "folder", "-"],
)
def test_what_names_no_file_is_a_text(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("names.txt").write_text(LINES)
    Path("folder").mkdir()
    model = charlm.train_ngram(LINES, unit="byte")
    assert len(model.score(text).symbols) == len(text.encode(errors="surrogateescape"))
