"""The arithmetic coder alone, against exact arithmetic."""

from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import accumulate, repeat
from math import log2

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charlm.coding.arithmetic import BOTTOM, MOST, WHOLE, Decoder, Encoder
from charlm.errors import CompressedFileError

Event = tuple[Sequence[int], int]  # cumulative frequencies, and the symbol


def cumulative(frequencies: Sequence[int]) -> list[int]:
    return list(accumulate(frequencies, initial=0))


@st.composite
def event(draw: st.DrawFn) -> Event:
    """Frequencies of any size, zeros among them, and a symbol that has one."""
    size = st.one_of(st.integers(0, 3), st.integers(0, MOST // 8))
    frequencies = draw(st.lists(size, min_size=1, max_size=8).filter(any))
    symbol = draw(st.sampled_from([i for i, f in enumerate(frequencies) if f]))
    return cumulative(frequencies), symbol


RARE, SURE = ((0, 1, MOST), 0), ((0, 1, MOST), 1)  # one in MOST, and all others
HALF, LAST = ((0, 1, 2), 1), ((0, MOST - 1, MOST), 1)
UNIFORM = (range(1_112_065), 1_112_063)
events = st.lists(event(), max_size=60)


def encode(stream: Sequence[Event]) -> bytes:
    encoder = Encoder()
    for frequencies, symbol in stream:
        encoder.encode(frequencies, symbol)
    return encoder.finish()


def exact_interval(stream: Sequence[Event]) -> tuple[Fraction, Fraction]:
    """Where the coder's docstring says the number must lie, in fractions: no words, no carries."""
    low, size = Fraction(0), WHOLE
    unit = Fraction(1, WHOLE)
    for frequencies, symbol in stream:
        share = size // frequencies[-1]
        low += share * frequencies[symbol] * unit
        size = share * (frequencies[symbol + 1] - frequencies[symbol])
        while size < BOTTOM:
            size, unit = size * 256, unit / 256
    return low, low + size * unit


extremes = [
    [RARE] * 40, [SURE] * 40, [HALF] * 500, [LAST] * 40, [UNIFORM] * 40, [RARE, LAST] * 30,
    [LAST, SURE, HALF, RARE, UNIFORM] * 20, [],
]  # fmt: skip


@pytest.mark.parametrize("stream", extremes)
def test_extreme_frequencies_come_back(stream: list[Event]) -> None:
    decoder = Decoder(encode(stream))
    assert [decoder.decode(frequencies) for frequencies, _ in stream] == [s for _, s in stream]


@given(events)
@example([LAST] * 30)
def test_decoding_undoes_encoding(stream: list[Event]) -> None:
    decoder = Decoder(encode(stream))
    assert [decoder.decode(frequencies) for frequencies, _ in stream] == [s for _, s in stream]


@pytest.mark.slow
@given(events)
@example([LAST] * 30)
@example([HALF] * 300)
def test_the_number_lies_in_the_exact_interval(stream: list[Event]) -> None:
    code = encode(stream)
    low, high = exact_interval(stream)
    assert low <= Fraction(int.from_bytes(code), 256 ** len(code)) < high


@pytest.mark.slow
@given(events)
def test_the_code_is_as_long_as_its_information(stream: list[Event]) -> None:
    shares = [log2(c[-1]) - log2(c[s + 1] - c[s]) for c, s in stream]
    assert sum(shares) - 8 <= 8 * len(encode(stream)) <= sum(shares) + 16 + len(stream) * 2**-15


def test_a_carry_runs_through_many_bytes() -> None:
    """Closer and closer around one half, then just below it or above it."""
    around: list[Event] = [((0, 1, 3, 4), 1)] * 100
    below, above = encode([*around, *[((0, 1, 2), 0)] * 9]), encode([*around, HALF])
    assert below[:12] == b"\x7f" + b"\xff" * 11
    assert above[:12] == b"\x80" + b"\x00" * 11


@given(st.binary(max_size=12), st.lists(event(), min_size=1, max_size=80))
def test_any_bytes_give_symbols_or_one_error(data: bytes, stream: list[Event]) -> None:
    with suppress(CompressedFileError):
        decoder = Decoder(data)
        for frequencies, _ in stream:
            symbol = decoder.decode(frequencies)
            assert frequencies[symbol] < frequencies[symbol + 1]


def test_reading_past_the_end_is_noticed() -> None:
    decoder = Decoder(encode([HALF] * 8))
    with pytest.raises(CompressedFileError, match="ends too early"):
        list(map(decoder.decode, repeat((0, 1, 2), 200)))
