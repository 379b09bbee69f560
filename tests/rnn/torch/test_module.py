"""Networks in torch: what they expect is what ours expects."""

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import charlm
from charlm.api.names import UnitName
from charlm.errors import UsageError
from charlm.model import StaticReader, stepwise
from charlm.rnn.cells import CELLS
from charlm.rnn.config import RnnConfig
from charlm.rnn.model import RnnModel
from charlm.rnn.networks import get
from charlm.rnn.networks.hidden import HiddenNetwork
from charlm.rnn.torch import arrays as torch_arrays
from charlm.text.units import UNITS
from tests.support.models import TEXT, make
from tests.support.readme import README

V, END = 9, 8
CASES = [
    (cell, activation, layers)
    for cell, kind in CELLS.items()
    for activation in kind.activations
    for layers in (1, 2, 11)
]


def random_model(
    config: RnnConfig, end: int | None, reserve: float, vocab_size: int = V
) -> RnnModel:
    rng = np.random.default_rng(0)
    arrays = get(vocab_size, config).initialize(rng)
    for name in arrays:
        arrays[name] = arrays[name] * 0.9 + 0.1 * rng.standard_normal(arrays[name].shape)
    parameters = {name: array.astype(np.float32) for name, array in arrays.items()}
    return RnnModel(config, vocab_size, end, reserve, parameters)


def in_torch(network: Any, model: RnnModel, ids: Any) -> Any:
    """What torch expects of each id."""
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    inputs = np.concatenate([[network.start], model.inputs(ids)[:-1]])
    with torch.no_grad():
        expected, _ = network(torch.as_tensor(inputs).long())
    return expected.numpy()[np.arange(len(ids)), ids]


@pytest.mark.parametrize(("end", "reserve"), [(None, 0.0), (END, 0.01)])
@pytest.mark.parametrize(("cell", "activation", "layers"), CASES)
def test_torch_expects_what_we_expect(
    cell: str, activation: str, layers: int, end: int | None, reserve: float
) -> None:
    pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    config = RnnConfig(cell=cell, activation=activation, layers=layers, hidden=6)
    model = random_model(config, end, reserve)
    ids = np.random.default_rng(1).integers(0, V, 60).astype(np.int32)
    expected = stepwise(StaticReader(model), ids)
    assert np.ptp(expected) > 0.3
    found = in_torch(model.to_torch(), model, ids)
    rounding = 1e-4 + 1e-6 * np.abs(expected).max()  # where linear layers grow
    np.testing.assert_allclose(found, expected, rtol=0, atol=rounding)


@pytest.mark.parametrize("unit", UNITS)
def test_models_of_every_unit_go_to_torch(unit: UnitName) -> None:
    pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    model = charlm.train_rnn(TEXT[:2000], unit=unit, hidden=8, steps=5, valid_fraction=0)
    ids = model.trained.tokenizer.encode('Then 中 speak: "é" speak.')
    network: Any = model.to_torch()
    inside = model.trained.model
    assert isinstance(inside, RnnModel)
    np.testing.assert_allclose(in_torch(network, inside, ids), inside.score(ids)[0], atol=1e-4)


def test_streams_side_by_side_and_states_are_those_of_one() -> None:
    """START stands at other places in each; the second half goes on from the first's state."""
    torch = pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    for cell in CELLS:
        network: Any = random_model(RnnConfig(cell=cell, layers=2, hidden=6), END, 0.01).to_torch()
        inputs = torch.as_tensor(np.random.default_rng(1).integers(0, V + 1, (40, 3)))
        with torch.no_grad():
            whole, _ = network(inputs)
            first, state = network(inputs[:17])
            second, _ = network(inputs[17:], state)
            single = [network(inputs[:, i])[0] for i in range(3)]
        torch.testing.assert_close(whole, torch.cat([first, second]))
        torch.testing.assert_close(whole, torch.stack(single, 1))
        assert whole.exp().sum(-1) == pytest.approx(np.ones((40, 3)), abs=1e-5)


def test_the_readmes_lines_on_torch_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
    (lines,) = re.findall(r"```python\n(import torch.*?)```", README.read_text(), flags=re.S)
    monkeypatch.chdir(tmp_path)
    charlm.train_rnn(TEXT, steps=5).save("austen.rnn.charlm")
    names: dict[str, Any] = {}
    exec(compile(lines, "README", "exec"), names)
    _, bits = charlm.load("austen.rnn.charlm").score("It is a truth")
    assert names["loss"].item() == pytest.approx(bits.mean() * np.log(2), abs=1e-4)


def test_layers_and_gates_stand_in_their_order() -> None:
    """By number, not by name: U, U2, .. U11; gates i, f, g, o. Needs no torch."""
    config = RnnConfig(cell="lstm", layers=11, hidden=2)
    model = random_model(config, None, 0.0)
    for i, (U, W, b) in enumerate([("U", "W", "b"), *((f"U{i}", f"W{i}", f"b{i}")
                                                      for i in range(2, 12))]):  # fmt: skip
        for name in (U, W, b):
            model.parameters[name][:] = np.repeat([0.0, 1.0, 2.0, 3.0], 2).reshape(
                -1, *[1] * (model.parameters[name].ndim - 1)
            ) + 10 * i  # fmt: skip
    assert isinstance(model.network, HiddenNetwork)
    arrays = torch_arrays.state_dict(model.network, config, model.parameters)
    for i in range(11):
        for name in ("weight_ih", "weight_hh", "bias_ih"):
            rows = arrays[f"recurrent.{name}_l{i}"].reshape(8, -1)
            assert (rows - 10 * i).mean(1).tolist() == [0, 0, 1, 1, 3, 3, 2, 2]
        assert not arrays[f"recurrent.bias_hh_l{i}"].any()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("window-gru-tanh-file", "the window pattern has no form in torch; the hidden pattern has"),
        ("output-elman-tanh-file", "the output pattern has no form in torch"),
        ("witten-bell-1-file", "only a recurrent network has a form in torch, no ngram model"),
    ],
)
def test_what_torch_cannot_express_is_refused_by_name(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        charlm.Model(make(name)).to_torch()


def test_without_torch_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "charlm.rnn.torch.module", raising=False)
    with pytest.raises(UsageError, match="takes torch, which is not installed: pip install torch"):
        charlm.Model(make("hidden-gru-tanh-file")).to_torch()
