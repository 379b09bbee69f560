"""Parts that ranks of MPI learn, here played by threads; `cli/train/test_mpi.py` has MPI itself."""

from collections.abc import Sequence

import numpy as np
import pytest

from charlm.errors import WorkerError
from charlm.rnn.config import RnnConfig, TrainingConfig
from charlm.rnn.networks import Learnt
from charlm.rnn.training import ranks as of_ranks
from charlm.rnn.training.loop import go_on, start
from charlm.rnn.training.parts import Part
from charlm.rnn.training.ranks import Leader
from charlm.rnn.training.reduction import LocalReduction, Reductions, here
from charlm.rnn.training.run import Run, Texts
from tests.support.models import RNNS, each, recurrent, training_set
from tests.support.ranks import leading

TRAINING = TrainingConfig(steps=5, batch=7, window=6, parts=4, dropout=0.25)
LSTM = RnnConfig(cell="lstm", hidden=9, layers=2)


def texts(sequence: str = "file") -> Texts:
    data = training_set(sequence)
    return Texts.of(data)


def gone(config: RnnConfig, reductions: Reductions, sequence: str = "file") -> Run:
    run = start(texts(sequence), config, TRAINING)
    go_on(run, texts(sequence), reductions=reductions)
    return run


def assert_alike(one: Run, two: Run) -> None:
    np.testing.assert_array_equal(one.parameters.flat, two.parameters.flat)
    for name, array in one.memory.items():
        np.testing.assert_array_equal(two.memory[name], array)
    for part, other in zip(one.state, two.state, strict=True):
        np.testing.assert_array_equal(part, other)


@each(RNNS)
def test_ranks_change_no_bit(name: str) -> None:
    """Nor does the number of them: fewer than parts, as many, more."""
    config, sequence = recurrent(name).config, "line" if "line" in name else "file"
    alone = gone(config, here(1), sequence)
    for size in (1, 2, 3, 4, 6):
        with leading(size) as (leader, codes):
            assert_alike(gone(config, leader.reduction, sequence), alone)
        assert codes == [7] * (size - 1)


def test_ranks_share_out_parts_in_their_order() -> None:
    for parts in range(1, 9):
        for size in range(1, 9):
            shares = of_ranks._shares(parts, size)
            assert len(shares) == size
            assert [part for share in shares for part in range(parts)[share]] == [*range(parts)]
            sizes = [share.stop - share.start for share in shares if share.stop > share.start]
            assert max(sizes) - min(sizes) <= 1
            assert shares[0].stop > 0  # the leader works too


class Failing(LocalReduction):
    """Fails on a rank, in the third step; ranks are told apart by the streams of their parts."""

    error: Exception
    streams: int

    def learn(self, parts: Sequence[Part]) -> list[Learnt]:
        self.steps = getattr(self, "steps", 0) + 1
        if self.steps == 3 and sum(part.window.inputs.shape[1] for part in parts) == self.streams:
            raise self.error
        return super().learn(parts)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (MemoryError(), "rank 1: not enough memory for that; choose smaller sizes"),
        (WorkerError("a worker process was ended"), "rank 1: a worker process was ended"),
        (ZeroDivisionError("by zero"), "rank 1: ZeroDivisionError: by zero"),
    ],
)
def test_a_rank_that_fails_costs_no_step(
    error: Exception, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run stands before the step, and the same ranks can go on with it."""
    alone, run = gone(LSTM, here(1)), start(texts(), LSTM, TRAINING)
    with leading(2) as (leader, codes):
        with monkeypatch.context() as patch:
            patch.setattr(of_ranks, "LocalReduction", Failing)
            patch.setattr(Failing, "error", error, raising=False)
            patch.setattr(Failing, "streams", 4, raising=False)  # of seven; the leader has 3
            with pytest.raises(WorkerError) as raised:
                go_on(run, texts(), reductions=leader.reduction)
        assert (str(raised.value), run.step) == (line, 2)
        go_on(run, texts(), reductions=leader.reduction)
    assert codes == [7]
    assert_alike(run, alone)


def test_a_leader_that_fails_can_still_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(texts(), LSTM, TRAINING)
    monkeypatch.setattr(of_ranks, "LocalReduction", Failing)
    monkeypatch.setattr(Failing, "error", MemoryError(), raising=False)
    monkeypatch.setattr(Failing, "streams", 3, raising=False)
    with leading(2) as (leader, codes):
        with pytest.raises(MemoryError):
            go_on(run, texts(), reductions=leader.reduction)
        assert not leader.asked
    assert codes == [7]


def test_a_rank_without_memory_says_so_before_the_first_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def scarce(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(LocalReduction, "__init__", scarce)
    run = start(texts(), LSTM, TRAINING)
    with (
        leading(3) as (leader, codes),
        pytest.raises(WorkerError, match="rank 1: not enough memory"),
    ):
        leader.reduction(run)
    assert codes == [7, 7]


def test_ranks_have_the_same_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others would give other bits, if they did not fail."""
    versions = iter(["charlm 2 with NumPy 3", "charlm 2 with NumPy 4"])
    monkeypatch.setattr(of_ranks, "_versions", lambda: next(versions))
    line = (
        "rank 1: has charlm 2 with NumPy 4, and rank 0 has charlm 2 with NumPy 3; install the same"
    )
    with leading(2) as (leader, codes), pytest.raises(WorkerError, match=f"^{line}$"):
        leader.reduction(start(texts(), LSTM, TRAINING))
    assert codes == [7]


def test_ranks_at_work_are_ended_at_once() -> None:
    """They cannot be told anything: as when Ctrl-C comes twice."""
    ended: list[int] = []

    class Ranks:
        size = 2

        def abort(self, code: int) -> None:
            ended.append(code)
            raise SystemExit(code)

    leader = Leader(Ranks())  # type: ignore[arg-type]
    leader.asked = True
    with pytest.raises(SystemExit):
        leader.dismiss(130)
    assert ended == [130]
