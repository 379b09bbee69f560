"""Networks learn from short texts: never worse than to know how often each symbol occurs."""

import json
from pathlib import Path

import pytest

import charlm as package
from charlm.rnn.cells import CELLS
from tests.cli.conftest import Charlm
from tests.cli.train.conftest import Clock
from tests.support.models import CORPORA

TEXTS = ["austen.txt", "shakespeare.txt", "us_surnames.txt", "chinese.txt", "code"]
PACKAGE = Path(package.__file__).parent
SIZES = [1200, 2000, 5000, 20_000]


def bits(charlm: Charlm, model: str) -> float:
    """Bits per byte of the text that follows."""
    found = json.loads(charlm("perplexity", model, "rest.txt", "--json").out)
    return float(found["totals"][0]["bits_per_byte"])


def compare(charlm: Charlm, *options: str) -> tuple[float, float]:
    """The network's figure, and the unigram's."""
    assert charlm("train", "rnn", "short.txt", *options).code == 0
    assert charlm("train", "short.txt", "--order", "0").code == 0
    return bits(charlm, "short.rnn.charlm"), bits(charlm, "short.ngram.charlm")


def write(text: str, size: int) -> None:
    """A text of that size, and another of the same source."""
    files = sorted(PACKAGE.rglob("*.py")) if text == "code" else [CORPORA / text]
    whole = "".join(path.read_text() for path in files)
    lines = whole.splitlines(keepends=True)
    Path("short.txt").write_text("".join(lines[::2])[:size])
    Path("rest.txt").write_text("".join(lines[1::2])[: 2 * size])


@pytest.mark.parametrize("text", TEXTS)
def test_a_network_beats_the_unigram(text: str, charlm: Charlm) -> None:
    """With no option at all."""
    write(text, 1200)
    network, unigram = compare(charlm)
    assert network < unigram


# Every size of every text, each with one of two presets; every other one is for `make endurance`.
CASES = [
    pytest.param(
        size,
        text,
        ("tiny", "small")[(row // 2 + column // 2) % 2],
        marks=pytest.mark.endurance if (row + column) % 2 else pytest.mark.slow,
    )
    for row, size in enumerate(SIZES)
    for column, text in enumerate(TEXTS)
]


@pytest.mark.parametrize(("size", "text", "preset"), CASES)
def test_a_network_beats_the_unigram_at_every_size(
    size: int, text: str, preset: str, charlm: Charlm
) -> None:
    write(text, size)
    network, unigram = compare(charlm, "--preset", preset)
    assert network < unigram


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    ("length", "step"),
    [(("--max-time", "1s"), 0.01), (("--max-time", "4s"), 0.04), (("--steps", "10"), 0.0)],
    ids=["sixty steps", "ninety steps", "ten steps"],
)
def test_a_network_beats_the_unigram_in_a_short_time(
    length: tuple[str, ...], step: float, cell: str, charlm: Charlm, clock: Clock
) -> None:
    """Of a text that is long for so few steps, and of one that is read several times in them."""
    clock.reading, clock.step = 0.01, step
    for size in (2000, 500_000):
        write("austen.txt", size)
        network, unigram = compare(charlm, "--cell", cell, *length)
        assert network < unigram
