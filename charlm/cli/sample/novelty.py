"""`charlm sample --novelty`: what of the samples is new, said in words and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from charlm.cli.console import one_line, say
from charlm.cli.files import few
from charlm.sampling.novelty import Novelty, ids_of, novelty, together, whole_lines_of
from charlm.text.corpus import Document
from charlm.text.pieces import RereadableText
from charlm.trained import Record, TrainedModel

SHOWN = 60  # characters of a copy


@dataclass(frozen=True)
class Findings:
    """What was found of each sample, and, where samples are lines, which are lines of a text."""

    trained: TrainedModel
    samples: Sequence[Sequence[int]]
    novelties: Sequence[Novelty]
    known_lines: set[str]

    def to_json(self, i: int) -> dict[str, Any]:
        """Return what is known of a sample, as JSON types."""
        found = self.novelties[i]
        facts = {
            "longest_copy": found.longest_copy,
            "copy": self._copy(found),
            "share_new": {str(n): found.share_new(n) for n in found.ngrams},
        }
        if self.trained.tokenizer.end is not None:
            facts["is_a_line_of_the_corpus"] = self._text(i) in self.known_lines
        return facts

    def tell(self) -> None:
        """Say it of all samples together."""
        found = together(self.novelties)
        copy = one_line(self._copy(found))
        if len(copy) > SHOWN:
            copy = f"{copy[:SHOWN]}..."
        say(f'Longest copy: {found.longest_copy:,} of {found.symbols:,} symbols, "{copy}".')
        shares = [(n, share) for n in found.ngrams if (share := found.share_new(n)) is not None]
        if shares:
            listed = ", ".join(f"{100 * share:z.0f} % of {n}-grams" for n, share in shares)
            say(f"New: {listed}.")
        if self.trained.tokenizer.end is not None:
            known = sum(self._text(i) in self.known_lines for i in range(len(self.samples)))
            say(f"Lines of the corpus among the samples: {known:,} of {len(self.samples):,}.")

    def _text(self, i: int) -> str:
        return self.trained.tokenizer.decode(self.samples[i])

    def _copy(self, found: Novelty) -> str:
        tokenizer = self.trained.tokenizer
        symbols = self.samples[found.sample][found.place :][: found.longest_copy]
        return tokenizer.unit.as_text(tokenizer.decode(symbols))


def find(
    trained: TrainedModel, samples: Sequence[Sequence[int]], documents: Sequence[Document]
) -> Findings:
    """Hold samples, without END, against texts, which are read as the model's own were."""
    tokenizer, record = trained.tokenizer, trained.record
    read = record.encoding or "utf-8", record.errors or "strict"
    texts = [
        RereadableText(partial(document.pieces, tokenizer.unit, *read)) for document in documents
    ]
    arrays = [np.array(sample, np.int32) for sample in samples]
    found = novelty(arrays, (ids_of(tokenizer, text) for text in texts))
    known: set[str] = set()
    if tokenizer.end is not None:
        lines = list(map(tokenizer.decode, samples))
        known = known.union(*(whole_lines_of(tokenizer.prepare_pieces(t), lines) for t in texts))
    _note_other_texts(record, documents)
    return Findings(trained, samples, found, known)


def _note_other_texts(record: Record, documents: Sequence[Document]) -> None:
    """Say which texts are not those that the model was trained on, where that is known."""
    if record.texts:
        others = [document.name for document in documents if not record.has_seen(document)]
        for name in few(others, "of the texts"):
            say(f"Note: the model was not trained on {name} as it is.")
