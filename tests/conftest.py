"""One BLAS thread, as the command line has it; it must be said before NumPy is first imported.

Commands that tests run write through a buffer, as they do for a user: what is left in it when a
disk is full is a case of its own. And they hear Ctrl-C, which shells have background jobs ignore.

Of two kinds of model that differ only in what a sequence is, a law tries one in `make test`, and
the other among the slow tests.

Examples have no deadline, for a busy machine is no failure; `make endurance` draws many more.
"""

import os
import signal
import stat
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.pop("PYTHONUNBUFFERED", None)
signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("calm", deadline=None)
settings.register_profile("endurance", deadline=None, max_examples=2_000)
settings.load_profile("calm")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the second of two kinds as slow, before what is slow is left out."""
    from tests.support.models import second_kinds  # imports NumPy

    def case(item: pytest.Item, name: str) -> tuple[object, ...]:
        return item.path, getattr(item, "originalname", item.name), name

    named = [
        (item, item.callspec.params["name"])
        for item in items
        if hasattr(item, "callspec") and isinstance(item.callspec.params.get("name"), str)
    ]
    cases, firsts = {case(item, name) for item, name in named}, second_kinds()
    for item, name in named:
        if name in firsts and case(item, firsts[name]) in cases:
            item.add_marker("slow")


@pytest.fixture
def null_device(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A device to write to that no fault of the code can take from the machine.

    Who may replace a file in /dev gets one of their own.
    """
    device = Path("/dev/null")
    if not os.access(device.parent, os.W_OK):
        return device
    own = tmp_path_factory.mktemp("dev") / "null"
    try:
        os.mknod(own, stat.S_IFCHR | 0o666, device.stat().st_rdev)
        own.write_bytes(b"")
    except OSError:
        pytest.skip("no device can be made here, and that of the machine is not risked")
    return own
