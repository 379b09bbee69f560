r"""A model at hand: what programs do with one, in a few words.

    >>> import charlm
    >>> model = charlm.train_ngram("she sells sea shells by the sea shore\n" * 9, order=4)
    >>> model.sample("she ", stop=["\n"], seed=1)
    'sea shore'
    >>> round(model.perplexity("sea shells"), 2)
    1.66
    >>> symbols, bits = model.score("she fells")
    >>> symbols[bits.argmax()]  # the most surprising one
    'f'
    >>> model.save("shells.charlm")
    >>> charlm.load("shells.charlm").signature == model.signature
    True

A text is a string; a `Path` is a text file in UTF-8, compressed or not, with any bytes where the
unit is `byte`. A string that is the name of a file is refused: the file is meant. Texts in other
encodings are decoded before: `path.read_text("gb18030")`. What goes wrong is one of the errors in
`charlm/errors.py`, and its message is one line.

This is a face and no more: `Model.trained` leads to the model, the tokenizer and the interface
below (`charlm/model.py`), which evaluation, sampling and all commands use.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from numbers import Integral
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, Unpack

import numpy as np

from charlm import storage
from charlm.api import arguments
from charlm.api.arguments import (
    Text,
    check_text,
    document,
    documents,
    encoded,
    given,
    offering,
    several,
)
from charlm.arrays import Float64s, Holder, one_line
from charlm.coding import archive, compression
from charlm.errors import TextError, UsageError
from charlm.evaluation import bits, inspection
from charlm.evaluation.bits import Evaluation
from charlm.evaluation.reading import Reading
from charlm.files.replacing import refuse_foreign
from charlm.rnn.model import RnnModel
from charlm.sampling.constraints import Constraint
from charlm.sampling.drawing import SamplingConfig
from charlm.sampling.novelty import Novelty, known_texts, novelty, together
from charlm.sampling.samples import Generator, Piece
from charlm.trained import TrainedModel


class Scored(NamedTuple):
    """The symbols of a text and the bits that each cost, (T,).

    A byte is the character of its number.
    """

    symbols: list[str]
    bits: Float64s

    def __repr__(self) -> str:
        return f"Scored({len(self.symbols)} symbols, {self.bits.sum():z.4f} bits)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scored) or self.symbols != other.symbols:
            return False
        return np.array_equal(self.bits, other.bits)

    def __ne__(self, other: object) -> bool:  # a tuple has one of its own
        return not self == other

    def __hash__(self) -> int:
        return hash(tuple(self.symbols))


class SampleOptions(TypedDict, total=False):
    """What samples are to be like; the defaults are those of `charlm sample`.

    `length` symbols at most; a sample ends before one of the texts of `stop`. `temperature`, 0 for
    the likeliest symbol always, `top_k` and `top_p` are as in `SamplingConfig`. The same `seed`
    gives the same sample. Only samples are drawn that match `regex` as a whole, begin with
    `starts_with` and have `min_length` symbols at least, each as often as the model writes it among
    those.
    """

    length: int
    stop: str | Sequence[str]
    temperature: float
    top_k: int | None
    top_p: float | None
    seed: int | None
    regex: str | None
    starts_with: str
    min_length: int


@dataclass(frozen=True, eq=False, repr=False)
class Model(Holder):
    """A trained model with its tokenizer and the record of its training.

    Threads may share one, and other processes be sent it. A model is equal to itself alone;
    figures of models with equal signatures can be compared.
    """

    trained: TrainedModel

    def __repr__(self) -> str:
        model = self.trained.model
        size = sum(array.nbytes for array in model.arrays().values())
        known = f"{model.vocab_size} symbols, {size / 1e6:z.1f} MB"
        return one_line(f"<charlm.Model {known}, {self.signature}>")

    @property
    def signature(self) -> str:
        """What decides its figures, in one line; figures of equal signatures can be compared."""
        return self.trained.signature()

    @property
    def info(self) -> dict[str, Any]:
        """What the model is, holds and was trained on, as `charlm info --json` prints it."""
        return inspection.facts(self.trained).to_json()

    def evaluate(self, text: Text, *, adaptive: bool = False) -> Evaluation:
        """Score a text: bits per character and byte, perplexity, and what they are made of.

        With `adaptive` a copy of the model learns from each symbol after predicting it.

            >>> import charlm
            >>> model = charlm.train_ngram("abracadabra " * 99, order=2)
            >>> round(model.evaluate("abracadabra").bits_per_char, 2)
            0.19

        Raises:
            TextError: the text cannot be read or decoded.
            UsageError: the model has no adaptive form.
        """
        reader = Reading.of(adaptive).reader(self.trained.model)
        return bits.evaluate(self.trained, self._read(text), reader=reader)

    def perplexity(self, text: Text, *, adaptive: bool = False) -> float:
        """Return 2^(bits per symbol); compare it only between models of the same unit.

        Raises:
            TextError: as `evaluate`, or the text is empty.
            UsageError: the model has no adaptive form.
        """
        perplexity = self.evaluate(text, adaptive=adaptive).perplexity
        if perplexity is None:
            raise TextError("the text is empty, so it has no perplexity; give at least one symbol")
        return perplexity

    def score(self, text: Text) -> Scored:
        """Say what each symbol of a text costs, spelling of unknown ones included.

        Raises:
            TextError: the text cannot be read or decoded.
        """
        read = self._read(text)
        scored = bits.score(self.trained, read)
        return Scored(self.trained.tokenizer.cut(read), scored.bits)

    def next_symbols(self, history: str = "", top: int = 10) -> dict[str, float]:
        """Return the probabilities of the likeliest symbols after a history, likeliest first.

            >>> import charlm
            >>> model = charlm.train_ngram("abracadabra " * 99, order=2)
            >>> {symbol: round(p, 2) for symbol, p in model.next_symbols("abra", top=2).items()}
            {' ': 0.5, 'c': 0.5}

        The unknown symbol is called `<unk>`, the end of a line `</s>`, a byte that is not UTF-8
        `\\xNN`.
        """
        typed = self.trained.tokenizer.unit.from_typed(history)
        found = inspection.next_symbols(self.trained, typed, top)
        return {symbol.name: symbol.probability for symbol in found.symbols}

    def sample(self, prompt: str = "", **options: Unpack[SampleOptions]) -> str:
        """Draw a text that goes on from a prompt; symbols that the model lacks read as unknown.

        Raises:
            UsageError: an option is impossible.
        """
        return "".join(self.stream(prompt, **options))

    def stream(self, prompt: str = "", **options: Unpack[SampleOptions]) -> Iterator[str]:
        """Draw a sample in pieces, as they come; options and errors as `sample`.

        Bytes that are not UTF-8 come as lone surrogates (`surrogateescape`).
        """
        generator, rng = self._generator(prompt, options)
        return _shown(generator, generator.pieces(rng))

    def samples(
        self,
        count: int = 10,
        prompt: str = "",
        *,
        unique: bool = False,
        new: Text | Iterable[Text] | None = None,
        **options: Unpack[SampleOptions],
    ) -> list[str]:
        r"""Draw several samples; options and errors as `sample`.

        With `unique` none comes twice, and there may be fewer. Given the texts of `new`, none comes
        that is in them: as one of their lines, where sequences are lines, else anywhere.

            >>> import charlm
            >>> names = charlm.train_ngram("anna\nhanna\nhannes\nannes\n", order=3, sequence="line")
            >>> sorted(names.samples(3, regex="h.*", unique=True, seed=1))
            ['hanna', 'hannes', 'hes']

        Raises:
            TextError: a text of `new` cannot be read.
            UsageError: there is no such sample, or an option is impossible.
        """
        check_count(count)
        known = None
        if new is not None:
            with offering():
                known = known_texts(self.trained, documents(new))
        generator, rng = self._generator(prompt, options, unique=unique, known=known)
        drawn = islice(generator.samples(rng), count)
        return ["".join(_shown(generator, pieces)) for pieces in drawn]

    def likeliest(
        self, prompt: str = "", *, beam: int = 32, count: int = 1, **options: Unpack[SampleOptions]
    ) -> list[str]:
        r"""Look for the likeliest texts that go on from a prompt, the likeliest first.

        A beam follows so many texts: the wider, the surer. Options are those of `sample`, and say
        what the texts must be; fewer than `count` come where there are no more.

            >>> import charlm
            >>> names = charlm.train_ngram("anna\nhannes\n" * 9, order=3, sequence="line")
            >>> names.likeliest(count=2, regex="h.*")
            ['hannes', 'hanna']

        Raises:
            UsageError: there is no such text, or an option is impossible.
        """
        check_count(count)
        generator, _ = self._generator(prompt, options)
        found = generator.likeliest(beam, count)
        return ["".join(_shown(generator, iter([piece]))) for piece in found]

    def _generator(
        self,
        prompt: str,
        options: SampleOptions,
        *,
        unique: bool = False,
        known: Callable[[str], bool] | None = None,
    ) -> tuple[Generator, np.random.Generator]:
        """Return what draws samples, and where its chance comes from."""
        typed = self.trained.tokenizer.unit.from_typed
        chosen = given(options, SampleOptions)
        arguments.check_seed(seed := chosen.pop("seed", None))
        length = chosen.pop("length", Generator.length)
        stop = tuple(map(typed, several(chosen.pop("stop", ()))))
        constraint = Constraint(
            pattern=chosen.pop("regex", None),
            starts_with=chosen.pop("starts_with", ""),
            min_length=chosen.pop("min_length", 0),
            is_known=known,
            unique=unique,
        )
        config = SamplingConfig(**chosen)
        wanted = None if constraint == Constraint() else constraint
        generator = Generator(self.trained, config, typed(prompt), length, stop, wanted)
        return generator, np.random.default_rng(seed)

    def novelty(self, samples: Text | Sequence[Text], texts: Text | Iterable[Text]) -> Novelty:
        """Hold samples against texts: the longest copy, and the n-grams that are new.

            >>> import charlm
            >>> model = charlm.train_ngram("to be or not to be, that is the question", order=2)
            >>> found = model.novelty("or not that", "to be or not to be, that is")
            >>> found.longest_copy, found.new[2], found.ngrams[2]
            (8, 0, 10)

        Raises:
            TextError: a text cannot be read or decoded.
            UsageError: there is no sample, or one is neither a string nor a path.
        """
        tokenizer = self.trained.tokenizer
        read = map(self._read, several(samples))
        ids = [tokenizer.encode(sample, close_line=False) for sample in read]
        if not ids:
            raise UsageError("there is no sample to compare; give at least one")
        pieces = (document.pieces(tokenizer.unit) for document in documents(texts))
        with offering():
            return together(novelty(ids, map(tokenizer.encode_pieces, pieces)))

    def compress(self, data: bytes, *, adaptive: bool = False) -> bytes:
        """Return the file that `charlm compress` writes: as long as the bits of the text.

            >>> import charlm
            >>> model = charlm.train_ngram("abracadabra " * 99, order=2)
            >>> packed = model.compress(b"abracadabra abracadabra")
            >>> model.decompress(packed)
            b'abracadabra abracadabra'

        Raises:
            TextError: the bytes are no text in the model's unit.
            UsageError: the model alters texts, or has no adaptive form; or there are no bytes.
        """
        arguments.check_bytes(data)
        return compression.compress(self.trained, data, adaptive=adaptive)

    def decompress(self, packed: bytes) -> bytes:
        """Return the bytes that were compressed with this very model.

        Raises:
            CompressedFileError: they were not, or the file is damaged.
            UsageError: they are not bytes.
        """
        arguments.check_bytes(packed)
        return compression.decompress(self.trained, archive.unpack(packed))

    def to_torch(self) -> Any:
        """Return a recurrent network as a `torch.nn.Module`, ready to use and to train on.

        It reads ids, as the tokenizer gives them, each sequence led by the id `start`, and returns
        what the model expects after each, as natural logarithms, and its state. An example stands
        in the README.

        Raises:
            UsageError: the model has no form in torch, or torch is not installed.
        """
        model = self.trained.model
        if not isinstance(model, RnnModel):
            raise UsageError(f"only a recurrent network has a form in torch, no {model.kind} model")
        return model.to_torch()

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write a model file, whole or not at all; it may replace another, by `force` any file.

        Raises:
            OutputError: it cannot be written, or what is there is not a model.
        """
        refuse_foreign(Path(path), storage.MODEL, force=force)
        storage.save(path, self.trained)

    def _read(self, text: Text) -> str:
        """Return a text as the unit reads it."""
        unit = self.trained.tokenizer.unit
        if isinstance(text, Path):
            with offering():
                return document(text).text(unit)
        check_text(text)
        if unit.encoding is None:
            encoded(text, "strict")
            return text
        return encoded(text).decode(unit.encoding)


def check_count(count: int) -> None:
    """Refuse a number of samples that is none.

    Raises:
        UsageError: it is no whole number from 0.
    """
    if not (isinstance(count, Integral) and count >= 0):
        raise UsageError(f"a count is a number of samples, 0 or more, not {count!r}")


def _shown(generator: Generator, pieces: Iterator[Piece]) -> Iterator[str]:
    encoding = generator.trained.tokenizer.unit.encoding
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for piece in pieces:
        if encoding is None:
            yield piece.text
        else:
            yield decoder.decode(piece.text.encode(encoding), final=piece.ending is not None)


def load(path: str | Path) -> Model:
    """Open a model file.

    Raises:
        ModelFileError: there is none, or it is damaged, foreign, or of a newer version.
    """
    return Model(storage.load(path))
