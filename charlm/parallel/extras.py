"""Packages that are not needed by all: found, or named together with how to install them."""

from importlib import import_module
from typing import Any

from charlm.errors import UsageError


def module(name: str, extra: str) -> Any:
    """Return a module of an optional package.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        package = name.split(".")[0]
        raise UsageError(
            f"{package} is not installed; `pip install 'charlm-cli[{extra}]'`"
        ) from None
