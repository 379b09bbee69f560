import numpy as np
import pytest

from charlm.mixture import adaptive
from charlm.mixture.model import MixtureModel
from charlm.model import StaticReader, stepwise
from tests.support.models import TEXT, UNSEEN, make


def mixture(name: str) -> MixtureModel:
    model = make(name).model
    assert isinstance(model, MixtureModel)
    return model


def adaptive_reader(model: MixtureModel) -> adaptive.AdaptiveMixtureReader:
    return adaptive.AdaptiveMixtureReader(model.members, model.gate)


def test_what_learns_is_named() -> None:
    assert mixture("gate-ngrams-file").adaptive_reader().describe() == {
        "adaptive": f"counts(12)+counts(12)+weights({adaptive.RATE})"
    }


@pytest.mark.parametrize("name", ["mixture-families-file", "gate-families-line"])
def test_at_rate_zero_weights_stay(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then readers that learn nothing give the frozen mixture."""
    monkeypatch.setattr(adaptive, "RATE", 0.0)
    model = mixture(name)
    reader = adaptive_reader(model)
    reader._readers = [StaticReader(member.model) for member in model.members]
    ids = make(name).tokenizer.encode(TEXT[:200] + UNSEEN)
    np.testing.assert_allclose(reader.score(ids), model.score(ids)[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["mixture-families-file", "gate-families-line"])
def test_weights_go_to_who_is_right(name: str) -> None:
    model = mixture(name)
    reader = adaptive_reader(model)
    inputs = np.ones(reader._parameters.shape[1])
    before = reader._parameters @ inputs
    for _ in range(20):
        reader._learn(np.log([0.01, 0.5]), inputs)
    after = reader._parameters @ inputs
    assert after[1] - after[0] > before[1] - before[0]


def test_a_symbol_is_predicted_before_it_is_learnt() -> None:
    """What comes later changes no earlier figure."""
    model = mixture("gate-ngrams-file")
    ids = make("gate-ngrams-file").tokenizer.encode(TEXT[:120])
    other = ids.copy()
    other[80:] = 5
    a, b = (stepwise(model.adaptive_reader(), each) for each in (ids, other))
    np.testing.assert_array_equal(a[:80], b[:80])


def test_the_impossible_teaches_nothing() -> None:
    reader = adaptive_reader(mixture("mixture-ngrams-file"))
    before = reader._parameters.copy()
    assert reader._learn(np.full(2, -np.inf), np.ones(1)) == -np.inf
    np.testing.assert_array_equal(reader._parameters, before)
