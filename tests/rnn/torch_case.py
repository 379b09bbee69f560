"""A training run that torch can repeat: its text and its first parameters come from formulas."""

from math import prod

import numpy as np

from charlm.arrays import Arrays, Ids
from charlm.rnn import networks
from charlm.rnn.config import RnnConfig, TrainingConfig

VOCAB_SIZE = 12
TEXT: Ids = np.array([1 + (i * i + i // 7) % 11 for i in range(1200)], np.int32)
TRAINING = TrainingConfig(
    optimizer="adam", learning_rate=0.005, schedule="constant", warmup=0, clip=1.0,
    batch=4, window=10, steps=100, validations=0, parts=1,
)  # fmt: skip
CONFIGURATIONS = {
    f"{cell}-{layers}": RnnConfig(cell=cell, hidden=24, layers=layers)
    for cell in ("elman", "gru", "lstm")
    for layers in (1, 2)
}


def first_parameters(config: RnnConfig) -> Arrays:
    """Waves between +-1/sqrt(H), no two parameters in phase."""
    shapes = networks.get(VOCAB_SIZE, config).shapes()
    phases = enumerate(shapes.items())
    return {
        name: (np.sin(1.7 * np.arange(prod(shape)) ** 1.1 + phase) / np.sqrt(config.hidden))
        .reshape(shape)
        .astype(np.float32)
        for phase, (name, shape) in phases
    }
