"""Mixing from a Python program: what the weights are learnt on."""

from typing import Any

import pytest

import charlm
from charlm.api.arguments import documents
from tests.support.models import TEXT

LINES = "anna\nhanna\njohanna\nann\n" * 9


def ngrams(*fractions: float, **options: Any) -> list[charlm.Model]:
    return [
        charlm.train_ngram(TEXT, order=order, valid_fraction=fraction, **options)
        for order, fraction in enumerate(fractions, start=1)
    ]


def test_held_out_parts_are_what_no_member_has_seen() -> None:
    """So the weights are those of a tuning on that very part."""
    models = ngrams(0.1, 0.1, 0.1)
    trained, read = models[0].trained, documents(TEXT)
    part = trained.record.held_out_of(read)
    assert part is not None
    texts = part.find(read, trained.tokenizer.policy)
    assert 0.05 < len("".join(texts)) / len(TEXT) < 0.15
    mixed, tuned = charlm.mix(models, held_out=TEXT), charlm.mix(models, tune=texts)
    assert [row["weight"] for row in mixed.info["members"]] == [
        row["weight"] for row in tuned.info["members"]
    ]


@pytest.mark.parametrize(
    ("fractions", "options", "message"),
    [
        ((0.1, 0.1), {}, "^say what to learn the weights on: either tune or held_out$"),
        ((0.1, 0.1), {"tune": "a", "held_out": TEXT}, "either tune or held_out$"),
        ((0.1, 0.0), {"held_out": TEXT}, "^model 2 has held nothing out of text 1; train th"),
        ((0.1, 0.1), {"held_out": LINES}, "^no model was trained on text 1; give it as tune"),
        (
            (0.1, 0.2),
            {"held_out": TEXT},
            "different parts of text 1; .* valid_fraction and s",
        ),
        ((0.1,), {"held_out": TEXT}, "two models or more"),
        ((), {"held_out": TEXT}, "two models or more"),
    ],
)
def test_what_no_mixture_can_be_made_of(
    fractions: tuple[float, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(charlm.UsageError, match=message):
        charlm.mix(ngrams(*fractions), **options)


@pytest.mark.parametrize("sequence", ["file", "line"])
def test_the_seed_matters_where_lines_are_drawn(sequence: str) -> None:
    models = [*ngrams(0.1, seed=1, sequence=sequence), *ngrams(0.1, seed=2, sequence=sequence)]
    if sequence == "file":
        assert charlm.mix(models, held_out=TEXT).info["members"]
        return
    with pytest.raises(charlm.UsageError, match="different parts"):
        charlm.mix(models, held_out=TEXT)
