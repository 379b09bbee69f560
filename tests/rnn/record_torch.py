"""Record loss curves of torch, for `test_torch.py` to compare ours with.

`python -m tests.rnn.record_torch`, where torch is installed, writes `torch_curves.json`.
"""

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from charlm.rnn.config import RnnConfig
from charlm.rnn.model import RnnModel
from tests.rnn.torch_case import CONFIGURATIONS, TEXT, TRAINING, VOCAB_SIZE, first_parameters

CURVES = Path(__file__).with_name("torch_curves.json")


def curve(config: RnnConfig) -> list[float]:
    """Train by torch alone; give the loss of each step, in nats."""
    network = RnnModel(config, VOCAB_SIZE, None, 0.0, first_parameters(config)).to_torch()
    learnt = [p for p in network.parameters() if p.requires_grad]
    adam = torch.optim.Adam(learnt, TRAINING.learning_rate, betas=(0.9, 0.99), eps=1e-8)
    targets = torch.as_tensor(TEXT).long()
    inputs = torch.cat([torch.tensor([VOCAB_SIZE]), targets[:-1]])  # START first
    starts = torch.arange(TRAINING.batch) * len(TEXT) // TRAINING.batch
    state: Any = None
    losses = []
    for step in range(TRAINING.steps or 0):
        times = step * TRAINING.window + torch.arange(TRAINING.window)
        where = (times[:, None] + starts) % len(TEXT)  # (T, B)
        expected, state = network(inputs[where], state)
        state = tuple(p.detach() for p in state) if isinstance(state, tuple) else state.detach()
        loss = functional.cross_entropy(expected.flatten(0, 1), targets[where].flatten())
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learnt, TRAINING.clip)
        adam.step()
        losses.append(round(loss.item(), 7))
    return losses


if __name__ == "__main__":
    curves = {name: curve(config) for name, config in CONFIGURATIONS.items()}
    CURVES.write_text(json.dumps({"torch": torch.__version__, "curves": curves}) + "\n")
