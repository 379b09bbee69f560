"""Networks as files for torch: what docs/torch.md reads there is what charlm wrote."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
from safetensors.numpy import load_file

import charlm
from charlm.rnn.config import RnnConfig
from charlm.rnn.networks.hidden import HiddenNetwork
from charlm.rnn.torch.arrays import state_dict
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.vocabulary import Vocabulary
from charlm.trained import Record, TrainedModel
from tests.rnn.torch.test_module import CASES, random_model
from tests.support.models import CORPORA, make

PAGE = (CORPORA.parent / "docs" / "torch.md").read_text()
CODE = "".join(re.findall(r"```python\n(.*?)```", PAGE, re.S))
TEXT = "It is a truth"
SYMBOLS = tuple(sorted({*TEXT}))


def network(config: RnnConfig, sequence: str = "file", reserve: float = 0.01) -> charlm.Model:
    """A network of random weights that knows the text of the page."""
    tokenizer = Tokenizer(TextPolicy(sequence=sequence), Vocabulary(SYMBOLS))
    model = random_model(config, tokenizer.end, reserve, tokenizer.vocab_size)
    return charlm.Model(TrainedModel(model, tokenizer, Record()))


@pytest.mark.parametrize("sequence", ["file", "line"])
@pytest.mark.parametrize("reserve", [0.0, 0.01])
@pytest.mark.parametrize(
    ("cell", "activation", "layers"), [case for case in CASES if case[1] != "linear"]
)
def test_the_lines_of_the_page_expect_what_we_expect(
    cell: str,
    activation: str,
    layers: int,
    reserve: float,
    sequence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    monkeypatch.chdir(tmp_path)
    config = RnnConfig(cell=cell, activation=activation, layers=layers, hidden=6)
    model = network(config, sequence, reserve)
    charlm.export_torch(model, "austen.safetensors")
    names: dict[str, Any] = {}
    exec(compile(CODE, "torch.md", "exec"), names)
    states = [model.start(TEXT[:read]) for read in range(len(TEXT) + 1)]
    found = torch.log_softmax(names["logits"], 1).detach().numpy()
    np.testing.assert_allclose(found, model.log_probs(states), atol=2e-5)
    bits = model.score(TEXT).bits[: len(TEXT)]
    assert names["loss"].item() == pytest.approx(bits.mean() * np.log(2), abs=1e-5)


def test_arrays_vocabulary_and_text_stand_in_the_file(tmp_path: Path) -> None:
    """As another reader finds them, torch or not."""
    model = network(RnnConfig(cell="gru", layers=2, hidden=6), "line")
    path = tmp_path / "m.safetensors"
    charlm.export_torch(model, path)
    inside: Any = model.trained.model
    assert isinstance(inside.network, HiddenNetwork)
    expected = state_dict(inside.network, inside.config, inside.parameters)
    found = load_file(path)
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[name], expected[name]) for name in expected)
    with safetensors.safe_open(path, "np") as file:
        metadata = file.metadata()
    assert metadata["format"] == "pt"
    about = json.loads(path.with_suffix(".json").read_text())
    assert json.loads(metadata["charlm"]) == about
    assert about["symbols"] == ["<unk>", *SYMBOLS, "</s>", "<s>"]
    assert (about["unknown"], about["end"], about["start"]) == (0, 10, 11)
    assert about["text"]["unit"] == "char"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda: network(RnnConfig(activation="linear", hidden=6)), "the linear activation has no"),
        (lambda: charlm.Model(make("window-gru-tanh-file")), "the window pattern has no form"),
        (lambda: charlm.Model(make("witten-bell-1-file")), "only recurrent networks have a form"),
    ],
)
def test_what_torch_does_not_have_is_refused(model: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(charlm.UsageError, match=message):
        charlm.export_torch(model(), tmp_path / "m.safetensors")
    assert not [*tmp_path.iterdir()]


def test_only_such_files_are_replaced(tmp_path: Path) -> None:
    model = network(RnnConfig(cell="gru", hidden=6))
    path, beside = tmp_path / "m.safetensors", tmp_path / "m.json"
    charlm.export_torch(model, path)
    charlm.export_torch(model, path)
    for mine in (path, beside):
        mine.write_bytes(b"mine")
        with pytest.raises(charlm.OutputError, match="is not a network for torch"):
            charlm.export_torch(model, path)
        assert mine.read_bytes() == b"mine"
        charlm.export_torch(model, path, force=True)
    model.save(path, force=True)
    with pytest.raises(charlm.OutputError, match="is not a network for torch"):
        charlm.export_torch(model, path)
