import numpy as np
import pytest

from charlm.rnn.layers.embedding import FEW_SYMBOLS, embed, embedding_gradient, one_hot
from charlm.rnn.layers.products import StepProducts

T, H, B = 7, 4, 3


@pytest.mark.parametrize("size", [6, FEW_SYMBOLS + 88])
def test_columns_are_summed_by_symbol(size: int) -> None:
    """By one-hot product for few symbols, by sorting for many."""
    rng = np.random.default_rng(0)
    values, symbols = rng.standard_normal((T, H, B)), rng.integers(0, 5, (T, B)).astype(np.int32)
    expected, summed = np.zeros((H, size)), np.full((H, size), np.nan)
    for t, b in np.ndindex(T, B):
        expected[:, symbols[t, b]] += values[t, :, b]
    embedding_gradient(StepProducts(np.float64), values, symbols, summed)
    np.testing.assert_allclose(summed, expected, rtol=1e-12)


@pytest.mark.parametrize("size", [6, T * B + 1])
def test_columns_are_looked_up(size: int) -> None:
    """The bias is added to the columns, or, where they are many, to what was looked up."""
    rng = np.random.default_rng(0)
    U, b = rng.standard_normal((H, size)), rng.standard_normal(H)
    symbols, out = rng.integers(0, size, (T, B)).astype(np.int32), np.empty((T, H, B))
    embed(U, b, symbols, out)
    np.testing.assert_allclose(out, U @ one_hot(symbols, size, np.float64) + b[:, None])
