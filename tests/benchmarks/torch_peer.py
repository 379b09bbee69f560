"""What a user of PyTorch writes: input rows, the module of the cell, a linear layer; eager.

Rows are an embedding as wide as the network, as is usual, or one-hot: then the network is ours,
with parameters one for one but for a second bias, and does less.

As a program, `python -m tests.benchmarks.torch_peer CELL HIDDEN LAYERS BATCH`, it trains a little.
"""

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

WINDOW, THREADS, VOCAB_SIZE = 64, 2, 66
MODULES = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Peer:
    """A network, and streams of random symbols for it to read."""

    def __init__(
        self, cell: str, hidden: int, layers: int, batch: int, vocab_size: int, *, one_hot: bool
    ):
        torch.set_num_threads(THREADS)
        self.rows = nn.Embedding(vocab_size, hidden)
        if one_hot:
            self.rows = nn.Embedding.from_pretrained(torch.eye(vocab_size))
        self.module = MODULES[cell](self.rows.embedding_dim, hidden, layers)
        self.output = nn.Linear(hidden, vocab_size)
        self.symbols = torch.randint(vocab_size, (WINDOW + 1, batch))

    def trainer(self) -> Callable[[], object]:
        """Return a step: carried state, clipping by norm, fused Adam."""
        modules = nn.ModuleList([self.rows, self.module, self.output])
        learnt = [p for p in modules.parameters() if p.requires_grad]
        adam = torch.optim.Adam(learnt, 1e-3, betas=(0.9, 0.99), fused=True)
        state: Any = None

        def step() -> None:
            nonlocal state
            hidden, after = self.module(self.rows(self.symbols[:-1]), state)
            state = tuple(p.detach() for p in after) if type(after) is tuple else after.detach()
            logits = self.output(hidden).flatten(0, 1)
            loss = functional.cross_entropy(logits, self.symbols[1:].flatten())
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learnt, 1.0)
            adam.step()

        return step

    def reader(self, windows: int) -> Callable[[], object]:
        """Return a reading of some windows: the log-probability of each symbol."""

        def read() -> None:
            state: Any = None
            for _ in range(windows):
                hidden, state = self.module(self.rows(self.symbols[:-1]), state)
                scores = functional.log_softmax(self.output(hidden), -1)
                scores.gather(-1, self.symbols[1:, :, None])

        return in_inference(read)

    def sampler(self, length: int) -> Callable[[], object]:
        """Return the drawing of a text, symbol by symbol."""

        def draw() -> None:
            state: Any = None
            symbol = self.symbols[0, :1]
            for _ in range(length):
                hidden, state = self.module(self.rows(symbol), state)
                symbol = torch.multinomial(functional.softmax(self.output(hidden[-1]), -1), 1)

        return in_inference(draw)


def in_inference(function: Callable[[], object]) -> Callable[[], object]:
    """Return the function without what gradients would need."""

    def call() -> None:
        with torch.inference_mode():
            function()

    return call


if __name__ == "__main__":
    cell, *sizes = sys.argv[1:]
    hidden, layers, batch = map(int, sizes)
    step = Peer(cell, hidden, layers, batch, VOCAB_SIZE, one_hot=False).trainer()
    for _ in range(10):
        step()
