"""How programs ask for samples: the options, and what they mean to the generator of samples."""

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any, TypedDict

import numpy as np

from charlm.api.arguments import check_seed, check_string, several
from charlm.api.options import checked_value, given
from charlm.errors import UsageError
from charlm.sampling.constraints import Constraint
from charlm.sampling.drawing import SamplingConfig
from charlm.sampling.samples import Generator, Piece
from charlm.trained import TrainedModel


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


def default(name: str) -> Any:
    """Return what an option of samples is where it is left out."""
    configured = (*fields(SamplingConfig), *fields(Constraint))
    known = {field.name: field.default for field in configured}
    return {**known, "length": Generator.length, "stop": ()}.get(name)


def generator(
    trained: TrainedModel,
    prompt: str,
    options: SampleOptions,
    *,
    unique: bool = False,
    known: Callable[[str], bool] | None = None,
) -> tuple[Generator, np.random.Generator]:
    """Return what draws samples, and where its chance comes from.

    `known` tells which texts are not wanted.

    Raises:
        UsageError: an option is impossible.
    """
    check_string("prompt", prompt)
    typed = trained.tokenizer.unit.from_typed
    chosen = given(options, SampleOptions)
    check_seed(seed := chosen.pop("seed", None))
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
    generator = Generator(trained, config, typed(prompt), length, stop, wanted)
    return generator, np.random.default_rng(seed)


def checked_count(count: Any) -> int:
    """Return a number of samples.

    Raises:
        UsageError: it is no whole number from 0.
    """
    found: int = checked_value("count", count, int)
    if found < 0:
        raise UsageError(f"a count is a number of samples, 0 or more, not {count!r}")
    return found


def shown(generator: Generator, pieces: Iterator[Piece]) -> Iterator[str]:
    """Yield the text of a sample as it comes; bytes that are not UTF-8 as lone surrogates."""
    encoding = generator.trained.tokenizer.unit.encoding
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for piece in pieces:
        if encoding is None:
            yield piece.text
        else:
            yield decoder.decode(piece.text.encode(encoding), final=piece.ending is not None)
