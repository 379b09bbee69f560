"""Options: their names as types, their types at run time, their place in signatures."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

import numpy as np
import pytest

import charlm
from charlm.api import names
from charlm.api.counting import CountOptions
from charlm.api.options import checked_value
from charlm.api.sampling import SampleOptions
from charlm.api.training import NgramOptions, RnnOptions
from charlm.evaluation.afresh import RESETS
from charlm.ngram.arpa.names import CASES
from charlm.ngram.smoothing import SMOOTHERS
from charlm.ngram.smoothing.discounts import METHODS
from charlm.rnn.cells import CELLS
from charlm.rnn.cells.elman import ACTIVATIONS
from charlm.rnn.networks import NETWORKS
from charlm.rnn.presets import PRESETS
from charlm.rnn.training.optimizers import OPTIMIZERS
from charlm.rnn.training.schedule import SCHEDULES
from charlm.surprisal.cells import BLANKS, BY
from charlm.surprisal.peaks import RANKS
from charlm.text.corpus import ERRORS
from charlm.text.tokenizer import NEWLINES, NORMALIZATIONS, SEQUENCES
from charlm.text.units import UNITS

REGISTRIES: dict[str, Iterable[str]] = {
    "Activation": ACTIVATIONS,
    "Blank": BLANKS,
    "By": BY,
    "Case": CASES,
    "CellName": CELLS,
    "Discounts": METHODS,
    "Errors": ERRORS,
    "Newlines": NEWLINES,
    "NormalForm": NORMALIZATIONS,
    "Optimizer": OPTIMIZERS,
    "Pattern": NETWORKS,
    "Preset": PRESETS,
    "Schedule": SCHEDULES,
    "RankBy": RANKS,
    "Reset": RESETS,
    "SequenceName": SEQUENCES,
    "Smoothing": SMOOTHERS,
    "UnitName": UNITS,
}


def test_names_are_those_of_the_registries() -> None:
    typed = {n: get_args(t) for n, t in vars(names).items() if get_args(t) and n != "TypeAlias"}
    assert {n: set(found) for n, found in typed.items()} == {
        n: set(registry) for n, registry in REGISTRIES.items()
    }


TEXT = "ab" * 50
FUNCTIONS: list[tuple[Callable[..., Any], type]] = [
    (charlm.train_ngram, NgramOptions),
    (charlm.train_rnn, RnnOptions),
    (charlm.count, CountOptions),
    (charlm.Model.sample, SampleOptions),
    (charlm.Model.stream, SampleOptions),
]


@pytest.mark.parametrize(("function", "options"), FUNCTIONS)
def test_signatures_list_every_option_with_its_type(
    function: Callable[..., Any], options: type
) -> None:
    parameters = inspect.signature(function).parameters
    hints = get_type_hints(options)
    assert hints.items() <= {n: one.annotation for n, one in parameters.items()}.items()
    assert "options" not in parameters
    assert all(parameters[name].kind is inspect.Parameter.KEYWORD_ONLY for name in hints)


def test_signatures_show_the_defaults() -> None:
    shown = inspect.signature(charlm.train_rnn).parameters
    assert (shown["cell"].default, shown["hidden"].default) == ("gru", 256)
    assert inspect.signature(charlm.train_ngram).parameters["order"].default == 6
    assert inspect.signature(charlm.Model.sample).parameters["temperature"].default == 1
    by_default = charlm.train_ngram(TEXT)
    spelt = {
        name: one.default
        for name, one in inspect.signature(charlm.train_ngram).parameters.items()
        if one.default is not one.empty and name != "report"
    }
    assert charlm.train_ngram(TEXT, **spelt).info == by_default.info


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        (np.int64(3), int, 3),
        (np.float32(0.5), float, 0.5),
        (2, float, 2.0),
        (np.True_, bool, True),
        ([np.int8(0), 1], Sequence[int], (0, 1)),
        (range(2), Sequence[int], (0, 1)),
        ("a", str | Sequence[str], "a"),
        (["a"], str | Sequence[str], ("a",)),
        (Path("a"), str | Path, Path("a")),
        ("x", Literal["a"], "x"),  # the registry says which there are
    ],
)
def test_values_are_as_their_types_have_them(value: Any, hint: Any, expected: Any) -> None:
    found = checked_value("name", value, hint)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "hint", "message"),
    [
        ("3", int, "name is a whole number, not '3'"),
        (3.0, int, "name is a whole number, not 3.0"),
        (True, int, "name is a whole number, not True"),
        (True, float, "name is a number, not True"),
        (1, bool, "name is True or False, not 1"),
        (3, str, "name is a string, not 3"),
        (3, Sequence[int], "name is a list, each of it a whole number, not 3"),
        ("3", Sequence[int], "name is a list, each of it a whole number, not '3'"),
        ([3], str | Sequence[str], r"name is a string or a list, each of it a string, not \[3\]"),
        (3, str | Path, "name is a string or a Path, not 3"),
        (b"a", Literal["a"], "name is a string, not b'a'"),
        ("y" * 999, float, "^name is a number, not 'y{5,}.{3}y{5,}'$"),
    ],
)
def test_values_of_other_types_are_one_line(value: Any, hint: Any, message: str) -> None:
    with pytest.raises(charlm.UsageError, match=message):
        checked_value("name", value, hint)


MODEL = charlm.train_ngram(TEXT)


def options_of(function: Callable[..., Any], *names: str) -> dict[str, Callable[[Any], Any]]:
    """For each option what gives it a value."""

    def giving(name: str) -> Callable[[Any], Any]:
        return lambda value: function(**{name: value})

    return {f"{function.__name__} {name}": giving(name) for name in names}


def train_ngram(**options: Any) -> charlm.Model:
    return charlm.train_ngram(TEXT, **options)


def train_rnn(**options: Any) -> charlm.Model:
    return charlm.train_rnn(TEXT, **options)


def count(**options: Any) -> charlm.Counts:
    return charlm.count(TEXT, **options)


WRONG: dict[str, Callable[[Any], Any]] = {
    **options_of(train_ngram, *NgramOptions.__annotations__),
    **options_of(train_rnn, *RnnOptions.__annotations__, "preset", "initial", "checkpoint"),
    **options_of(count, *CountOptions.__annotations__, "order"),
    **options_of(MODEL.sample, *SampleOptions.__annotations__, "prompt"),
    "next_symbols top": lambda value: MODEL.next_symbols("a", value),
    "next_symbols history": lambda value: MODEL.next_symbols(value),
    "evaluate adaptive": lambda value: MODEL.evaluate("a", adaptive=value),
    "mix gate": lambda value: charlm.mix([MODEL, MODEL], "a", gate=value),
    "mix models": lambda value: charlm.mix(value, "a"),
    "load": charlm.load,
    "load_counts": charlm.load_counts,
    "save": MODEL.save,
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_of_no_fitting_type_is_one_line(name: str) -> None:
    for value in (object(), 1j):
        with pytest.raises(charlm.CharlmError) as caught:
            WRONG[name](value)
        assert "\n" not in str(caught.value)


def test_several_texts_are_documents_that_are_never_glued() -> None:
    model = charlm.train_ngram(["anna", "bob"], order=1, smoothing="mle")
    assert model.next_symbols("a")["b"] == 0
    assert charlm.train_ngram("annabob", order=1, smoothing="mle").next_symbols("a")["b"] > 0
