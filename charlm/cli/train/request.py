"""What training commands share: reading the texts, saving the model, saying what comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import click
from click.core import ParameterSource

from charlm import storage
from charlm.api.fine_tuning import InitialModel
from charlm.cli.console import say, say_next
from charlm.cli.files import model_path, tell_of_line_ends
from charlm.evaluation.bits import Evaluation
from charlm.evaluation.documents import evaluate_all
from charlm.progress import Report, silent
from charlm.text import corpus
from charlm.text.corpus import Document
from charlm.text.decoding import Decoding
from charlm.text.naming import expand
from charlm.text.rows import RowOptions
from charlm.text.tokenizer import TextPolicy
from charlm.text.training_set import Surveyor, TrainingSet, prepare
from charlm.trained import TrainedModel


@dataclass(frozen=True)
class Request:
    """The options that both families have, as they came from the command line."""

    texts: Sequence[str]
    output: str | None
    force: bool
    unit: str
    sequence: str
    normalize: str | None
    lowercase: bool
    min_count: int
    newlines: str
    encoding: str
    errors: str
    valid: Sequence[str]
    valid_fraction: float
    seed: int
    column: str | None
    as_text: bool

    @cached_property
    def names(self) -> list[str]:
        """The files that the texts are, those of folders and lists too."""
        return expand(self.texts, say)

    def target(self, family: str) -> Path:
        """Where the model goes; see `model_path`."""
        return model_path(self.texts[0], self.output, family, force=self.force)

    def policy(self, initial: InitialModel | None = None) -> TextPolicy:
        """How texts become symbols: as those of an initial model did, if nothing else was typed."""
        values = {field.name: getattr(self, field.name) for field in fields(TextPolicy)}
        if initial is None:
            return TextPolicy(**values)
        typed = self._typed(values)
        return initial.policy({name: values[name] for name in typed})

    def typed(self, names: Iterable[str]) -> list[str]:
        """Return which of these options were typed, as they are."""
        return [f"--{name.replace('_', '-')}" for name in self._typed(names)]

    @staticmethod
    def _typed(names: Iterable[str]) -> list[str]:
        source = click.get_current_context().get_parameter_source
        not_typed = (None, ParameterSource.DEFAULT)
        return [name for name in names if source(name) not in not_typed]

    def read(
        self,
        report: Report = silent,
        initial: InitialModel | None = None,
        surveyor: Surveyor | None = None,
    ) -> TrainingSet:
        """Read and prepare the texts, for a new model or for one that is trained on.

        A `surveyor` may read them first.
        """
        policy = self.policy(initial)
        names = [*self.names, *expand(self.valid, say)]
        documents = corpus.read(names, note=say, options=RowOptions(self.column, self.as_text))
        data = prepare(
            documents[: len(self.names)],
            policy,
            valid=documents[len(self.names) :],
            valid_fraction=self.valid_fraction,
            decoding=Decoding(self.encoding, self.errors),
            seed=self.seed,
            report=report,
            known=None if initial is None else initial.tokenizer,
            surveyor=surveyor,
        )
        self._tell(documents, data)
        return data

    def _tell(self, documents: Sequence[Document], data: TrainingSet) -> None:
        """Say what in the texts may not be as it was thought to be."""
        tell_of_line_ends(documents, data.tokenizer.policy)
        if not self.valid and self.valid_fraction and not data.held_out:
            share = f"--valid-fraction {self.valid_fraction:g}"
            say(f"The text is too short for {share}: nothing is held out.")


def save_and_tell(
    path: Path, trained: TrainedModel, held_out: Sequence[str], what: str, seconds: float
) -> Evaluation | None:
    """Save a trained model, and `tell` of it."""
    storage.save(path, trained)
    return tell(path, trained, held_out, what, seconds)


def tell(
    path: Path, trained: TrainedModel, held_out: Sequence[str], what: str, seconds: float
) -> Evaluation | None:
    """Say what a saved model is, how well it does on held-out text, and what next.

    Returns that, where there is such a text.
    """
    symbols = "symbols" if trained.tokenizer.policy.unit != "char" else "characters"
    say(f"Trained {what} on {trained.record.symbols or 0:,} {symbols} in {seconds:z.1f} s.")
    result = None
    if held_out:
        result = evaluate_all(trained, held_out)
        bytes_alone = result.unit == "byte"
        size = f"{result.bytes:,} bytes" if bytes_alone else f"{result.chars:,} characters"
        say(f"Held-out text: {result.bits_per_unit:z.3f} bits/{result.unit} ({size}).")
    say(f"Wrote {path} ({path.stat().st_size / 1e6:z.1f} MB).")
    say_next("sample", path)
    return result
