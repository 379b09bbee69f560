"""The names that options may have, as types: a checker tells of `cell="gruu"` before it runs.

A test compares each with the registry that knows the name.
"""

from typing import Literal, TypeAlias

Activation: TypeAlias = Literal["tanh", "relu", "linear"]
Blank: TypeAlias = Literal["leading", "trailing", "own"]
By: TypeAlias = Literal["symbol", "character", "word", "line"]
Case: TypeAlias = Literal["lower", "upper"]
CellName: TypeAlias = Literal["elman", "gru", "lstm"]
Discounts: TypeAlias = Literal["closed", "tuned", "fallback"]
Errors: TypeAlias = Literal["strict", "replace", "ignore"]
Newlines: TypeAlias = Literal["keep", "lf"]
NormalForm: TypeAlias = Literal["NFC", "NFKC"]
Optimizer: TypeAlias = Literal["adam", "adamw", "sgd"]
Pattern: TypeAlias = Literal["hidden", "output", "window"]
Preset: TypeAlias = Literal["tiny", "small", "medium", "large"]
Schedule: TypeAlias = Literal["cosine", "constant"]
RankBy: TypeAlias = Literal["window", "character", "total"]
Reset: TypeAlias = Literal["line", "never"]
SequenceName: TypeAlias = Literal["file", "line"]
Smoothing: TypeAlias = Literal[
    "mle",
    "add-k",
    "jelinek-mercer",
    "katz",
    "absolute",
    "kneser-ney",
    "modified-kneser-ney",
    "witten-bell",
]
UnitName: TypeAlias = Literal["char", "byte", "grapheme", "word", "token"]
