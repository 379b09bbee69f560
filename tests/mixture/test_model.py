from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import charlm.storage  # noqa: F401 - it names the families that a mixture may hold
from charlm.arrays import Arrays
from charlm.errors import ModelFileError, TextError, UsageError
from charlm.mixture import evidence, fit, fitting, member, unite
from charlm.mixture import model as mixtures
from charlm.mixture.gate import Gate
from charlm.mixture.model import DEEPEST, MixtureModel
from tests.support.models import MIXTURES, TEXT, TUNING, UNSEEN, each, make, mix

PARTS = tuple[dict[str, Any], Arrays]


@each([name for name in MIXTURES if "gate" in name])
def test_a_gate_is_no_worse_on_its_tuning_text(name: str) -> None:
    constant = make(name.replace("gate-", "mixture-", 1))
    ids = constant.tokenizer.encode(TUNING)
    gated, plain = (c.model.score(ids)[0] for c in (make(name), constant))
    assert gated[np.isfinite(plain)].sum() >= plain[np.isfinite(plain)].sum() - 1e-6


@each([name for name in MIXTURES if "nested" not in name])
def test_a_mixture_is_better_than_its_members(name: str) -> None:
    trained = make(name)
    assert isinstance(trained.model, MixtureModel)
    ids = trained.tokenizer.encode(TUNING)
    members = [m.score(ids, m.model.initial_state())[0].sum() for m in trained.model.members]
    assert trained.model.score(ids)[0].sum() > max(members)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    trained = make("gate-families-file")
    ids = trained.tokenizer.encode(TEXT[:300] + UNSEEN)
    whole, _ = trained.model.score(ids)
    monkeypatch.setattr(evidence, "BLOCK_NUMBERS", 17 * trained.model.vocab_size)
    np.testing.assert_allclose(trained.model.score(ids)[0], whole, rtol=0, atol=1e-5)


def test_three_members_by_hand() -> None:
    names = ("witten-bell-1-file", "mle-1-file", "modified-kneser-ney-4-file")
    trained = mix([make(name) for name in names])
    assert isinstance(trained.model, MixtureModel)
    ids = trained.tokenizer.encode(TEXT[:50])
    probs = [np.exp(make(name).model.score(ids)[0]) for name in names]
    expected = sum(w * p for w, p in zip(trained.model.gate.weights, probs, strict=True))
    np.testing.assert_allclose(np.exp(trained.model.score(ids)[0]), expected, rtol=1e-9)


def test_what_is_sure_to_all_costs_nothing() -> None:
    """Weights add up to one but for rounding, which must not make a probability of more."""
    for weights in np.random.default_rng(0).dirichlet(np.ones(3), 200):
        joint = Gate.constant(weights).log_weights(np.empty((1, 0)))
        assert -1e-15 < evidence.mixed(joint)[0] <= 0
        assert -1e-15 < evidence.mix([np.zeros(2)] * 3, joint[0]).max() <= 0


def test_nothing_to_tune_on() -> None:
    trained = make("mle-1-file")
    union = unite([trained.tokenizer])
    only = member(trained.model, trained.tokenizer, union)
    with pytest.raises(TextError, match="tuning text is empty"):
        fit([only], None, [np.empty(0, np.int32)])
    with pytest.raises(TextError, match="tuning text has no symbol"):
        fit([only], None, [np.zeros(2, np.int32)])  # of which maximum likelihood knows nothing


def test_depth_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    trained = make("mle-1-line")
    for _ in range(DEEPEST):
        trained = mix([trained])
    with pytest.raises(UsageError, match=f"no more than {DEEPEST} mixtures"):
        mix([trained])
    model = trained.model
    monkeypatch.setattr(mixtures, "DEEPEST", DEEPEST - 1)
    with pytest.raises(ModelFileError, match=f"more than {DEEPEST - 1} mixtures inside each other"):
        MixtureModel.from_arrays(model.settings(), model.arrays())


def test_a_file_holds_so_many_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "MAX_ARRAYS", 20)
    with pytest.raises(UsageError, match="too many models for one file"):
        mix([make("mle-1-line")] * 4)


def _change(name: str, value: Any) -> Callable[[PARTS], None]:
    def change(parts: PARTS) -> None:
        parts[1][name] = parts[1][name].copy()
        parts[1][name].flat[1] = value

    return change


def _exchange(parts: PARTS) -> None:
    """Each symbol is one of the union still, but not itself."""
    symbols = parts[1]["1.symbols"].copy()
    symbols[1:3] = symbols[2:0:-1]
    parts[1]["1.symbols"] = symbols


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_exchange, "do not fit together"),
        (_change("gate.bias", -3.0), "do not add up to one"),
        (_change("gate.bias", 1e5), "not in their range"),
        (_change("gate.bias", np.nan), "not finite"),
        (_change("gate.W", np.inf), "not finite"),
        (_change("gate.scale", 0.0), "not in their range"),
        (_change("gate.W", 1e31), "too large"),
        (_change("0.symbols", 10_000), "do not fit together"),
        (_change("0.symbols", 0), "do not fit together"),
        (_change("0.shares", 0.5), "do not fit together"),
        (lambda parts: parts[1].update(gate=np.zeros(1)), "do not fit together"),
        (lambda parts: parts[1].pop("gate.mean"), "weights are not there"),
        (lambda parts: parts[0].update(members=[]), "do not fit together"),
        (lambda parts: parts[0].update(vocab_size=3.0), "do not fit together"),
        (lambda parts: parts[1].update({"gate.W": np.zeros((2, 1))}), "do not fit its members"),
    ],
)
def test_impossible_mixtures_are_refused(change: Callable[[PARTS], None], message: str) -> None:
    model = make("gate-vocabularies-line").model
    parts = model.settings(), model.arrays()
    change(parts)
    with pytest.raises(ModelFileError, match=message):
        MixtureModel.from_arrays(*parts)
