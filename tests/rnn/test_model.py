import numpy as np
import pytest

from charlm.arrays import Float64s, Ids, Integers
from charlm.errors import ModelFileError
from charlm.model import StaticReader, stepwise
from charlm.rnn.layers.parameters import Parameters
from charlm.rnn.model import RnnModel
from tests.support.models import RNNS, TEXT, each, make, recurrent

NAME = "hidden-elman-tanh-file"


def test_parameters_are_views_of_one_vector() -> None:
    parameters = Parameters.of({"a": np.ones((2, 3)), "b": np.zeros(2)})
    parameters.flat += 1
    assert parameters["a"].tolist() == [[2.0] * 3] * 2
    kept = parameters.arrays()
    parameters.flat += 1
    assert kept["b"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ({"W": np.zeros((3, 3), np.float32)}, "shapes"),
        ({"c": np.full(60, np.nan, np.float32)}, "shapes|finite"),
        ({"x": np.zeros(1, np.float32)}, "shapes"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(spoil: dict[str, np.ndarray], message: str) -> None:
    model = make(NAME).model
    with pytest.raises(ModelFileError, match=message):
        RnnModel.from_arrays(model.settings(), {**model.arrays(), **spoil})


def test_values_must_be_finite_and_names_known() -> None:
    model = make(NAME).model
    arrays = model.arrays()
    arrays["c"] = np.full_like(arrays["c"], np.inf)
    with pytest.raises(ModelFileError, match="finite"):
        RnnModel.from_arrays(model.settings(), arrays)
    integers = {name: array.astype(np.int8) for name, array in model.arrays().items()}
    with pytest.raises(ModelFileError, match="finite numbers"):
        RnnModel.from_arrays(model.settings(), integers)
    with pytest.raises(ModelFileError, match="reserved"):
        RnnModel.from_arrays({**model.settings(), "reserve": 2.0}, model.arrays())
    with pytest.raises(ModelFileError, match="unknown cell"):
        RnnModel.from_arrays({**model.settings(), "cell": "brain"}, model.arrays())


LINES = [name for name in RNNS if name.endswith("-line")]


@each(LINES)
def test_a_text_of_many_lines_is_scored_line_by_line(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From within a line to within another; each begins anew."""
    trained, network = make(name), recurrent(name)
    asked: list[int] = []
    score_each = RnnModel.score_each

    def noted(self: RnnModel, ids: Ids, lengths: Integers) -> Float64s:
        asked.append(len(lengths))
        return score_each(self, ids, lengths)

    monkeypatch.setattr(RnnModel, "score_each", noted)
    words = TEXT[:1300].split()
    text = "tail\n\n\n" + "\n".join(words) + "\nhead"
    ids = trained.tokenizer.encode(text, close_line=False)
    _, begun = network.score(trained.tokenizer.encode("The ", close_line=False))
    scored, after = network.score(ids, begun)
    assert asked == [len(words) + 2]
    expected = stepwise(StaticReader(network, begun), ids)
    np.testing.assert_allclose(scored, expected, rtol=1e-6, atol=1e-5)
    _, alone = network.score(trained.tokenizer.encode("head", close_line=False))
    np.testing.assert_allclose(network.log_probs(after), network.log_probs(alone), atol=1e-6)
