"""Check an exercise: what is right, what is off, and a hint.

    python -m course.check 1            the file in course/exercises
    python -m course.check 1 mine.py    another file

Answers are held against the library, or against numbers worked out by hand. Hints are in Chinese
where the locale is.
"""

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

import charlm
from charlm.rnn.gradients.trace import by_hand, trace
from charlm.rnn.layers.loss import cross_entropy

EXERCISES = Path(__file__).parent / "exercises"
MAGIC = "abracadabra"


class Check(NamedTuple):
    """A call of the student's function, what it should give, and a hint in two languages."""

    call: str
    expected: Any
    hint: tuple[str, str]


CHECKS: dict[int, Callable[[], Iterator[Check]]] = {}


def exercise(number: int) -> Callable[[Callable[[], Iterator[Check]]], Any]:
    """Register the checks of an exercise."""

    def register(checks: Callable[[], Iterator[Check]]) -> Any:
        CHECKS[number] = checks
        return checks

    return register


@exercise(1)
def _counts() -> Iterator[Check]:
    model = charlm.train_ngram(MAGIC, order=1, smoothing="mle")
    hint = ("the last letter has nothing after it", "最后一个字母后面没有字母")
    for context in "abr":
        yield Check(f"followers({MAGIC!r}, {context!r})", model.followers(context, MAGIC), hint)
    overlap = ("occurrences may overlap", "出现的位置可以重叠")
    yield Check("followers('aaaa', 'aa')", {"a": 2}, overlap)
    hint = ("divide by how often the context goes on", "除以上文后面还有字母的次数")
    for letter, p in model.next_symbols("a", top=3).items():
        yield Check(f"probability({MAGIC!r}, 'a', {letter!r})", p, hint)


@exercise(2)
def _kneser_ney() -> Iterator[Check]:
    hint = ("count each pair of neighbours once", "每种相邻的字母对只算一次")
    for letter, share in {"a": 3 / 7, "b": 1 / 7, "r": 1 / 7}.items():
        yield Check(f"continuation({MAGIC!r}, {letter!r})", share, hint)
    hint = (
        "what the discounts leave free goes to the continuation",
        "折扣省下的部分按延续概率分配",
    )
    # n(a b) = 2, n(a .) = 4, three letters come after a: (2 - 0.5)/4 + 0.5 * 3/4 * 1/7
    yield Check(f"kneser_ney({MAGIC!r}, 'a', 'b', 0.5)", 1.5 / 4 + 1.5 / 4 / 7, hint)
    yield Check(f"kneser_ney({MAGIC!r}, 'a', 'r', 0.5)", 1.5 / 4 / 7, hint)
    letters = sorted(set(MAGIC))
    one = ("all letters together must have 1", "所有字母的概率之和必须为 1")
    yield Check(f"sum(kneser_ney({MAGIC!r}, 'a', x, 0.75) for x in {letters})", 1.0, one)


@exercise(3)
def _softmax() -> Iterator[Check]:
    o, y = np.array([0.5, -1.0, 2.0]), 2
    found, gradient = cross_entropy(o[:, None].copy(), np.array([y], np.int32))
    p = gradient[:, 0] + np.eye(3)[y]
    PLACES.update(o=o, y=y, large=np.array([1000.0, 0.0]))
    yield Check("softmax(o)", p, ("it adds up to 1", "和为 1"))
    hint = ("take the maximum off first: softmax stays the same", "先减去最大值，softmax 不变")
    yield Check("softmax(large)", np.array([1.0, 0.0]), hint)
    yield Check("loss(o, y)", found, ("the natural logarithm", "自然对数"))
    yield Check("loss(large, 1)", 1000.0, ("log-sum-exp: do not take log of 0", "不要对 0 取对数"))
    hint = ("softmax minus one-hot", "softmax 减去独热向量")
    yield Check("loss_gradient(o, y)", gradient[:, 0], hint)


@exercise(4)
def _bptt() -> Iterator[Check]:
    config, parameters = by_hand(2, "linear", 3, seed=0)
    found = trace(config, parameters, np.array([0, 1, 2]))
    h, d_o, d_h = (np.array([getattr(s, n) for s in found.steps]) for n in ("h", "d_o", "d_h"))
    PLACES.update(parameters, reads=[step.read for step in found.steps], h=h, d_o=d_o, d_h=d_h)
    yield Check("forward(W, U, reads)", h, ("U x_t is a column of U", "U x_t 是 U 的一列"))
    hint = ("V' dL/do_t + W' dL/dh_(t+1); nothing comes from after T", "最后一步没有来自后面的项")
    yield Check("backward(W, V, d_o)", d_h, hint)
    hint = ("outer products of dL/dh_t and h_(t-1); h_0 = 0", "dL/dh_t 与 h_(t-1) 的外积之和")
    yield Check("weight_gradient(d_h, h)", found.gradients["W"], hint)


@exercise(5)
def _clipping() -> Iterator[Check]:
    gradients = [np.array([3.0]), np.array([[0.0, 4.0]])]
    PLACES["gradients"] = gradients
    hint = ("the root of the sum of all squares", "所有平方和的平方根")
    yield Check("norm(gradients)", 5.0, hint)
    hint = ("one factor for all, bound / norm", "所有梯度乘同一个比例：上限除以长度")
    yield Check("clip(gradients, 1.0)", [np.array([0.6]), np.array([[0.0, 0.8]])], hint)
    hint = ("short gradients stay as they are", "不超过上限的保持原样")
    yield Check("clip(gradients, 10.0)", gradients, hint)


@exercise(6)
def _top_p() -> Iterator[Check]:
    PLACES["shares"] = np.array([0.1, 0.5, 0.15, 0.25])
    hint = ("go down from the likeliest until p is reached", "从最可能的开始累加，直到达到 p")
    yield Check("top_p(shares, 0.7)", np.array([0, 2 / 3, 0, 1 / 3]), hint)
    yield Check("top_p(shares, 0.76)", np.array([0, 5 / 9, 1.5 / 9, 2.5 / 9]), hint)
    hint = ("the likeliest is always kept", "最可能的那个总是保留")
    yield Check("top_p(shares, 0.1)", np.array([0.0, 1.0, 0.0, 0.0]), hint)
    yield Check("top_p(shares, 1.0)", PLACES["shares"], ("all are kept", "全部保留"))


PLACES: dict[str, Any] = {}  # what calls speak of


def load(file: Path) -> ModuleType:
    """Import a file as a module."""
    spec = importlib.util.spec_from_file_location("exercise", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def findings(number: int, file: Path) -> Iterator[tuple[bool, str]]:
    """Yield of each check whether the file passes it, and a line about it."""
    module, chinese = load(file), os.environ.get("LANG", "").startswith("zh")
    for check in CHECKS[number]():
        hint = check.hint[chinese]
        try:
            found = eval(check.call, {**vars(module), **PLACES})  # the student's own code
        except Exception as error:
            yield False, f"{check.call}: {type(error).__name__}: {error}; {hint}"
            continue
        if found is None or (right := _alike(found, check.expected)) is None:
            yield False, f"{check.call}: {'还没有写' if chinese else 'nothing is returned yet'}"
        elif right:
            yield True, check.call
        else:
            yield False, f"{check.call}: {_shown(found)}, not {_shown(check.expected)}; {hint}"


def _alike(found: Any, expected: Any) -> bool | None:
    """Tell whether values are equal but for rounding; None where a part is missing."""
    if isinstance(expected, dict):
        return bool(found == expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(_alike, found, expected))
    if np.shape(found) != np.shape(expected):
        return False
    return bool(np.allclose(found, expected, rtol=1e-6, atol=1e-9))


def _shown(value: Any) -> str:
    return (
        str(np.round(value, 4)).replace("\n", "") if isinstance(value, np.ndarray) else f"{value}"
    )


def main(words: Sequence[str]) -> int:
    """Check an exercise, and say what is right; return the exit code."""
    number = int(words[0]) if words and words[0].isdigit() else 0
    if number not in CHECKS:
        sys.stdout.write(f"make exercise N=1, up to N={max(CHECKS)}\n")
        return 2
    file = Path(words[1]) if len(words) > 1 else EXERCISES / f"exercise_{number}.py"
    results = list(findings(number, file))
    for right, line in results:
        sys.stdout.write(f"{'✓' if right else '✗'} {line}\n")
    sys.stdout.write(f"{sum(right for right, _ in results)}/{len(results)}  {file}\n")
    return 0 if all(right for right, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
