"""Clipping (lesson 7). 梯度裁剪（第 7 课）。"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def norm(gradients: list[Array]) -> float:
    """Return the length of all gradients together, as if they were one vector.

    所有梯度合成一个向量时的长度。
    """
    ...


def clip(gradients: list[Array], bound: float) -> list[Array]:
    """Scale all gradients by one factor, so that together they are no longer than the bound.

    用同一个比例缩小，使总长度不超过上限；本来就不超过的保持原样。
    """
    ...
