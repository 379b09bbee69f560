"""What programs do with any value: compare it, show it, keep it in a set, copy and pickle it."""

import copy
import pickle
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import is_dataclass
from functools import cache, cached_property, partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

import numpy as np
import pytest

import charlm
from charlm.arrays import LONGEST_LINE, Holder, Lean
from charlm.evaluation.candidates import rank
from charlm.rnn.layers.parameters import Parameters
from charlm.sampling.novelty import Novelty
from tests.support.models import MODELS, TEXT, UNSEEN, each, make

SHORT = TEXT[:60]


def use(model: charlm.Model) -> dict[str, Any]:
    """Do with a model all that can be done, and return what came of it."""
    return {
        "score": model.score(UNSEEN).bits.tolist(),
        "adaptive": model.evaluate(SHORT, adaptive=True).total_bits,
        "many": model.score_many(["To", UNSEEN]).bits.tolist(),
        "next": model.next_symbols("To b"),
        "beams": model.log_probs(model.advance([model.start(), model.start("T")], "To")).tolist(),
        "sample": model.sample("To", length=40, seed=1),
        "packed": model.compress(SHORT.encode()),
        "signature": model.signature,
    }


def is_brief(value: object) -> bool:
    return len(repr(value)) <= LONGEST_LINE and repr(value).isprintable()


@each(MODELS)
def test_every_model_is_a_value_like_any_other(name: str) -> None:
    model = pickle.loads(pickle.dumps(charlm.Model(make(name))))  # which nobody has used yet
    fresh, other = pickle.dumps(model), charlm.train_ngram("ab")
    assert is_brief(model)
    assert model.signature[:60] in repr(model)
    assert model == model
    assert model != other
    assert (model == 3, model == None) == (False, False)  # noqa: E711
    assert {model: 1, other: 2}[model] == 1
    done = use(model)
    assert pickle.dumps(model) == fresh  # nothing grows by use
    for twin in (pickle.loads(fresh), copy.deepcopy(model), copy.copy(model)):
        assert use(twin) == done


def test_a_loaded_model_is_pickled_with_its_arrays(tmp_path: Path) -> None:
    charlm.train_ngram(TEXT).save(tmp_path / "m.charlm")
    model = charlm.load(tmp_path / "m.charlm")
    done, pickled = use(model), pickle.dumps(model)
    (tmp_path / "m.charlm").unlink()
    assert use(pickle.loads(pickled)) == done


@pytest.mark.parametrize("name", ["modified-kneser-ney-4-line", "hidden-elman-tanh-file"])
def test_a_state_is_pickled_too(name: str) -> None:
    model = make(name).model
    ids = make(name).tokenizer.encode(TEXT[:100])
    state = model.score(ids[:50])[1]
    for twin in (pickle.loads(pickle.dumps(state)), copy.deepcopy(state)):
        np.testing.assert_array_equal(
            model.score(ids[50:], twin)[0], model.score(ids[50:], state)[0]
        )


@cache
def model() -> charlm.Model:
    return charlm.train_ngram(TEXT, order=3)


ERRORS = [name for name in charlm.__all__ if name.endswith("Error")]
VALUES: dict[str, Callable[[], Any]] = {  # what the names of `charlm.__all__` are and give
    "Model": lambda: charlm.train_ngram(TEXT),
    "Counts": lambda: charlm.count(TEXT),
    "tally": lambda: charlm.count(TEXT).tally,
    "counted windows": lambda: charlm.count(TEXT).tally.windows,
    "Evaluation": lambda: model().evaluate(UNSEEN),
    "impossible": lambda: charlm.train_ngram("ab" * 9, smoothing="mle").evaluate("\n\n\n"),
    "Scored": lambda: model().score(UNSEEN),
    "ScoredTexts": lambda: model().score_many([UNSEEN, "a"]),
    "TextBits": lambda: model().score_many([UNSEEN, "a"]).found,
    "Identified": lambda: charlm.identify([model(), model()], [UNSEEN]),
    "ScoredItems": lambda: charlm.score_items([model(), model()], [UNSEEN, "a"]),
    "Comparison": lambda: charlm.compare([model(), model()], UNSEEN),
    "Ranking": lambda: rank(model().trained, ["a", "b"]),
    "State": lambda: model().start("To b"),
    "Novelty": lambda: model().novelty(UNSEEN, TEXT),
    "TrainedModel": lambda: charlm.train_ngram(TEXT).trained,
    "tokenizer": lambda: charlm.train_ngram(TEXT).trained.tokenizer,
    "vocabulary": lambda: charlm.train_ngram(TEXT).trained.tokenizer.vocabulary,
    "policy": lambda: charlm.train_ngram(TEXT).trained.tokenizer.policy,
    "ngram": lambda: charlm.train_ngram(TEXT).trained.model,
    "network": lambda: charlm.train_rnn(TEXT, hidden=4, steps=2).trained.model,
    "mixture": lambda: charlm.mix([model(), model()], TEXT).trained.model,
    **{name: partial(getattr(charlm, name), "it is so") for name in ERRORS},
}
BY_CONTENT = {
    "Evaluation", "impossible", "Scored", "State", "Novelty", "tokenizer", "vocabulary", "policy"
}  # fmt: skip


def test_every_public_value_is_here() -> None:
    made = {type(make()) for make in VALUES.values()}
    classes = {value for name in charlm.__all__ if isinstance(value := getattr(charlm, name), type)}
    methods = [m for n, m in vars(charlm.Model).items() if callable(m) and not n.startswith("_")]
    given = {get_type_hints(method).get("return") for method in methods}
    given |= {
        get_type_hints(getattr(charlm, name))["return"] for name in charlm.__all__ if name.islower()
    }
    ours = {t for t in given if isinstance(t, type) and t.__module__.startswith("charlm")}
    assert made >= (classes | ours)
    assert Novelty in ours


@pytest.mark.parametrize("name", VALUES)
def test_public_values_are_values(name: str) -> None:
    value, twin = VALUES[name](), VALUES[name]()
    assert is_brief(value)
    assert type(value).__name__ in repr(value)
    assert value == value
    assert not value != value  # noqa: SIM202
    assert value != 3
    assert (value == twin, value != twin) == (
        (True, False) if name in BY_CONTENT else (False, True)
    )
    assert value in {value}
    if name in BY_CONTENT:
        assert hash(value) == hash(twin)
    for other in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):
        assert repr(other) == repr(value)
        assert type(other) is type(value)
        assert (other == value) == (name in BY_CONTENT)


def test_an_evaluation_shows_what_is_asked_for() -> None:
    evaluation = charlm.train_ngram(TEXT).evaluate(UNSEEN)
    assert f"bits_per_char={evaluation.bits_per_char:.4f}" in repr(evaluation)
    assert f"perplexity={evaluation.perplexity:.4f}" in repr(evaluation)


def test_scores_differ_where_they_differ() -> None:
    score = charlm.train_ngram("ab" * 9).score
    assert score("ab") != score("ba")
    assert score("ab") != charlm.train_ngram("ab" * 7 + "c").score("ab")
    assert score("ab") != tuple(score("ab"))


def dataclasses() -> Iterator[type]:
    """All of them, but for those of the command line, and of what takes torch."""
    left_out = ("charlm.cli", "charlm.__main__", "charlm.rnn.torch.module")
    for module in pkgutil.walk_packages(charlm.__path__, "charlm."):
        if not module.name.startswith(left_out):
            for value in vars(import_module(module.name)).values():
                if (
                    isinstance(value, type)
                    and is_dataclass(value)
                    and value.__module__ == module.name
                ):
                    yield value


def parts(annotation: Any) -> Iterator[Any]:
    """An annotation, and what stands in its brackets; a function holds nothing of what it takes."""
    origin = get_origin(annotation)
    yield origin or annotation
    for argument in () if origin is Callable else get_args(annotation):
        yield from parts(argument)


def holds_arrays(kind: type, above: tuple[type, ...] = ()) -> bool:
    """Arrays, or what has some inside: other dataclasses, and what only a protocol describes."""
    hints = [hint for hint in get_type_hints(kind).values() if get_origin(hint) is not ClassVar]
    held = {part for hint in hints for part in parts(hint) if isinstance(part, type)} - {
        kind,
        *above,
    }
    protocols = {part for part in held if getattr(part, "_is_protocol", False)}
    return (
        bool(held & {np.ndarray, Parameters})
        or any(
            part.__module__ in ("charlm.model", "charlm.rnn.networks.registry")
            for part in protocols
        )
        or any(holds_arrays(part, (*above, kind)) for part in held if is_dataclass(part))
    )


DATACLASSES = list(dataclasses())


@pytest.mark.parametrize("kind", DATACLASSES, ids=lambda kind: kind.__qualname__)
def test_what_holds_arrays_is_a_holder(kind: type) -> None:
    if holds_arrays(kind):
        assert issubclass(kind, Holder)
        assert (kind.__eq__, kind.__hash__) == (object.__eq__, object.__hash__)
        assert kind.__repr__ in (Holder.__repr__, vars(kind).get("__repr__"))


@pytest.mark.parametrize("kind", DATACLASSES, ids=lambda kind: kind.__qualname__)
def test_what_is_worked_out_is_not_copied(kind: type) -> None:
    if any(isinstance(value, cached_property) for value in vars(kind).values()):
        assert issubclass(kind, Lean)


def test_there_are_holders() -> None:
    assert sum(map(holds_arrays, DATACLASSES)) > 20


def test_parameters_stay_views_of_one_vector() -> None:
    parameters = Parameters({"W": (2, 3), "b": (2,)})
    parameters.flat[:] = np.arange(8)
    for twin in (pickle.loads(pickle.dumps(parameters)), copy.deepcopy(parameters)):
        twin.flat[:] += 1
        np.testing.assert_array_equal(twin["W"], parameters["W"] + 1)
        assert twin["W"].base is twin.flat


@pytest.mark.parametrize("name", ["modified-kneser-ney-4-file", "hidden-lstm-tanh-layers-file",
                                  "window-elman-tanh-line", "output-elman-tanh-trace-line",
                                  "gate-families-line", "mixture-nested-file"])  # fmt: skip
def test_threads_may_share_a_model(name: str) -> None:
    trained = make(name)
    done = use(charlm.Model(trained))
    model = pickle.loads(pickle.dumps(charlm.Model(trained)))  # nothing is worked out yet
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, [model] * 8)) == [done] * 8


def share_with_a_pool(name: str) -> None:
    model = charlm.Model(make(name))
    done = use(model)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert list(pool.map(use, [model] * 3)) == [done] * 3


@pytest.mark.parametrize("name", ["modified-kneser-ney-4-file", "hidden-lstm-tanh-layers-file"])
def test_processes_of_a_pool_may_share_a_model(name: str) -> None:
    """In a process of its own: a pool leaves another behind, which keeps track of resources."""
    code = f"from tests.laws.test_holder import share_with_a_pool; share_with_a_pool({name!r})"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)
