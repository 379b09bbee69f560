"""A judge: a trained model, how texts are decoded for it, and how it reads them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from charlm.arrays import Holder, Ids
from charlm.errors import Remedy, UsageError
from charlm.evaluation import afresh, bits
from charlm.evaluation.bits import Evaluation, SymbolBits
from charlm.evaluation.documents import evaluate_all
from charlm.evaluation.pairing import Placed, place
from charlm.evaluation.reading import Reading
from charlm.model import Reader
from charlm.progress import Report, silent
from charlm.text.corpus import Document, Note, nothing
from charlm.text.decoding import UTF_8, Decoding, decode
from charlm.trained import TrainedModel


@dataclass(frozen=True, eq=False, repr=False)
class Judged(Holder):
    """A model's name, kind and signature, and what it needs for each text, in order.

    `changes` names what alters the text before this model scores it (`TrainedModel.changes`).
    `placed` is the bits of each text in their places (`pairing.place`), without which differences
    have no intervals. `largest_sum` is what probabilities add up to where that is more than 1
    (`Record.excess`).
    """

    model: str
    kind: str
    signature: str
    evaluations: Sequence[Evaluation]
    changes: str = ""
    reading: Reading = Reading.FROZEN
    unit: str = ""
    placed: Sequence[Placed] = ()
    largest_sum: float | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Judge(Holder):
    """A model with its name, how it reads, how bytes become its text, and what it has read before.

    What is `given` costs nothing: figures are those of -log2 P(text | given).
    """

    name: str
    trained: TrainedModel
    reading: Reading = Reading.FROZEN
    decoding: Decoding = UTF_8
    given: str = ""

    def reader(self) -> Reader:
        """Return a reader that has read nothing but what is given.

        Raises:
            UsageError: the model cannot read so.
        """
        reader = self.reading.reader(self.trained.model)
        if self.given:
            reader.score(self.given_ids)
        return reader

    @property
    def given_ids(self) -> Ids:
        """What is given, in symbols, (G,)."""
        tokenizer = self.trained.tokenizer
        return tokenizer.encode_prompt(tokenizer.unit.from_typed(self.given))

    @property
    def signature(self) -> str:
        """All that decides its figures."""
        return self.trained.signature(self.decoding.errors, self.reader())

    def decode(self, document: Document, note: Note = nothing) -> list[str]:
        """Decode a text as the model wants it, or the texts of rows.

        `note` is told of line ends new to the model.

        Raises:
            TextError, UsageError: as `Document.pieces`.
        """
        tokenizer = self.trained.tokenizer
        texts = decode(document, tokenizer.unit, self.decoding)
        knows_cr = tokenizer.policy.drops_cr or "\r" in tokenizer.vocabulary.symbols
        if document.ends_lines_in_crlf and not knows_cr:
            note(f"{document.name}: lines end in CR LF, and {self.name} has never seen a CR.")
        return texts

    def score(self, text: str, report: Report = silent, *, reset: bool = False) -> SymbolBits:
        """Return what each symbol of a decoded text costs; with `reset` each line begins afresh.

        What is given is then read before each line.

        Raises:
            UsageError: the model cannot read so.
        """
        if reset:
            self.refuse_to_learn()
            return afresh.score_lines(self.trained, text, report, self.given_ids)
        return bits.score(self.trained, text, report, self.reader())

    def refuse_to_learn(self) -> None:
        """Refuse to begin each line afresh where the model is to learn from line to line.

        Raises:
            UsageError: it is.
        """
        if self.reading is Reading.ADAPTIVE:
            raise UsageError(
                "an adaptive model learns from line to line, so no line begins afresh",
                Remedy("reset", "never"),
            )

    def judge(
        self, documents: Iterable[Sequence[str]], report: Report = silent, *, placing: bool = False
    ) -> Judged:
        """Score the decoded texts of documents, each from the start, and sum up by document.

        With `placing` the bits are laid on the text, so that models can be paired; not where the
        model changes the text, since then no places are common to both.

        Raises:
            UsageError: the model cannot read so.
        """
        trained, changes = self.trained, self.trained.changes(self.decoding.errors)
        evaluations: list[Evaluation] = []
        placed: list[Placed] = []
        for texts in documents:
            if len(texts) == 1 or placing or self.reading is not Reading.FROZEN:
                scored = [self.score(text, report) for text in texts]
                parts = [bits.sum_up(trained, *each) for each in zip(texts, scored, strict=True)]
                evaluations.append(bits.total(parts))
                if placing and not changes:
                    places = zip(texts, scored, strict=True)
                    placed += (place(trained, text, one.bits) for text, one in places)
            else:
                evaluations.append(evaluate_all(trained, texts, report))
        return Judged(
            model=self.name,
            kind=trained.model.kind,
            signature=self.signature,
            evaluations=evaluations,
            changes=changes,
            reading=self.reading,
            unit=trained.tokenizer.policy.unit,
            largest_sum=trained.record.excess,
            placed=placed,
        )
