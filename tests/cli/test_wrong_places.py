"""A text where a model is wanted, and a model where a text is: what it is, and what was meant."""

import gzip
from pathlib import Path

import pytest

from tests.cli.conftest import Charlm
from tests.cli.walk import LEAVES, NEEDED, filled

WITH_A_MODEL = [
    path
    for path, command in LEAVES.items()
    if any(str(parameter.name).startswith("model") for parameter in command.params)
]
WITH_A_TEXT = [
    path
    for path, command in LEAVES.items()
    if any(parameter.name in ("texts", "text") for parameter in command.params) or path in NEEDED
    if path not in (("info",), ("gradients", "trace"), ("export",))  # whose text is typed, or none
]
MODEL = "is a charlm model, not a text"
TEXTS = {"other.txt": None, "chinese": "床前明月光".encode(), "cut": "é".encode() * 9000}


@pytest.mark.parametrize("path", WITH_A_MODEL, ids=" ".join)
def test_a_text_in_place_of_a_model_is_called_so(path: tuple[str, ...], charlm: Charlm) -> None:
    for name, data in TEXTS.items():
        if data:
            Path(name).write_bytes(b"a" * (name == "cut") + data)
        result = charlm(*filled(path, name, "book.txt"))
        assert (result.code, result.out) == (1, "")
        assert result.err == (
            f"Error: {name}: looks like a text, not a model; `charlm train` makes a model of it\n"
        )


@pytest.mark.parametrize("path", WITH_A_TEXT, ids=" ".join)
def test_a_model_in_place_of_a_text_is_called_so(
    path: tuple[str, ...], models: tuple[str, ...], charlm: Charlm
) -> None:
    Path("text.gz").write_bytes(gzip.compress(Path("n.charlm").read_bytes()))
    for text in (*models, "text.gz"):
        for model in models:
            result = charlm(*filled(path, model, text))
            assert result.code in (1, 2)
            if "only recurrent networks" not in result.err:
                assert result.err.startswith(f"Error: {text}: {MODEL}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("perplexity n r", f"r: {MODEL}"),
        ("perplexity bytes r r", f"r: {MODEL}"),
        ("score n r other.txt", f"r: {MODEL}; try --against r"),
        ("score n r other.txt --against n", f"r: {MODEL}"),
        ("perplexity other.txt n", "n: is a model, and other.txt is none; name the model first"),
        ("score other.txt n", "n: is a model, and other.txt is none; name the model first"),
        ("identify other.txt n", "n: is a model, and other.txt is none; name the model first"),
        ("identify n r", f"r: {MODEL}"),
        ("identify bytes bytes n", f"n: {MODEL}"),
    ],
)  # fmt: skip
def test_a_file_in_the_wrong_place_is_told_its_right_one(
    line: str, said: str, models: tuple[str, ...], charlm: Charlm
) -> None:
    charlm("train", "book.txt", "--unit", "byte", "-o", "bytes")
    for name in models:
        Path(name).rename(name.removesuffix(".charlm"))
    result = charlm(*line.split())
    assert (result.code, result.out, result.err) == (2, "", f"Error: {said}\n")


def test_models_are_bytes_like_any_others(models: tuple[str, ...], charlm: Charlm) -> None:
    """To train on and to compress, where no model is asked for."""
    assert charlm("train", models[0], "--unit", "byte", "-o", "bytes").code == 0
    assert charlm("compress", "bytes", models[0], "-o", "packed").code == 0
    assert charlm("decompress", "bytes", "packed", "-o", "again").code == 0
    assert Path("again").read_bytes() == Path(models[0]).read_bytes()
