"""Texts surveyed by workers: their symbols, how many there are, and their fingerprints.

Sections of plain files are read side by side, and beside that each file as a whole for its
fingerprint. What cannot be cut is read here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import chain, islice
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
from charlm.text.sections import Section, SectionedText, can_be_cut, cut
from charlm.text.tokenizer import TextPolicy, Tokenizer
from charlm.text.training_set import Survey, Surveyor, survey
from charlm.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Surveying(Lean):
    """What the tasks of a survey are told."""

    spool: Spool
    policy: TextPolicy
    versions: tuple[str, str] = VERSIONS


def count_symbols(told: Surveying, share: int, sections: Sequence[Section]) -> list[Section]:
    """Read some sections for their symbols: a task. Return them with what was found."""
    empty = Tokenizer(told.policy, Vocabulary(()))
    counts: Counter[str] = Counter()
    found = []
    for section in map(Section.checked, sections):
        counted = empty.count(section.pieces(empty.unit))
        counts.update(counted)
        found.append(replace(section, symbols=counted.total()))
    told.spool.put(f"symbols-{share}", {}, counts=counts)
    return found


def fingerprint(
    told: Surveying, texts: Sequence[SectionedText]
) -> list[tuple[Fingerprint, list[int]]]:
    """Read some texts for their fingerprints: a task. Return them, and checksums of sections."""
    found = []
    for text in texts:
        digest, checksums = sha256(), list[int]()
        for section in text.sections:
            checksum = 0
            for block in section.blocks():
                digest.update(block)
                checksum = crc32(block, checksum)
            checksums.append(checksum)
        found.append((Fingerprint(digest.hexdigest(), text.size), checksums))
    return found


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
        """Have workers read what can be cut; read all here if there is anything that they cannot.

        Raises:
            OutputError, WorkerError: as `Resources.named_errors`.
            TextError: a text cannot be read here either.
        """
        plain = {i for i, each in enumerate(documents) if can_be_cut(each, policy, decoding)}
        for i in plain:  # its beginning may tell that it is none
            unit = units.get(policy.unit)
            next(documents[i].pieces(unit, decoding.encoding, decoding.errors), "")
        try:
            with self.using.named_errors():
                there = self._by_workers([documents[i] for i in sorted(plain)], policy)
        except TextError as error:
            found = survey(texts, policy)
            self.using.note(f"{error.message}; all texts are read where the command runs.")
            return found
        here = survey([text for i, text in enumerate(texts) if i not in plain], policy)
        read = [zip(each.texts, each.lengths, strict=True) for each in (here, there)]
        both = [next(read[i in plain]) for i in range(len(texts))]
        counts = here.counts + there.counts
        return Survey([text for text, _ in both], counts, [length for _, length in both])

    def _by_workers(self, documents: Sequence[Document], policy: TextPolicy) -> Survey:
        """Survey texts in sections.

        Raises:
            TextError: a worker cannot read one, or it has changed meanwhile.
        """
        size = size_for(self.workers, sum(document.size for document in documents))
        texts = [cut(document, policy, size) for document in documents]
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
