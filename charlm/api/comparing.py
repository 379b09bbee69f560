r"""Several models on the same texts: which explains each best, and how their figures differ.

>>> import charlm
>>> models = {
...     "English": charlm.train_ngram("the cat sat on the mat and the hat\n" * 20, order=3),
...     "German": charlm.train_ngram("die Katze sitzt auf der Matte\n" * 20, order=3),
... }
>>> found = charlm.identify(models, ["the man", "der Mann"])
>>> found.best, found.margin.round(1).tolist()
(['English', 'German'], [80.2, 13.1])
>>> found = charlm.compare(models, "the cat and the hat sat on the mat. " * 99)
>>> found.differences[0].bits_per_char < 0
True
>>> found.differences[0].paired.interval.high < 0
True
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from charlm.api.arguments import (
    Text,
    check_text,
    documents,
    offering,
    read,
    read_many,
    refuse_no_model,
    several,
)
from charlm.api.calibrating import known, learnt
from charlm.api.model import Model
from charlm.api.options import checked_value
from charlm.arrays import Float64s, Holder
from charlm.errors import UsageError
from charlm.evaluation import comparison, identification
from charlm.evaluation.comparison import Comparison
from charlm.evaluation.identification import NOBODY, Identification, Summary, lines_of, summarize
from charlm.evaluation.judging import Judge
from charlm.evaluation.open_set import USUAL_RATE, Typical, refuse
from charlm.evaluation.reading import Reading
from charlm.progress import Report, silent
from charlm.text.units import Unit
from charlm.trained import TrainedModel

Models: TypeAlias = Mapping[str, Model] | Iterable[Model]


@dataclass(frozen=True, eq=False, repr=False)
class Identified(Holder):
    """Which of some models explains each of some texts best, and by how much."""

    models: tuple[str, ...]
    found: Identification

    def __repr__(self) -> str:
        return f"Identified({len(self.found.best)} texts among {len(self.models)} models)"

    @property
    def best(self) -> list[str | None]:
        """Name of the best model of each text, (N,).

        None where none is better than all others, or the text is of none of their kinds.
        """
        return [None if one == NOBODY else self.models[one] for one in self.found.best.tolist()]

    @property
    def margin(self) -> Float64s:
        """Bits by which the best model beats the next one, (N,)."""
        return self.found.margin

    @property
    def z(self) -> Float64s | None:
        """How untypical each text is of its best model's kind, (N,); None if that was not asked."""
        return self.found.z

    @property
    def bits(self) -> dict[str, Float64s]:
        """Bits of each text, (N,), by model."""
        return dict(zip(self.models, self.found.bits, strict=True))

    @property
    def summary(self) -> Summary:
        """How many texts are whose, and which model explains all together best."""
        return summarize(self.models, self.found)


def identify(
    models: Models,
    texts: Text | Iterable[Text],
    *,
    false_alarms: float | None = None,
    held_out: Text | Iterable[Text] | None = None,
    report: Report = silent,
) -> Identified:
    r"""Say which of several models explains each text best, as `charlm identify` does of lines.

    A string is one text. Of a `Path` each line is one. Models have the names they are given by, or
    else "model 1", "model 2" ...

    Given a rate of `false_alarms`, 0.001 to 0.1, texts may be of none of the kinds: a text is then
    nobody's where it costs its best model more than all but that share of the model's held-out
    text. One model is enough. What was held out when it was trained is known; else give `held_out`,
    a text for each model (the rate is then 0.01 where none is given).

        >>> import charlm
        >>> words = "the cat sat on the mat and the dog ran to the man in the red hat\n" * 99
        >>> english = charlm.train_ngram(words, order=3, valid_fraction=0.3)
        >>> found = charlm.identify([english], ["the dog sat on the mat", "qwzx vbnk"],
        ...                         false_alarms=0.01)
        >>> found.best
        ['model 1', None]

    Raises:
        TextError: a text cannot be read or decoded, or a held-out one is too short.
        UsageError: there are fewer than two models, or they do not read the same text, or one does
            not know what is typical of its kind.
    """
    if held_out is not None and false_alarms is None:
        false_alarms = USUAL_RATE
    named = by_name(models)
    listed = [*several(texts)]
    lines = [_lines(listed, one.tokenizer.unit) for one in named.values()]
    fewest = 2 if false_alarms is None else 1
    found = identification.identify_lines([*named.values()], lines, report, fewest)
    if false_alarms is not None:
        rate = checked_value("false_alarms", false_alarms, float)
        found = refuse(found, _kinds(named, held_out), rate)
    return Identified(tuple(named), found)


def _kinds(
    named: Mapping[str, TrainedModel], held_out: Text | Iterable[Text] | None
) -> list[Typical]:
    """Return what is typical of each model's kind."""
    if held_out is None:
        return [known(name, trained) for name, trained in named.items()]
    texts = [*several(held_out)]
    for text in texts:
        if not isinstance(text, Path):
            check_text(text)
    if len(texts) != len(named):
        raise UsageError(f"held_out has {len(texts)} texts for {len(named)} models; give one each")
    pairs = zip(named.values(), texts, strict=True)
    return [
        learnt(f"held-out text {i}", trained, read(text, trained.tokenizer.unit))
        for i, (trained, text) in enumerate(pairs, start=1)
    ]


def compare(
    models: Models,
    texts: Text | Iterable[Text],
    *,
    adaptive: bool = False,
    report: Report = silent,
) -> Comparison:
    """Score texts by several models, and compare the first of them with each other one.

    The result has what `charlm perplexity --against` shows: `totals` and `results` by text, and
    `differences`, each with the interval of the difference in `paired.interval`. With `adaptive`
    all models learn while they read.

    Raises:
        TextError: a text cannot be read or decoded.
        UsageError: there is no model, or one has no adaptive form.
    """
    named, reading = by_name(models), Reading.of(checked_value("adaptive", adaptive, bool))
    judges = [Judge(name, trained, reading) for name, trained in named.items()]
    listed = documents(texts)
    judged = []
    for judge in judges:
        with offering():
            contents = [judge.decode(document) for document in listed]
        judged.append(judge.judge(contents, report, placing=True))
    return comparison.compare(judged, [document.name for document in listed])


def by_name(models: Models) -> dict[str, TrainedModel]:
    """Return models by their names."""
    if isinstance(models, Model | str | Path) or not isinstance(models, Iterable):
        raise UsageError("models is a list of models, or a dictionary of them by name")
    if not isinstance(models, Mapping):
        models = {f"model {i}": model for i, model in enumerate(models, start=1)}
    if not models:
        raise UsageError("there is no model to compare; give at least one")
    for name, model in models.items():
        if not isinstance(model, Model):
            refuse_no_model(f"{name}", model)
    return {f"{name}": model.trained for name, model in models.items()}


def _lines(texts: Sequence[Text], unit: Unit) -> list[str]:
    """Return strings as they are and the lines of files, as the unit reads them."""
    if not any(isinstance(text, Path) for text in texts):
        return read_many(texts, unit)
    contents = [(text, one) for text in texts for one in read_many(text, unit)]
    return [line for text, one in contents for line in _cut(text, one)]


def _cut(text: Text, content: str) -> list[str]:
    return lines_of(content) if isinstance(text, Path) else [content]
