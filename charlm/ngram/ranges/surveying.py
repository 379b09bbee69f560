"""Texts surveyed by workers: their symbols, how many there are, and their fingerprints.

Sections of files are read side by side, and beside that each file as a whole for its fingerprint.
What is no file is read here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import chain, compress, islice
from typing import Any
from zlib import crc32

from charlm.arrays import Lean
from charlm.errors import TextError
from charlm.ngram.ranges.plan import VERSIONS
from charlm.ngram.ranges.resources import Resources
from charlm.ngram.ranges.shares import shared, size_for
from charlm.ngram.ranges.spool import Spool
from charlm.ngram.ranges.workers import given
from charlm.parallel import tasks
from charlm.parallel.workers import Workers
from charlm.progress import Progress, Report
from charlm.text import units
from charlm.text.corpus import Document, Fingerprint
from charlm.text.decoding import Decoding
from charlm.text.pieces import TextPieces
from charlm.text.sections import AnySection, SectionedText, can_be_cut, cut, is_file
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.training_set import Survey, Surveyor, survey
from charlm.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Surveying(Lean):
    """What the tasks of a survey are told."""

    spool: Spool
    policy: TextPolicy
    versions: tuple[str, str] = VERSIONS


def count_symbols(told: Surveying, share: int, sections: Sequence[AnySection]) -> list[AnySection]:
    """Read some sections for their symbols: a task. Return them with what was found."""
    empty = Tokenizer(told.policy, Vocabulary(()))
    counts: Counter[str] = Counter()
    found: list[AnySection] = []
    for section in sections:
        checked = replace(section, checksum=_read(section)[0])
        counted = empty.count(checked.pieces(empty.unit))
        counts.update(counted)
        found.append(replace(checked, symbols=counted.total()))
    told.spool.put(f"symbols-{share}", {}, counts=counts)
    return found


def fingerprint(
    told: Surveying, texts: Sequence[SectionedText]
) -> list[tuple[Fingerprint, list[int]]]:
    """Read some texts for their fingerprints: a task. Return them, and checksums of sections."""
    found = []
    for text in texts:
        digest = sha256()
        read = [_read(section, digest) for section in text.sections]
        length = sum(length for _, length in read)
        found.append((Fingerprint(digest.hexdigest(), length), [checksum for checksum, _ in read]))
    return found


def _read(section: AnySection, digest: Any = None) -> tuple[int, int]:
    """Return CRC-32 and length of a section's bytes, which a digest may have as well."""
    checksum = length = 0
    for block in section.blocks():
        checksum, length = crc32(block, checksum), length + len(block)
        if digest is not None:
            digest.update(block)
    return checksum, length


def surveyor(using: Resources, report: Report) -> Surveyor | None:
    """Return who surveys texts, if it is not this process alone."""
    return None if using.workers is None else _Surveyor(using, using.workers, report)


@dataclass(frozen=True)
class _Surveyor:
    using: Resources
    workers: Workers
    report: Report

    def __call__(
        self,
        documents: Sequence[Document],
        texts: Sequence[TextPieces],
        policy: TextPolicy,
        decoding: Decoding,
    ) -> Survey:
        """Have workers read files; read all here if there is anything that they cannot.

        A single file that cannot be cut is not worth it.

        Raises:
            OutputError, WorkerError: as `Resources.named_errors`.
            TextError: a text cannot be read here either.
        """
        several = len(documents) > 1
        files = [
            is_file(each) and (several or can_be_cut(each, policy, decoding)) for each in documents
        ]
        unit = units.get(policy.unit)
        for document in compress(documents, files):  # its beginning may tell that it is no text
            next(document.pieces(unit, decoding.encoding, decoding.errors), "")
        try:
            with self.using.named_errors():
                there = self._by_workers([*compress(documents, files)], policy, decoding)
        except TextError as error:
            found = survey(texts, policy)
            self.using.note(f"{error.message}; all texts are read where the command runs.")
            return found
        here = survey([t for t, is_there in zip(texts, files, strict=True) if not is_there], policy)
        read = [zip(each.texts, each.lengths, strict=True) for each in (here, there)]
        both = [next(read[is_there]) for is_there in files]
        counts = here.counts + there.counts
        return Survey([text for text, _ in both], counts, [length for _, length in both])

    def _by_workers(
        self, documents: Sequence[Document], policy: TextPolicy, decoding: Decoding
    ) -> Survey:
        """Survey texts in sections.

        Raises:
            TextError: a worker cannot read one, or it has changed meanwhile.
        """
        size = size_for(self.workers, sum(document.size for document in documents))
        texts = [cut(document, policy, decoding, size) for document in documents]
        told = Surveying(self.using.spool(), policy)
        shares = shared(chain.from_iterable(text.sections for text in texts), size)
        give = partial(given, self.workers)
        counting = {i: give(count_symbols, told, i, share) for i, share in enumerate(shares)}
        groups = enumerate(shared(texts, size), start=len(shares))
        hashing = {i: give(fingerprint, told, group) for i, group in groups}
        found = self._done(counting | hashing)
        sections = chain.from_iterable(found[i] for i in counting)
        texts = [replace(t, sections=tuple(islice(sections, len(t.sections)))) for t in texts]
        fingerprints = chain.from_iterable(found[i] for i in hashing)
        for document, text, (known, checksums) in zip(documents, texts, fingerprints, strict=True):
            document.remember(known)
            if checksums != [section.checksum for section in text.sections]:
                raise TextError(f"{document.name}: has changed while it was read; start again")
        return Survey(texts, _counts(told.spool, len(shares)), [text.symbols for text in texts])

    def _done(self, todo: Mapping[int, Callable[[], Future[Any]]]) -> dict[int, Any]:
        """Return what all tasks return, by their numbers."""
        found: dict[int, Any] = {}
        for number, figures in tasks.finished(self.workers, todo):
            found[number] = figures
            self.report(Progress("reading", len(found), len(todo)))
        return found


def _counts(spool: Spool, shares: int) -> Counter[str]:
    """Add up how often symbols occur in the shares, and take those files away."""
    counts: Counter[str] = Counter()
    for i in range(shares):
        counts.update(spool.open(f"symbols-{i}").figures["counts"])
        spool.remove(f"symbols-{i}")
    return counts
