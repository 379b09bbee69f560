"""Names are views of one vector, wherever it lies."""

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pytest

from charlm.rnn.layers.parameters import Parameters

ARRAYS = {"W": np.arange(6.0).reshape(2, 3), "b": np.array([7.0, 8.0]), "U": np.ones((1, 4))}


def shared(parameters: Parameters) -> Parameters:
    parameters.share()
    return parameters


def as_it_is(parameters: Parameters) -> Parameters:
    return parameters


@pytest.mark.parametrize("moved", [as_it_is, deepcopy, shared])
def test_the_vector_holds_all_sorted_by_name(moved: Callable[[Parameters], Parameters]) -> None:
    parameters = moved(Parameters.of(ARRAYS, np.float64))
    assert parameters.flat.tolist() == [1, 1, 1, 1, 0, 1, 2, 3, 4, 5, 7, 8]
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(parameters[name], array)
    parameters.flat *= 2
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(parameters[name], 2 * array)


def test_copies_are_independent() -> None:
    parameters = Parameters.of(ARRAYS, np.float64)
    copy, arrays = deepcopy(parameters), parameters.arrays()
    parameters.flat.fill(0)
    assert copy["W"].any()
    assert arrays["W"].any()
