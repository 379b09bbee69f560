"""What a model is trained on: documents, split, tokenized, and recorded.

The vocabulary comes from the training part alone, so that the held-out part is as new to the
model as any other text. The record holds fingerprints of the texts, never their names or paths.

The training part is read in pieces: once here, for the vocabulary, and again by whoever goes
through the streams of ids. Held-out text is kept in memory.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from charlm.arrays import Holder, Ids
from charlm.errors import TextError, UsageError
from charlm.progress import Report, silent
from charlm.text import units
from charlm.text.corpus import Document, Fingerprint
from charlm.text.decoding import UTF_8, Decoding, decode_in_pieces
from charlm.text.holdout import HoldOut, split, whole_documents
from charlm.text.pieces import TextPieces
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class EncodedText:
    """The ids of one text in pieces, read and encoded anew with each iteration.

    Its length, the number of symbols, is known beforehand. If it holds documents, START stands
    before each of them, and is no symbol.
    """

    tokenizer: Tokenizer
    text: TextPieces
    length: int

    def __iter__(self) -> Iterator[Ids]:
        return self.tokenizer.encode_pieces(self.text)

    def __len__(self) -> int:
        return self.length


@dataclass(frozen=True, eq=False, repr=False)
class TrainingSet(Holder):
    """The ids to train on, one stream a document; the held-out texts and their ids.

    `texts` and `valid` are the fingerprints of the documents that were read: those for training,
    and those that are held out whole.
    """

    tokenizer: Tokenizer
    streams: tuple[EncodedText, ...]
    held_out: tuple[str, ...]
    held_out_ids: tuple[Ids, ...]
    texts: tuple[Fingerprint, ...]
    valid: tuple[Fingerprint, ...]
    hold_out: HoldOut

    @cached_property
    def train(self) -> tuple[Ids, ...]:
        """All streams in memory, 4 bytes a symbol; each document is one."""
        whole = (np.concatenate([*stream, np.empty(0, np.int32)]) for stream in self.streams)
        return tuple(chain.from_iterable(_cut(ids, self.tokenizer.start) for ids in whole))

    @property
    def symbols(self) -> int:
        """Number of symbols to train on."""
        return sum(map(len, self.streams))


class Survey(NamedTuple):
    """What a first reading finds: how often each symbol occurs, and the length of each text.

    `texts` are how they are to be read again.
    """

    texts: Sequence[TextPieces]
    counts: Counter[str]
    lengths: Sequence[int]


# Surveys whole documents, which are read as texts, in one of several ways.
Surveyor: TypeAlias = Callable[
    [Sequence[Document], Sequence[TextPieces], TextPolicy, Decoding], Survey
]


def _cut(ids: Ids, start: int) -> list[Ids]:
    """Cut ids where START stands, which is left out, into documents that are not empty."""
    starts = np.flatnonzero(ids == start)
    if not len(starts):
        return [ids]
    edges = [-1, *starts.tolist(), len(ids)]
    return [ids[low + 1 : high] for low, high in pairwise(edges) if low + 1 < high]


def prepare(
    documents: Sequence[Document],
    policy: TextPolicy,
    *,
    valid: Sequence[Document] = (),
    valid_fraction: float = 0.0,
    decoding: Decoding = UTF_8,
    seed: int = 0,
    report: Report = silent,
    known: Tokenizer | None = None,
    surveyor: Surveyor | None = None,
) -> TrainingSet:
    """Hold out, and learn the vocabulary.

    With `valid` documents nothing else is held out. A `known` tokenizer, that of a model which is
    to be trained on, keeps its symbols; its policy must be the one given. Documents of which
    nothing is held out may be read first by a `surveyor`.

    Raises:
        TextError: a document cannot be decoded, or there is no text at all.
        UsageError: an option is impossible.
    """
    whole = decode_in_pieces([*documents, *valid], units.get(policy.unit), decoding, report)
    texts, held_out = whole[: len(documents)], whole[len(documents) :]
    fraction = 0.0 if valid else valid_fraction
    if fraction:
        texts, held_out = split(texts, fraction, policy.sequence, np.random.default_rng(seed))
    held_out_texts = whole_documents(held_out)
    if valid and not held_out_texts:
        raise TextError(f"{_names(valid)}: empty, nothing to validate on")
    if surveyor is None or fraction:
        found = survey(texts, policy)
    else:
        found = surveyor(documents, texts, policy, decoding)
    tokenizer = _learn(found, policy, known, _names(documents))
    streams = tuple(map(partial(EncodedText, tokenizer), found.texts, found.lengths))
    held_out_ids = tuple(map(tokenizer.encode, held_out_texts))
    return TrainingSet(
        tokenizer,
        streams,
        held_out_texts,
        held_out_ids,
        texts=tuple(document.fingerprint for document in documents),
        valid=tuple(document.fingerprint for document in valid),
        hold_out=HoldOut(fraction, seed, decoding),
    )


def _learn(found: Survey, policy: TextPolicy, known: Tokenizer | None, names: str) -> Tokenizer:
    """Return the tokenizer, with what is known already."""
    if not any(found.lengths):
        raise TextError(f"{names}: empty, there is nothing to learn")
    learnt = Tokenizer.from_counts(found.counts, policy)
    tokenizer = learnt if known is None else known.with_symbols_of(learnt)
    if tokenizer.vocab_size == 1:
        raise UsageError(f"no symbol occurs {policy.min_count} times; choose a smaller min-count")
    return tokenizer


def _names(documents: Sequence[Document]) -> str:
    return ", ".join(document.name for document in documents)


def survey(texts: Sequence[TextPieces], policy: TextPolicy) -> Survey:
    """Read texts for their symbols, and for how many each has."""
    empty = Tokenizer(policy, Vocabulary(()))
    counts: Counter[str] = Counter()
    lengths = []
    for text in texts:
        counted = empty.count(text)
        counts.update(counted)
        lengths.append(counted.total())
    return Survey(texts, counts, lengths)
