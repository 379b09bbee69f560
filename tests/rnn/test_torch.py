"""Beside torch: the same training curves, and the same outputs from the same parameters."""

import json
from pathlib import Path

import numpy as np
import pytest

from charlm.rnn.config import RnnConfig
from charlm.rnn.model import RnnModel
from charlm.rnn.run import Run, Texts
from charlm.rnn.training import MEMORY, go_on, start
from charlm.storage import save
from tests.models import make, recurrent
from tests.rnn.torch_case import CONFIGURATIONS, TEXT, TRAINING, VOCAB_SIZE, first_parameters

RECORDED = json.loads(Path(__file__).with_name("torch_curves.json").read_text())["curves"]


def curve(config: RnnConfig) -> list[float]:
    """Train; give the loss of each step, which is what it adds to the running loss."""
    texts = Texts((TEXT,), (), VOCAB_SIZE)
    initial = RnnModel(config, VOCAB_SIZE, None, 0.1, first_parameters(config))
    running = [0.0]

    def watch(run: Run) -> bool:
        running.append(run.loss)
        return False

    go_on(start(texts, config, TRAINING, initial), texts, watch=watch)
    before, after = np.array(running[:-1]), np.array(running[1:])
    return list((after - MEMORY * before) / (1 - MEMORY))


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_training_follows_torch(name: str) -> None:
    """Over 100 steps, each loss within 1e-4 nats, while the loss falls by far more."""
    losses = curve(CONFIGURATIONS[name])
    np.testing.assert_allclose(losses, RECORDED[name], rtol=0, atol=1e-4)
    assert losses[-1] < losses[0] - 0.2


@pytest.mark.parametrize("layers", ["", "-layers"])
@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_torch_reads_our_files_with_equal_outputs(cell: str, layers: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    from safetensors.numpy import load_file

    from tests.rnn.torch_recipe import to_torch

    name = f"hidden-{cell}-tanh{layers}-file"
    model, path = recurrent(name), tmp_path / "model.charlm"
    save(path, make(name))
    p = load_file(path)
    ids = np.array([model.vocab_size, 5, 3, 9, 1, 2, 2, 7])
    x = torch.nn.functional.one_hot(torch.as_tensor(ids), model.vocab_size + 1).float()
    with torch.no_grad():
        hidden, _ = to_torch(p, cell)(x)
    logits = hidden.numpy() @ p["V"].T + p["c"]
    state = model.initial_state()
    for symbol, theirs in zip([*ids[1:], 1], logits, strict=True):
        np.testing.assert_allclose(model.log_softmax(theirs), model.log_probs(state), atol=1e-5)
        state = model.advance(state, int(symbol))
