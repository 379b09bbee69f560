"""Exercises: skeletons fail, answers pass, and a slip is named with a hint."""

from pathlib import Path

import pytest

from course.check import CHECKS, EXERCISES, findings, main

ANSWERS = Path(__file__).parent / "answers"
# A slip in each answer, and the hint that it should bring.
SLIPS = {
    1: ("range(len(text) - len(context))", "range(0, len(text) - 2, 2)", "overlap"),
    2: ("set(pairs(text))", "pairs(text)", "count each pair of neighbours once"),
    3: ("o - o.max()", "o", "take the maximum off first"),
    4: ("W.T @ d_h", "W @ d_h", "V' dL/do_t + W' dL/dh_(t+1)"),
    5: ("min(1.0, bound / norm(gradients))", "bound / norm(gradients)", "stay as they are"),
    6: ("before < p - 1e-12", "before + probabilities[order] <= p", "until p is reached"),
}


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setattr("course.check.PLACES", {})  # as in a process of its own


each_exercise = pytest.mark.parametrize("number", CHECKS)


@each_exercise
def test_a_skeleton_fails_everywhere(number: int) -> None:
    found = list(findings(number, EXERCISES / f"exercise_{number}.py"))
    assert found
    assert not any(right for right, _ in found)


@each_exercise
def test_an_answer_passes(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    answer = ANSWERS / f"exercise_{number}.py"
    assert main([str(number), str(answer)]) == 0, capsys.readouterr().out


@each_exercise
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_slip_is_named(number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong, hint = SLIPS[number]
    text = (ANSWERS / f"exercise_{number}.py").read_text()
    assert right in text
    (tmp_path / "mine.py").write_text(text.replace(right, wrong))
    assert main([str(number), str(tmp_path / "mine.py")]) == 1
    said = capsys.readouterr().out
    assert "✗" in said
    assert hint in said


def test_hints_are_chinese_where_the_locale_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    lines = [line for _, line in findings(3, EXERCISES / "exercise_3.py")]
    assert all(line.endswith("还没有写") for line in lines)


def test_what_is_no_exercise(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["99"]) == main([]) == 2
    assert capsys.readouterr().out == "make exercise N=1, up to N=6\n" * 2
