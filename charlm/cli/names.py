"""The names in registries, so that help and completion need not import what they name.

Importing the registries takes NumPy, which takes longer than the help itself. A test compares
every list with its registry.
"""

NAMES: dict[str, tuple[str, ...]] = {
    "charlm.evaluation.afresh:RESETS": ("line", "never"),
    "charlm.surprisal.cells:BLANKS": ("leading", "trailing", "own"),
    "charlm.surprisal.cells:BY": ("symbol", "character", "word", "line"),
    "charlm.surprisal.peaks:RANKS": ("window", "character", "total"),
    "charlm.ngram.arpa.names:CASES": ("lower", "upper"),
    "charlm.ngram.smoothing.discounts:METHODS": ("closed", "tuned", "fallback"),
    "charlm.ngram.smoothing:SMOOTHERS": (
        "mle",
        "add-k",
        "jelinek-mercer",
        "katz",
        "absolute",
        "kneser-ney",
        "modified-kneser-ney",
        "witten-bell",
    ),
    "charlm.rnn.cells.elman:ACTIVATIONS": ("tanh", "relu", "linear"),
    "charlm.rnn.cells:CELLS": ("elman", "gru", "lstm"),
    "charlm.rnn.gradients.untrained:DRAWS": ("orthogonal", "gaussian"),
    "charlm.rnn.networks:NETWORKS": ("hidden", "output", "window"),
    "charlm.rnn.training.optimizers:OPTIMIZERS": ("adam", "adamw", "sgd"),
    "charlm.rnn.presets:PRESETS": ("tiny", "small", "medium", "large"),
    "charlm.rnn.training.schedule:SCHEDULES": ("cosine", "constant"),
    "charlm.text.corpus:ERRORS": ("strict", "replace", "ignore"),
    "charlm.text.shipped:SHIPPED": ("shakespeare", "chinese", "us_first_names"),
    "charlm.text.tokenizer:NEWLINES": ("keep", "lf"),
    "charlm.text.tokenizer:NORMALIZATIONS": ("NFC", "NFKC"),
    "charlm.text.tokenizer:SEQUENCES": ("file", "line"),
    "charlm.text.units:UNITS": ("char", "byte", "grapheme", "word", "token"),
}
