"""Softmax and its loss (lessons 4 and 5). softmax 与损失（第 4、5 课）。"""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def softmax(o: Vector) -> Vector:
    """Return e^o over its sum; outputs may be as large as 1000. 输出可能大到 1000，不能溢出。"""
    ...


def loss(o: Vector, y: int) -> float:
    """Return -ln p(y) in nats, p = softmax(o). 以奈特计。"""
    ...


def loss_gradient(o: Vector, y: int) -> Vector:
    """Return dL/do of that loss. 返回该损失对 o 的梯度。"""
    ...
