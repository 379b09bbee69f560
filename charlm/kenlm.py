r"""The class of the `kenlm` module, over models of charlm: for programs that were written for it.

    >>> import charlm
    >>> from charlm import kenlm
    >>> charlm.train_ngram("anna\nhanna\njohanna\n" * 9, order=3, sequence="line").save("n.charlm")
    >>> model = kenlm.Model("n.charlm")
    >>> round(model.score("a n n a"), 4)
    -0.508
    >>> state, after = kenlm.State(), kenlm.State()
    >>> model.BeginSentenceWrite(state)
    >>> round(model.BaseScore(state, "j", after), 4)
    -0.4925

A model is a file of charlm, an ARPA file, or a `charlm.Model`, of n-grams. What KenLM calls words
are its symbols, parted by blanks and called as in the ARPA file that charlm exports: a space is
`<U+0020>`, or what `space` says. Probabilities are logarithms of base 10, and those that KenLM
gives for that file, but for rounding. Where there is no end of a sentence among the symbols,
`</s>` has a probability of 10^-99, as in that file; `eos=False` leaves it out.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from math import log10
from pathlib import Path
from typing import NamedTuple, TypeAlias

from charlm.api.model import Model as CharlmModel
from charlm.api.model import load
from charlm.errors import UsageError
from charlm.ngram.arpa.file import LOG_ZERO
from charlm.ngram.arpa.names import name_of
from charlm.ngram.arpa.reading import read
from charlm.ngram.arpa.writing import is_arpa
from charlm.ngram.model import NgramModel
from charlm.ngram.tables import State as Rows
from charlm.text import corpus, units
from charlm.text.vocabulary import END_NAME, START_NAME, UNKNOWN

PathOrModel: TypeAlias = str | bytes | os.PathLike[str] | CharlmModel


class LoadMethod(IntEnum):
    """How KenLM reads binary files; here for programs that name one."""

    LAZY, POPULATE_OR_LAZY, POPULATE_OR_READ, READ, PARALLEL_READ = range(5)


class ARPALoadComplain(IntEnum):
    """What KenLM says while it reads ARPA files; here for programs that name one."""

    ALL, EXPENSIVE, NONE = range(3)


@dataclass
class Config:
    """What KenLM is told about loading; it makes no difference here."""

    load_method: LoadMethod = LoadMethod.POPULATE_OR_READ
    show_progress: bool = True
    arpa_complain: ARPALoadComplain = ARPALoadComplain.ALL


class State:
    """What a model has read, as far as it has seen it before; models fill it.

    It is compared, hashed and copied by what it holds, also to other processes.
    """

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: Rows = ()

    def __repr__(self) -> str:
        return f"<charlm.kenlm.State {self.rows}>"

    def __eq__(self, other: object) -> bool:
        return self.rows == other.rows if isinstance(other, State) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.rows)


class FullScoreReturn(NamedTuple):
    """Log10 P of a word, the length of the n-gram that says so, and whether it is unknown."""

    log_prob: float
    ngram_length: int
    oov: bool


class Model:
    """An n-gram model with the methods of `kenlm.Model`; `config` is there for its callers.

    Raises:
        ModelFileError, TextError: the file cannot be read.
        UsageError: it holds no n-gram model, or `space` is the name of another symbol.
    """

    def __init__(
        self, path: PathOrModel, config: Config | None = None, *, space: str | None = None
    ):
        self.path = b""
        if isinstance(path, CharlmModel):
            self._model, symbols = _parts(path)
        else:
            name = str(Path(os.fsdecode(path)).absolute())
            self._model, symbols = _parts(name)
            self.path = os.fsencode(name)
        names = [*map(name_of, symbols)]
        if space is not None:
            names = [space if name == name_of(" ") else name for name in names]
        self._ids = {name: i for i, name in enumerate(names, start=UNKNOWN + 1)}
        if len(self._ids) < len(names) or space in (START_NAME, END_NAME):
            raise UsageError(f"{space!r} is the name of another symbol; choose another")
        if self._model.end is not None:
            self._ids[END_NAME] = self._model.end

    def __repr__(self) -> str:
        named = Path(os.fsdecode(self.path)).name or repr(self._model)
        return f"<charlm.kenlm.Model from {named}>"

    def __contains__(self, word: str | bytes) -> bool:
        return _text(word) in (*self._ids, START_NAME, END_NAME)

    @property
    def order(self) -> int:
        """Symbols of the longest n-grams: one more than those of context."""
        return self._model.order + 1

    def score(self, sentence: str | bytes, bos: bool = True, eos: bool = True) -> float:
        """Return log10 P of all words together, after `<s>` if `bos`, with `</s>` if `eos`."""
        return sum(one.log_prob for one in self.full_scores(sentence, bos, eos))

    def perplexity(self, sentence: str | bytes) -> float:
        """Return 10^(-score / words), `</s>` being a word."""
        words = len(_text(sentence).split()) + 1
        return float(10.0 ** (-self.score(sentence) / words))

    def full_scores(
        self, sentence: str | bytes, bos: bool = True, eos: bool = True
    ) -> Iterator[FullScoreReturn]:
        """Yield what is known of each word; see `score`."""
        rows = self._model.initial_state() if bos else ()
        for word in _text(sentence).split() + [END_NAME] * eos:
            found, rows = self._read(rows, word)
            yield found

    def BeginSentenceWrite(self, state: State) -> None:  # noqa: N802
        """Let the state be that before the first word of a sentence."""
        state.rows = self._model.initial_state()

    def NullContextWrite(self, state: State) -> None:  # noqa: N802
        """Let the state be that of knowing nothing of what stands before."""
        state.rows = ()

    def BaseScore(self, in_state: State, word: str | bytes, out_state: State) -> float:  # noqa: N802
        """Return log10 P(word | in_state); the other state is filled with what is after it."""
        return self.BaseFullScore(in_state, word, out_state).log_prob

    def BaseFullScore(  # noqa: N802
        self, in_state: State, word: str | bytes, out_state: State
    ) -> FullScoreReturn:
        """Return what is known of a word; the other state is filled with what is after it."""
        found, out_state.rows = self._read(in_state.rows, _text(word))
        return found

    def _read(self, rows: Rows, word: str) -> tuple[FullScoreReturn, Rows]:
        """Follow `Tables.probs` for one word, in logarithms, by which zeros are -99 as in files."""
        tables, symbol = self._model.tables, self._ids.get(word, UNKNOWN)
        if word == START_NAME or (word == END_NAME and tables.end is None):
            log = LOG_ZERO + sum(_log(tables.backoff[k][row]) for k, row in enumerate(rows))
            after = tables.initial_state() if word == START_NAME else ()
            return FullScoreReturn(log, 1, False), after
        log, length = _log(tables.probability[0][symbol]), 1
        for k, row in enumerate(rows, start=1):
            found = tables.row(k, row * tables.vocab_size + symbol)
            if found is None:
                log += _log(tables.backoff[k - 1][row])
            else:
                log, length = _log(tables.probability[k][found]), k + 1
        after = () if symbol == tables.end else tables.advance(rows, symbol)
        return FullScoreReturn(log, length, symbol == UNKNOWN), after


LanguageModel = Model  # as kenlm called it before


def _parts(opened: "str | CharlmModel") -> tuple[NgramModel, tuple[str, ...]]:
    """Return an n-gram model and its symbols."""
    if isinstance(opened, str) and is_arpa(Path(opened)):
        (document,) = corpus.read([opened])
        lines = document.lines(units.get("char"), "utf-8", "strict")
        found = read(document.name, lines)
        return found.model, found.symbols
    trained = (load(opened) if isinstance(opened, str) else opened).trained
    if not isinstance(trained.model, NgramModel):
        raise UsageError("KenLM's methods are those of n-gram models; of others see Model.advance")
    return trained.model, trained.tokenizer.vocabulary.symbols


def _text(given: str | bytes) -> str:
    return given.decode() if isinstance(given, bytes) else given


def _log(probability: float) -> float:
    return log10(probability) if probability > 0 else LOG_ZERO
