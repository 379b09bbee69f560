from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charlm.rnn.layers import products
from charlm.rnn.layers.products import StepProducts

SUMS = StepProducts(np.float64)  # one for all shapes, as a layer uses it
size = st.integers(1, 9)


@given(size, size, size, size, st.integers(1, 40), st.integers(1, 9))
def test_sums_of_products(
    steps: int, rows: int, columns: int, streams: int, width: int, height: int
) -> None:
    """Whatever the size of the blocks, the last may be smaller."""
    rng = np.random.default_rng(0)
    left, right = (rng.standard_normal((steps, r, streams)) for r in (rows, columns))
    out = np.full((rows, columns), np.nan)
    with patch.object(products, "COLUMNS", width), patch.object(products, "ROWS", height):
        SUMS.sum(left, right, out)
    np.testing.assert_allclose(out, np.einsum("trb,tcb->rc", left, right), atol=1e-12)
