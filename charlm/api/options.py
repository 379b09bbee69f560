"""Options by name: what is given is known, and of its type; and signatures that list them.

A function takes its options as a typed dictionary (PEP 692), so that they are declared once, and
checkers and editors know each. At run time `spelled_out` puts them into the signature that `help`
and notebooks show, with the defaults of the configurations.
"""

import inspect
import os
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from charlm.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])
WORDS = {int: "a whole number", float: "a number", bool: "True or False", str: "a string"}
WORDS |= {Path: "a Path"}


def given(options: Mapping[str, Any], known: type) -> dict[str, Any]:
    """Leave out what is None, which stands for the default; numbers become Python's own.

    Raises:
        UsageError: an option is not known, or not of its type.
    """
    hints = get_type_hints(known)
    for name in options.keys() - hints.keys():
        near = get_close_matches(name, hints, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(hints)}"
        raise UsageError(f"unknown option {name!r}{hint}")
    chosen = {name: value for name, value in options.items() if value is not None}
    return {name: checked_value(name, value, hints[name]) for name, value in chosen.items()}


def checked_value(name: str, value: Any, hint: Any) -> Any:
    """Return a value as its type has it: numbers of NumPy as Python's, a list as a tuple.

    Texts and other things than numbers, strings, truth values and lists of them are left alone.

    Raises:
        UsageError: it is of no such type.
    """
    kinds = [kind for kind in _kinds(hint) if kind is not NoneType]
    for kind in kinds:
        fits, converted = _converted(value, kind)
        if fits:
            return converted
    wanted = " or ".join(dict.fromkeys(map(_word, kinds)))
    raise UsageError(f"{name} is {wanted}, not {reprlib.repr(value)}")


def _kinds(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _converted(value: Any, kind: Any) -> tuple[bool, Any]:
    """Tell whether a value is of a kind, and return it so."""
    if isinstance(value, bool | np.bool_):
        return (True, bool(value)) if kind is bool else (kind not in WORDS, value)
    if kind is int:
        return (True, int(value)) if isinstance(value, Integral) else (False, value)
    if kind is float:
        return (True, float(value)) if isinstance(value, Real) else (False, value)
    if kind is Path:
        return isinstance(value, os.PathLike), value
    if kind is str or get_origin(kind) is Literal:
        return isinstance(value, str), value
    if get_origin(kind) is Sequence:
        return _all_converted(value, get_args(kind)[0])
    return kind is not bool, value


def _all_converted(values: Any, kind: Any) -> tuple[bool, Any]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        return False, values
    listed = tuple(values)
    pairs = [_converted(value, kind) for value in listed]
    return (
        (True, tuple(value for _, value in pairs)) if all(f for f, _ in pairs) else (False, listed)
    )


def _word(kind: Any) -> str:
    """Say what is wanted."""
    if get_origin(kind) is Sequence:
        return f"a list, each of it {WORDS[get_args(kind)[0]]}"
    return WORDS.get(kind, WORDS[str])


def spelled_out(options: type, default: Callable[[str], Any]) -> Callable[[F], F]:
    """Show the options of a function, its last parameter, in its signature, each by itself.

    `default(name)` is what an option is where it is left out or None.
    """

    def spell_out(function: F) -> F:
        signature = inspect.signature(function)
        *own, _ = signature.parameters.values()
        shown = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default(name), annotation=hint
            )
            for name, hint in get_type_hints(options).items()
        ]
        function.__signature__ = signature.replace(parameters=[*own, *shown])  # type: ignore[attr-defined]
        return function

    return spell_out


def check_choice(name: str, value: object, known: Iterable[str]) -> None:
    """Refuse what is none of the names that an option may have.

    Raises:
        UsageError: it is none of these.
    """
    if value not in [*known]:
        raise UsageError(f"unknown {name} {value!r}; there are {', '.join(known)}")
