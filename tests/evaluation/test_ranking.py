import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charlm.evaluation import ranking
from charlm.evaluation.ranking import ScoreFile

NUMBERS = st.floats(allow_nan=False) | st.sampled_from([0.0, 1.5, 1.5, -1e-7, float("inf")])


@given(values=st.lists(NUMBERS, min_size=1, max_size=40), block=st.integers(1, 50))
def test_the_smallest_are_those_of_a_sort(values: list[float], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "BLOCK", block)
        scores = ScoreFile(columns=2)
        for value in values:
            scores.add(np.array([[value, 7], [np.nan, 7]]))
        assert (scores.rows, scores.ranked) == (2 * len(values), len(values))
        ascending = np.sort(values)  # -0.0 and 0.0 are equal
        for k in range(1, len(values) + 1):
            found, ties = scores.smallest(k)
            assert found == ascending[k - 1]
            below = sum(value < found for value in values)
            assert 1 <= ties <= sum(value == found for value in values)
            assert below + ties == k or found == 0
        scores.close()


def test_rows_are_read_where_they_stand() -> None:
    rows = np.arange(12.0).reshape(6, 2)
    scores = ScoreFile(columns=2)
    scores.add(rows[:4])
    scores.add(rows[4:])
    np.testing.assert_array_equal(scores.read(3, 2), rows[3:5])
    np.testing.assert_array_equal(np.concatenate([*scores.blocks()]), rows)
    scores.close()
