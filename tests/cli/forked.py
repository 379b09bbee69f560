"""Commands in a copy of this process, which has loaded already what takes them long to load."""

import os
import pkgutil
import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from typing import NoReturn

from charlm import cli
from charlm.cli.main import run

for module in pkgutil.walk_packages(cli.__path__, "charlm.cli."):
    import_module(module.name)  # here once, and not in each copy


def begin(
    arguments: tuple[str, ...], streams: tuple[int, int, int], environment: Mapping[str, str]
) -> int:
    """Start a command with those streams for input, output and errors; return its process."""
    process = os.fork()
    if process == 0:
        _become(arguments, streams, environment)
    return process


def end(process: int) -> int:
    """Wait for its end; return its exit code."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _become(
    arguments: tuple[str, ...], streams: tuple[int, int, int], environment: Mapping[str, str]
) -> NoReturn:
    code = 1
    try:
        for own, stream in enumerate(streams):
            os.dup2(stream, own)
        sys.stdin, sys.stdout, sys.stderr = (
            open(own, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            for own, mode in enumerate("rww")
        )
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["charlm", *arguments]
        run()
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)
