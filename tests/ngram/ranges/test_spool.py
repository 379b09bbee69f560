"""The folder between tasks: files whole or not at all, and of one run alone."""

from pathlib import Path

import numpy as np
import pytest

from charlm.ngram.ranges import spool as spools
from charlm.ngram.ranges.spool import PART, TOKEN, Spool


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "MOMENTS", (0.0,))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    spool = Spool.taken(tmp_path / "new" / "spool")
    spool.put("a", {"x": np.arange(9)}, many=3)
    stored = spool.open("a")
    assert stored.read("x", 2, 5).tolist() == [2, 3, 4]
    assert stored.mapped("x").tolist() == [*range(9)]
    assert stored.figures == {"many": 3}


def test_a_file_that_is_cut_short_is_none(tmp_path: Path) -> None:
    spool = Spool.taken(tmp_path)
    spool.put("a", {"x": np.arange(9)})
    whole = (tmp_path / "a").read_bytes()
    for length in (0, 5, len(whole) - 1):
        (tmp_path / "a").write_bytes(whole[:length])
        assert spool.find("a") is None
    assert spool.find("b") is None


def test_a_task_of_a_run_before_writes_nothing_more(tmp_path: Path) -> None:
    before = Spool.taken(tmp_path)
    assert before.is_seen()
    writing = before.writing("a")
    writing.__enter__().add("x", np.arange(3))
    now = Spool.taken(tmp_path)
    with pytest.raises(OSError, match="is of another run now"):
        writing.__exit__(None, None, None)
    assert now.is_seen()
    assert not before.is_seen()
    assert {path.name for path in tmp_path.iterdir()} == {TOKEN}


def test_where_the_folder_is_not_nobody_sees_it(tmp_path: Path) -> None:
    assert not Spool(str(tmp_path / "nowhere"), "abc").is_seen()
    assert not (tmp_path / "nowhere").exists()


def test_what_was_half_written_is_taken_away(tmp_path: Path) -> None:
    spool = Spool.taken(tmp_path)
    spool.put("a", {})
    (tmp_path / f"b.1-2{PART}").write_bytes(b"x")
    (tmp_path / "whole").mkdir()
    spool.clear(f"*{PART}")
    assert {path.name for path in tmp_path.iterdir()} == {TOKEN, "a", "whole"}
    spool.clear()
    assert {path.name for path in tmp_path.iterdir()} == {TOKEN}
