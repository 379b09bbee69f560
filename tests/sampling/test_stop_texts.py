import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charlm.errors import UsageError
from charlm.sampling.stop_texts import Stops

TEXT = st.text("ab", max_size=12)
STOPS = st.lists(st.text("ab", min_size=1, max_size=5), max_size=3)


def first_complete(text: str, stops: list[str]) -> int | None:
    """Let the text grow until it ends with a stop text."""
    for end in range(len(text) + 1):
        starts = [end - len(stop) for stop in stops if text[:end].endswith(stop)]
        if starts:
            return min(starts)
    return None


@given(text=TEXT, stops=STOPS)
@example(text="abab", stops=["bab", "ab"])  # the shorter is complete first
@example(text="abab", stops=["abab", "bab", "bb"])  # both end together
def test_the_stop_text_that_is_complete_first(text: str, stops: list[str]) -> None:
    assert Stops(stops).find(text) == first_complete(text, stops)


@given(text=TEXT, more=TEXT, stops=STOPS)
def test_what_is_not_held_back_is_never_taken_back(text: str, more: str, stops: list[str]) -> None:
    place = Stops(stops).find(text + more)
    if Stops(stops).find(text) is None and place is not None:
        assert Stops(stops).open(text) <= place


@given(text=TEXT, stops=STOPS)
def test_no_more_is_held_back_than_needed(text: str, stops: list[str]) -> None:
    place = Stops(stops).open(text)
    assert place == len(text) or any(stop.startswith(text[place:]) for stop in stops)
    assert place >= len(text) - max(map(len, stops), default=1) + 1


def test_empty_stop_texts_are_refused() -> None:
    with pytest.raises(UsageError, match="cannot be empty"):
        Stops([""])
