r"""Mixing models, as Python programs do it: the same as `charlm mix`.

>>> import charlm
>>> text = "she sells sea shells by the sea shore\n" * 99
>>> short, long = (charlm.train_ngram(text, order=n, valid_fraction=0.1) for n in (1, 4))
>>> both = charlm.mix([short, long], held_out=text)
>>> both.perplexity("sea shells") < short.perplexity("sea shells")
True
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from charlm import mixture
from charlm.api.arguments import Text, documents, offering, refuse_no_model
from charlm.api.model import Model
from charlm.api.options import checked_value
from charlm.api.wording import OptionName
from charlm.errors import UsageError
from charlm.progress import Report, silent
from charlm.text.corpus import Document
from charlm.text.holdout import HoldOut
from charlm.trained import Record, TrainedModel

FEWEST_MEMBERS = 2


def mix(
    models: Sequence[Model],
    tune: Text | Iterable[Text] = (),
    *,
    held_out: Text | Iterable[Text] = (),
    gate: bool = False,
    report: Report = silent,
) -> Model:
    """Mix models into one, weighed by how well they do on a text that none was trained on.

    That text is `tune`, or the part of `held_out` that the models held out (`valid_fraction`) when
    they were trained on it. With `gate` the weights depend on what the models know of each history.

        >>> import charlm
        >>> short, long = (charlm.train_ngram("abracadabra " * 99, order=n) for n in (0, 4))
        >>> both = charlm.mix([short, long], tune="a cab or a bar")
        >>> [row["kind"] for row in both.info["members"]]
        ['ngram', 'ngram']

    Raises:
        TextError: a text cannot be read or decoded, or is empty.
        UsageError: there are fewer than two models, or their units differ; or there is no text to
            tune on, both kinds of them, or no part that all models held out.
    """
    gate = checked_value("gate", gate, bool)
    if isinstance(models, Model | str | Path) or not isinstance(models, Iterable):
        raise UsageError("models is a list of models: charlm.mix([first, second], ...)")
    models = list(models)
    for i, model in enumerate(models, start=1):
        if not isinstance(model, Model):
            refuse_no_model(f"model {i}", model)
    members = [model.trained for model in models]
    tuning, trained_on = documents(tune), documents(held_out)
    refuse_unless_one(tuning, trained_on)
    _refuse_too_few(members)
    if tuning:
        with offering():
            unit = members[0].tokenizer.unit
            texts = [text for document in tuning for text in document.texts(unit)]
    else:
        named = {f"model {i}": member for i, member in enumerate(members, start=1)}
        texts = [*shared_held_out(named, trained_on)]
    return Model(mixed(members, tuning or trained_on, texts, gate=gate, report=report))


def refuse_unless_one(
    tune: Sequence[object], held_out: Sequence[object], option: OptionName = str
) -> None:
    """Refuse two kinds of texts to learn the weights on, and none.

    Raises:
        UsageError: there are both, or neither.
    """
    if bool(tune) == bool(held_out):
        ways = f"either {option('tune')} or {option('held_out')}"
        raise UsageError(f"say what to learn the weights on: {ways}")


def mixed(
    members: Sequence[TrainedModel],
    documents: Sequence[Document],
    texts: Iterable[str],
    *,
    gate: bool,
    report: Report,
) -> TrainedModel:
    """Mix models, as `mix`; `texts` of the `documents` are what tunes them."""
    _refuse_too_few(members)
    tokenizer = mixture.unite([member.tokenizer for member in members])
    ids = [tokenizer.encode(text) for text in texts]
    united = [mixture.member(one.model, one.tokenizer, tokenizer) for one in members]
    model = mixture.fit(united, tokenizer.end, ids, gated=gate, report=report)
    tuning = tuple(document.fingerprint for document in documents)
    record = Record.of_mixture((m.record for m in members), tuning, sum(map(len, ids)))
    return TrainedModel(model, tokenizer, record)


def _refuse_too_few(members: Sequence[TrainedModel]) -> None:
    if len(members) < FEWEST_MEMBERS:
        raise UsageError("a mixture needs two models or more")


def shared_held_out(
    models: Mapping[str, TrainedModel],
    documents: Sequence[Document],
    option: OptionName = str,
) -> tuple[str, ...]:
    """Find the part of texts that models held out; texts of other models are new to them anyway.

    Raises:
        UsageError: none was trained on them, one has seen all, or they held out different parts.
    """
    named = ", ".join(document.name for document in documents)
    same = f"train them with the same {option('valid_fraction')}"
    policy = next(iter(models.values())).tokenizer.policy
    parts: set[HoldOut] = set()
    for name, model in models.items():
        if not any(map(model.record.has_seen, documents)):
            continue
        part = model.record.held_out_of(documents)
        if part is None:
            raise UsageError(f"{name} has held nothing out of {named}; {same}")
        parts.add(part if policy.sequence == "line" else replace(part, seed=0))  # which draws lines
    if not parts:
        tune = option("tune")
        raise UsageError(f"no model was trained on {named}; give it as {tune}")
    if len(parts) > 1:
        seed = option("seed")
        raise UsageError(f"the models held out different parts of {named}; {same} and {seed}")
    return parts.pop().find(documents, policy)
