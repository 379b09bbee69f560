"""The likeliest texts, held against a search through all of them."""

from math import log

import pytest
import regex

from charlm.errors import UsageError
from charlm.sampling.beam import likeliest
from charlm.sampling.constraints import Constraint
from charlm.sampling.samples import Generator
from tests.sampling.test_conditional import every_text, tiny
from tests.support.models import MODELS, each, make

ALL = 10**6


@pytest.mark.parametrize("sequence", ["line", "file"])
@pytest.mark.parametrize("pattern", [None, "[ab]*a[ab]*", "b+"])
@pytest.mark.parametrize("stop", [(), ("ab",)])
def test_a_beam_that_holds_all_finds_the_likeliest(
    sequence: str, pattern: str | None, stop: tuple[str, ...]
) -> None:
    constraint = None if pattern is None else Constraint(pattern=pattern)
    generator = Generator(tiny(sequence), length=5, stop=stop, constraint=constraint)
    shares = every_text(generator)
    if pattern is not None:
        shares = {text: p for text, p in shares.items() if regex.fullmatch(pattern, text)}
    expected = sorted(shares.values(), reverse=True)[:5]
    found = generator.likeliest(ALL, 5)
    if stop:  # several ways of stopping may make one text
        assert {piece.text for piece in found} <= shares.keys()
        return
    assert [shares[piece.text] for piece in found] == pytest.approx(expected)
    assert len({piece.text for piece in found}) == len(found)


@each(MODELS)
def test_a_wider_beam_finds_what_is_no_less_likely(name: str) -> None:
    generator = Generator(make(name), length=6)
    course = generator._course
    narrow, wide = (likeliest(course, width)[0].log_prob for width in (1, 8))
    assert wide >= narrow - 1e-9
    if make(name).tokenizer.end is None:  # a beam of one text goes the greedy way
        position, log_prob = course.start, 0.0
        for _ in range(6):
            probs = course.probs(position)
            log_prob += log(probs.max())
            position = course.after(position, int(probs.argmax()))
        assert narrow == pytest.approx(log_prob)


def test_the_likeliest_come_in_their_order_without_chance() -> None:
    generator = Generator(tiny("line"), length=6)
    shares = every_text(generator)
    texts = [piece.text for piece in generator.likeliest(50, 8)]
    values = [shares[text] for text in texts]
    assert values == sorted(values, reverse=True)
    assert texts == [piece.text for piece in generator.likeliest(50, 8)]
    assert log(values[0]) < 0


@pytest.mark.parametrize(
    ("width", "pattern", "message"),
    [
        (0, None, "a beam is a number of texts"),
        (5, "c", "no text that was found"),
        (1.5, None, "a "),
    ],
)
def test_what_cannot_be_found_is_one_line(width: float, pattern: str | None, message: str) -> None:
    constraint = None if pattern is None else Constraint(pattern=pattern)
    generator = Generator(tiny("line"), length=6, constraint=constraint)
    with pytest.raises(UsageError, match=message):
        generator.likeliest(width)  # type: ignore[arg-type]
