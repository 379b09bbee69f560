"""Work on threads: in order, with its errors, and free to be left at any moment."""

import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from charlm.parallel.threads import Threads, in_threads, on_one_core, read_ahead


def test_results_come_in_order() -> None:
    assert list(in_threads(lambda n: n * n, range(1000))) == [n * n for n in range(1000)]


def test_items_are_taken_when_they_are_needed() -> None:
    taken: list[int] = []
    items = (taken.append(n) or n for n in range(1000))  # type: ignore[func-returns-value]
    assert next(in_threads(lambda n: n, items)) == 0
    assert len(taken) < 100


def test_errors_are_those_of_the_function() -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_threads(lambda n: 1 // n, [1, 0, 1]))


def test_numpy_is_told_what_to_do_on_overflow() -> None:
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        list(in_threads(lambda x: np.float32(x) * np.float32(x), [1e30]))


def test_what_is_read_ahead_is_all_there_in_order() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for i in range(9):
            taken.append(i)
            yield i

    ahead = read_ahead(items())
    assert next(ahead) == 0
    for _ in range(6000):  # the next is taken while nobody asks for it
        if taken == [0, 1]:
            break
        time.sleep(0.01)
    assert taken == [0, 1]
    assert list(ahead) == list(range(1, 9))
    assert list(read_ahead(iter(()))) == []


def test_errors_of_reading_ahead_come_in_their_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("two")

    ahead = read_ahead(items())
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="two"):
        next(ahead)


def test_an_interrupted_program_does_not_wait_for_its_threads() -> None:
    """An interruption may come while a thread works: nobody is waited for."""
    begun, go_on = threading.Event(), threading.Event()

    def work(_: int) -> None:
        begun.set()
        go_on.wait()

    def items() -> Iterator[int]:
        yield 0
        begun.wait()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(in_threads(work, items()))
    go_on.set()


def test_threads_leave() -> None:
    others = set(threading.enumerate())
    threads = Threads(3)
    assert threads.submit(abs, -2)() == 2
    own = set(threading.enumerate()) - others
    assert len(own) == 3
    threads.leave()
    for thread in own:
        thread.join(timeout=60)
        assert not thread.is_alive()


@pytest.mark.parametrize("items", [[], [3], range(1)])
def test_one_item_takes_no_thread(items: Sequence[int]) -> None:
    """Five symbols are scored sooner than a thread is started."""
    assert list(in_threads(lambda _: threading.get_ident(), items)) == (
        [threading.get_ident()] * len(items)
    )


def test_on_one_core_there_are_no_threads() -> None:
    def where(_: int) -> int:
        return threading.get_ident()

    with on_one_core():
        assert {*in_threads(where, range(9))} == {threading.get_ident()}
    assert threading.get_ident() not in {*in_threads(where, range(9))}
