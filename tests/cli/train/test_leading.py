"""`charlm train rnn` as one of several processes of MPI, here threads: who speaks and writes."""

import sys
from pathlib import Path

import pytest

import charlm as charlm_library
from charlm.parallel.ranks import Ranks
from tests.cli.conftest import Charlm
from tests.cli.train.test_rnn import MODEL, QUICK
from tests.support.models import TEXT
from tests.support.ranks import leading

TYPED = ("train", "rnn", "book.txt", *QUICK, "--steps", "6", "--parts", "3", "--dropout", "0.1")


def started(rank: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be one of so many that a launcher has started."""
    monkeypatch.setenv("PMI_RANK", str(rank))
    monkeypatch.setenv("PMI_SIZE", str(size))


@pytest.mark.parametrize("size", [2, 3, 5])
def test_the_first_process_writes_what_one_alone_writes(
    size: int, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert charlm(*TYPED).code == 0
    whole = MODEL.read_bytes()
    started(0, size, monkeypatch)
    with leading(size) as (leader, codes):
        monkeypatch.setattr(Ranks, "joined", lambda place: leader.ranks)
        result = charlm(*TYPED)
        assert (result.code, MODEL.read_bytes()) == (0, whole)
    assert codes == [0] * (size - 1)
    idle = (
        "Warning: 2 of 5 processes have nothing to do: a batch of 4 is learnt in 3 parts; "
        "--parts 5 would give each one.\n"
    )
    assert (idle in result.err) == (size == 5)


def test_all_leave_with_the_first(charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    started(0, 3, monkeypatch)
    with leading(3) as (leader, codes):
        monkeypatch.setattr(Ranks, "joined", lambda place: leader.ranks)
        assert charlm("train", "rnn", "none.txt").code == 1
    assert codes == [1, 1]


@pytest.mark.parametrize(
    "mistake", [("--cell", "brain"), ("--steps", "2", "--epochs", "1"), ("--no-such",)], ids=str
)
def test_the_others_say_nothing(
    mistake: tuple[str, ...], charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = charlm("train", "rnn", "book.txt", *mistake)
    assert alone.code == 2
    assert len(alone.err.splitlines()) == 1
    for rank, err in ((0, alone.err), (1, ""), (2, "")):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", sys.stdout)  # so that they come back
            patch.setattr(sys, "stderr", sys.stderr)
            started(rank, 3, patch)
            result = charlm("train", "rnn", "book.txt", *mistake)
            if rank:
                sys.stdout.close()  # that is /dev/null
        assert (result.code, result.out, result.err) == (2, "", err)


def test_python_programs_train_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may use MPI for something else, as for a training on each process."""
    started(1, 4, monkeypatch)
    model = charlm_library.train_rnn(TEXT, hidden=8, steps=2, threads=2)
    assert model.info["training"]["steps"] == 2


def test_other_commands_do_not_care(charlm: Charlm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts several by MPI starts several, each with a text of its own, say."""
    started(1, 4, monkeypatch)
    result = charlm("train", "book.txt", "--order", "2")
    assert result.code == 0
    assert "Wrote book.ngram.charlm" in result.err
    assert Path("book.ngram.charlm").exists()
