"""BPTT of the linear network (lesson 6). 线性网络的反向传播（第 6 课）。"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def forward(W: Array, U: Array, reads: list[int]) -> Array:
    """Return h_t = W h_(t-1) + U x_t for t = 1..T, (T, H); h_0 is zero, x_t one-hot.

    返回各步的隐藏状态；`reads` 是每步读入的符号编号。
    """
    ...


def backward(W: Array, V: Array, d_o: Array) -> Array:
    """Return dL/dh_t for t = 1..T, (T, H), from dL/do_t, (T, V). 从最后一步往回走。"""
    ...


def weight_gradient(d_h: Array, h: Array) -> Array:
    """Return dL/dW, (H, H), from dL/dh_t and h_t, (T, H) both. 注意用的是 h_(t-1)。"""
    ...
