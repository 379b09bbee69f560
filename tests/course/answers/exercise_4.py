# mypy: ignore-errors
import numpy as np


def forward(W, U, reads):
    h, states = np.zeros(len(W)), []
    for x in reads:
        h = W @ h + U[:, x]
        states.append(h)
    return np.array(states)


def backward(W, V, d_o):
    later, states = np.zeros(len(W)), []
    for d in d_o[::-1]:
        d_h = V.T @ d + later
        states.append(d_h)
        later = W.T @ d_h
    return np.array(states[::-1])


def weight_gradient(d_h, h):
    return sum(np.outer(d_h[t], h[t - 1]) for t in range(1, len(h)))
