"""How parameters start: what experiments found good, on character models of 128 to 512 units."""

import numpy as np

from charlm.arrays import Arrays, Float64s, Ids
from charlm.text.vocabulary import UNKNOWN

INPUT_GAIN = 16.0  # columns of U start uniform in +-INPUT_GAIN / sqrt(H)
TRUSTED = 100_000  # symbols; of a text that long or longer the outputs start from the shares


def orthogonal(size: int, gates: int, rng: np.random.Generator) -> Float64s:
    """Draw a random orthogonal matrix for each gate, (G H, H): its powers keep lengths.

    Q of a Gaussian matrix, signs made unique (Mezzadri 2007).
    """
    blocks = []
    for _ in range(gates):
        q, r = np.linalg.qr(rng.standard_normal((size, size)))
        blocks.append(q * np.sign(np.diag(r)))
    return np.concatenate(blocks)


def input_columns(rows: int, units: int, start: int, rng: np.random.Generator) -> Float64s:
    """Draw wide columns for the symbols and START, (rows, START + 1).

    UNKNOWN's column is zero, and stays so where training never meets it.
    """
    scale = INPUT_GAIN / np.sqrt(units)
    U = rng.uniform(-scale, scale, (rows, start + 1))
    U[:, UNKNOWN] = 0
    return U


def projection(rows: int, size: int, rng: np.random.Generator) -> Float64s:
    """Draw Q, (rows, size): what it is given starts at zero, and must be told apart."""
    scale = 1 / np.sqrt(size)
    return rng.uniform(-scale, scale, (rows, size))


def output_layer(vocab_size: int, units: int, rng: np.random.Generator) -> Arrays:
    """Draw a narrow V, (V, H), and zero c, (V,): all symbols are about as likely at first."""
    scale = 1 / np.sqrt(units)
    return {"V": rng.uniform(-scale, scale, (vocab_size, units)), "c": np.zeros(vocab_size)}


def output_biases(targets: Ids, vocab_size: int) -> Float64s:
    """Return c, (V,), to start with for a text of N symbols: min(1, N / TRUSTED) log p(x).

    p(x) = (n(x) + 1) / (N + V), where x occurs n(x) times. So for a long text the network starts
    as the unigram model. Otherwise the first hundred steps would be spent on learning how frequent
    each symbol is. For a short text the frequencies are less certain, and networks that started
    from them learnt the text by heart.
    """
    counts = np.bincount(targets, minlength=vocab_size) + 1.0
    shares = counts / counts.sum()
    biases: Float64s = min(1.0, len(targets) / TRUSTED) * np.log(shares)
    return biases
