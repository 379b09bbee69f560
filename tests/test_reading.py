"""The laws of readers, for every registered model."""

import numpy as np
import pytest

from charlm.reading import StaticReader, stepwise
from tests.models import MODELS, TEXT, UNSEEN, make

each_model = pytest.mark.parametrize("name", MODELS)


@each_model
def test_a_static_reader_is_the_model(name: str) -> None:
    contents = make(name)
    ids = contents.tokenizer.encode(TEXT[:100] + UNSEEN)
    expected, state = contents.model.score(ids)
    reader = StaticReader(contents.model)
    np.testing.assert_array_equal(reader.score(ids), expected)
    np.testing.assert_array_equal(reader.log_probs(), contents.model.log_probs(state))
    np.testing.assert_allclose(stepwise(StaticReader(contents.model), ids), expected, atol=1e-5)


def test_a_static_reader_may_start_anywhere() -> None:
    contents = make("witten-bell-4-file")
    ids = contents.tokenizer.encode(TEXT[:100])
    whole, _ = contents.model.score(ids)
    _, state = contents.model.score(ids[:40])
    np.testing.assert_array_equal(StaticReader(contents.model, state).score(ids[40:]), whole[40:])
