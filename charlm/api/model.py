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
unit is `byte`, or all that it stands for: the rows of JSON lines, the files in a folder. A string
that is the name of a file is refused: the file is meant. Texts in other encodings are decoded
before: `path.read_text("gb18030")`. What goes wrong is one of the errors in `charlm/errors.py`, and
its message is one line.

This is a face and no more: `Model.trained` leads to the model, the tokenizer and the interface
below (`charlm/model.py`), which evaluation, sampling and all commands use.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from charlm import storage
from charlm.api import arguments, pages
from charlm.api.arguments import (
    Text,
    check_string,
    checked_path,
    documents,
    offering,
    read,
    read_many,
    several,
)
from charlm.api.lines import ScoredLine, scored_lines, the_strangest
from charlm.api.names import RankBy, Reset
from charlm.api.options import check_choice, checked_value, spelled_out
from charlm.api.sampling import SampleOptions, checked_count, default, generator, shown
from charlm.api.scored import Ranked, Scored, ScoredTexts
from charlm.api.states import Alphabet, State
from charlm.arrays import Float64s, Holder, one_line
from charlm.coding import archive, compression
from charlm.errors import TextError, UsageError
from charlm.evaluation import bits, inspection, many
from charlm.evaluation.afresh import RESETS
from charlm.evaluation.bits import Evaluation
from charlm.evaluation.candidates import rank
from charlm.evaluation.documents import evaluate_all
from charlm.evaluation.frequencies import Frequencies
from charlm.evaluation.reading import Reading
from charlm.files.replacing import refuse_foreign
from charlm.progress import Report, silent
from charlm.rnn.model import RnnModel
from charlm.sampling.novelty import Novelty, ids_of, known_texts, novelty, together
from charlm.surprisal.peaks import RANKS, WIDTH
from charlm.trained import TrainedModel


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
        adaptive = checked_value("adaptive", adaptive, bool)
        reading, texts = Reading.of(adaptive), self._read(text)
        if len(texts) > 1 and not adaptive:
            return evaluate_all(self.trained, texts)
        readers = (reading.reader(self.trained.model) for _ in texts)
        pairs = zip(texts, readers, strict=True)
        return bits.total([bits.evaluate(self.trained, one, reader=own) for one, own in pairs])

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

    def score(self, text: Text, *, given: str = "") -> Scored:
        """Say what each symbol of a text costs, spelling of unknown ones included.

        What is `given` stands before it and costs nothing: the bits are -log2 P(text | given).

            >>> import charlm
            >>> model = charlm.train_ngram("abracadabra " * 99, order=2)
            >>> model.score("cadabra", given="abra").bits.round(1)[:3].tolist()
            [1.0, 0.0, 0.0]
            >>> model.score("cadabra").bits.round(1)[:3].tolist()
            [4.5, 0.4, 0.0]

        Raises:
            TextError: the text cannot be read or decoded.
        """
        if given:
            return self.score_many([text], given=given)[0]
        contents, cut = self._read(text), self.trained.tokenizer.cut
        scored = [bits.score(self.trained, one).bits for one in contents]
        symbols = [symbol for one in contents for symbol in cut(one)]
        return Scored(symbols, np.concatenate([*scored, np.empty(0)]))

    def score_many(
        self, texts: Text | Iterable[Text], *, given: str = "", report: Report = silent
    ) -> ScoredTexts:
        r"""Say what each of many texts costs by itself: what `score` says, a thousand times sooner.

            >>> import charlm
            >>> model = charlm.train_ngram("anna\nhanna\njohanna\n" * 99, sequence="line")
            >>> found = model.score_many(["anna", "bob"])
            >>> found.bits.round(1).tolist(), found.chars.tolist()
            ([1.6, 63.0], [4, 3])
            >>> found[1].symbols
            ['b', 'o', 'b', '\n']

        Raises:
            TextError: a text cannot be read or decoded.
            WorkerError: a process that did part of the work was ended from outside.
        """
        check_string("given", given)
        unit = self.trained.tokenizer.unit
        contents, before = read_many(texts, unit), unit.from_typed(given)
        found = many.score_many(self.trained, contents, report, before)
        return ScoredTexts(contents, found, self.trained.tokenizer, before)

    def rank(
        self,
        candidates: Iterable[Text],
        *,
        given: str = "",
        per_char: bool = False,
        report: Report = silent,
    ) -> list[Ranked]:
        """Rank candidates, likeliest first, after what is `given`; or by bits per character.

            >>> import charlm
            >>> model = charlm.train_ngram("the cat sat on the mat. " * 99, order=4)
            >>> for found in model.rank(["dog", "cat", "mat"], given="the "):
            ...     print(found.text, round(found.bits, 1), round(found.share, 3))
            cat 1.0 0.5
            mat 1.0 0.5
            dog 67.7 0.0

        Raises:
            TextError: a candidate cannot be read or decoded.
        """
        check_string("given", given)
        per_char = checked_value("per_char", per_char, bool)
        unit = self.trained.tokenizer.unit
        listed = [*several(candidates)]
        contents = read_many(listed, unit)
        found = rank(
            self.trained, contents, unit.from_typed(given), per_char=per_char, report=report
        )
        return [
            Ranked(listed[i], float(found.found.bits[i]), int(found.found.chars[i]), float(share))
            for i, share in zip(found.order.tolist(), found.shares[found.order], strict=True)
        ]

    def lines(
        self,
        text: Text,
        *,
        above: float | None = None,
        strangest: int | None = None,
        rank_by: RankBy = "window",
        window: int = WIDTH,
        reset: Reset = "never",
    ) -> list[ScoredLine]:
        r"""Say what each line of a text costs, and which window of symbols in it costs most.

        Only lines that cost more bits than `above` are given, if that is said; or the `strangest`,
        so many, the strangest first: by the most expensive window, by bits per character, or by all
        bits of a line. With reset="line" no line knows of those before it.

            >>> import charlm
            >>> model = charlm.train_ngram("GET /a 200\nGET /b 200\n" * 99, sequence="line")
            >>> for line in model.lines("GET /b 200\nGET /a 500\nGET /a 200\n", strangest=1):
            ...     print(line.line, line.text.strip(), round(line.bits), line.peak_column)
            2 GET /a 500 43 1

        Raises:
            TextError: the text cannot be read or decoded.
            UsageError: an option has no such value.
        """
        check_choice("rank_by", rank_by, RANKS)
        check_choice("reset", reset, RESETS)
        texts = self._read(text)
        found = [
            scored_lines(self.trained, one, rank_by, window, reset=reset == "line") for one in texts
        ]
        lines = [line for own, _ in found for line in own]
        values = np.concatenate([own for _, own in found])
        if strangest is not None:
            lines = the_strangest(lines, values, checked_count(strangest))
        return [line for line in lines if above is None or line.bits > above]

    def html(self, text: Text, *, against: "Model | None" = None, top: int = 0) -> str:
        """Return a page about a text for a browser, as `charlm score --html` writes it.

        With `against` it shows where that model needs fewer bits or more; with `top` the likeliest
        symbols are named where bits stand out. Write it to a file, or show it in a notebook.

        Raises:
            TextError: the text cannot be read or decoded.
            UsageError: the models do not read the same text.
        """
        top = checked_value("top", top, int)
        if against is not None and not isinstance(against, Model):
            arguments.refuse_no_model("against", against)
        models = [self.trained, *([] if against is None else [against.trained])]
        texts = ["".join(read(text, trained.tokenizer.unit)) for trained in models]
        title = text.name if isinstance(text, Path) else "text"
        return pages.html(models, texts, title, top)

    def next_symbols(self, history: str = "", top: int = 10) -> dict[str, float]:
        """Return the probabilities of the likeliest symbols after a history, likeliest first.

            >>> import charlm
            >>> model = charlm.train_ngram("abracadabra " * 99, order=2)
            >>> {symbol: round(p, 2) for symbol, p in model.next_symbols("abra", top=2).items()}
            {' ': 0.5, 'c': 0.5}

        The unknown symbol is called `<unk>`, the end of a line `</s>`, a byte that is not UTF-8
        `\\xNN`.
        """
        check_string("history", history)
        top = checked_value("top", top, int)
        typed = self.trained.tokenizer.unit.from_typed(history)
        found = inspection.next_symbols(self.trained, typed, top)
        return {symbol.name: symbol.probability for symbol in found.symbols}

    def followers(self, history: str, texts: Text | Iterable[Text]) -> dict[str, int]:
        """Count what comes after a history in texts, most frequent first.

        After as much of its end as the texts know, and an n-gram model sees: its sum is how often
        that came. An empty history is the start of a sequence, but for a model of order 0.

            >>> import charlm
            >>> model = charlm.train_ngram("abracadabra", order=1, smoothing="mle")
            >>> model.followers("a", "abracadabra")
            {'b': 2, 'c': 1, 'd': 1}
            >>> model.next_symbols("a", top=2)
            {'b': 0.5, 'c': 0.25}

        Raises:
            TextError: a text cannot be read.
        """
        check_string("history", history)
        tokenizer = self.trained.tokenizer
        with offering():
            pieces = (document.pieces(tokenizer.unit) for document in documents(texts))
            counted = Frequencies.of(tokenizer, map(tokenizer.encode_pieces, pieces))
        ids = tokenizer.encode_prompt(tokenizer.unit.from_typed(history))
        counts = inspection.followers(self.trained, counted, ids).counts
        order = np.argsort(-counts, kind="stable").tolist()
        return {inspection.named(self.trained, i): int(counts[i]) for i in order if counts[i]}

    @property
    def symbols(self) -> tuple[str, ...]:
        """What the columns of `log_probs` are, named as in `next_symbols`."""
        return self._alphabet.names

    def start(self, history: str = "") -> State:
        """Return the state in which a decoder begins, after a history if there is one.

        `charlm/api/states.py` shows how states are used.
        """
        check_string("history", history)
        trained = self.trained
        ids = trained.tokenizer.encode_prompt(trained.tokenizer.unit.from_typed(history))
        return State(trained.model.score(ids)[1])

    def advance(self, states: Sequence[State], symbols: Sequence[str]) -> list[State]:
        """Return the states after one more symbol each; those given are untouched.

        Symbols are those of the model's unit, or as `symbols` names them: a line end and `</s>` are
        both the end of a line where sequences are lines. What the model does not know is unknown.

        Raises:
            UsageError: there is not one symbol for each state.
        """
        ids = self._alphabet.encode(symbols, len(states))
        if not len(ids):
            return []
        beams = self.trained.model.beams([state.inside for state in states])
        return list(map(State, beams.advance(ids).states()))

    def log_probs(self, states: Sequence[State]) -> Float64s:
        """Return the natural log-probability of each next symbol after each state, (B, V).

        Columns are those of `symbols`; that of `<unk>` is of all unknown symbols together.
        """
        model = self.trained.model
        if not len(states):
            return np.empty((0, model.vocab_size))
        return model.beams([state.inside for state in states]).log_probs()

    @cached_property
    def _alphabet(self) -> Alphabet:
        return Alphabet(self.trained)

    @spelled_out(SampleOptions, default)
    def sample(self, prompt: str = "", **options: Unpack[SampleOptions]) -> str:
        """Draw a text that goes on from a prompt; symbols that the model lacks read as unknown.

        Raises:
            UsageError: an option is impossible.
        """
        return "".join(self.stream(prompt, **options))

    @spelled_out(SampleOptions, default)
    def stream(self, prompt: str = "", **options: Unpack[SampleOptions]) -> Iterator[str]:
        """Draw a sample in pieces, as they come; options and errors as `sample`.

        Bytes that are not UTF-8 come as lone surrogates (`surrogateescape`).
        """
        drawing, rng = generator(self.trained, prompt, options)
        return shown(drawing, drawing.pieces(rng))

    @spelled_out(SampleOptions, default)
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
        count, unique = checked_count(count), checked_value("unique", unique, bool)
        known = None
        if new is not None:
            with offering():
                known = known_texts(self.trained, documents(new))
        drawing, rng = generator(self.trained, prompt, options, unique=unique, known=known)
        drawn = islice(drawing.samples(rng), count)
        return ["".join(shown(drawing, pieces)) for pieces in drawn]

    @spelled_out(SampleOptions, default)
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
        count, beam = checked_count(count), checked_value("beam", beam, int)
        drawing, _ = generator(self.trained, prompt, options)
        found = drawing.likeliest(beam, count)
        return ["".join(shown(drawing, iter([piece]))) for piece in found]

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
        texts_of = (text for sample in several(samples) for text in self._read(sample))
        ids = [tokenizer.encode(sample, close_line=False) for sample in texts_of]
        if not ids:
            raise UsageError("there is no sample to compare; give at least one")
        pieces = (document.pieces(tokenizer.unit) for document in documents(texts))
        with offering():
            return together(novelty(ids, (ids_of(tokenizer, text) for text in pieces)))

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
        refuse_foreign(checked_path(path), storage.MODEL, force=force)
        storage.save(path, self.trained)

    def _read(self, text: Text) -> list[str]:
        """Return a text as the unit reads it, a path as all the texts that it stands for."""
        return read(text, self.trained.tokenizer.unit)


def load(path: str | Path) -> Model:
    """Open a model file.

    Raises:
        ModelFileError: there is none, or it is damaged, foreign, or of a newer version.
    """
    return Model(storage.load(checked_path(path)))
