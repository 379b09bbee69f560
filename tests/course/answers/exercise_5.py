# mypy: ignore-errors
import numpy as np


def norm(gradients):
    return float(np.sqrt(sum((g**2).sum() for g in gradients)))


def clip(gradients, bound):
    factor = min(1.0, bound / norm(gradients))
    return [factor * g for g in gradients]
