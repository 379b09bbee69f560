"""Where a sample without a prompt begins: as the paragraphs of the book do.

A model of whole files has seen few files begin, often one. After the empty history its distribution
is nearly that of symbols anywhere, and what it draws begins in the middle of a word. So it has read
a line end before, and another one where it has seen blank lines between paragraphs. A model whose
sequences are lines has seen many begin, and needs nothing; nor is there anything to read for one
that knows no line ends.
"""

from math import log

import numpy as np

from charlm.arrays import Ids
from charlm.trained import TrainedModel


def beginning(trained: TrainedModel) -> Ids:
    """Return what stands before the first paragraph of a sample, (0, 1 or 2,)."""
    line_end = trained.tokenizer.line_end
    if not len(line_end):
        return line_end
    model = trained.model
    log_probs = model.log_probs(model.score(line_end)[1])
    has_blank_lines = log_probs[line_end[0]] > -log(model.vocab_size)  # more than chance
    return np.concatenate([line_end, line_end]) if has_blank_lines else line_end
