"""Top-p sampling (lesson 10). top-p 采样（第 10 课）。"""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def top_p(probabilities: Vector, p: float) -> Vector:
    """Keep the likeliest symbols whose shares add up to p at least, as few as possible.

    The others get 0, and those kept are scaled to add up to 1.
    保留概率之和至少为 p 的最少几个符号，其余记零，再归一。
    """
    ...
