"""One BLAS thread, as the command line has it; it must be said before NumPy is first imported.

Commands that tests run write through a buffer, as they do for a user: what is left in it when a
disk is full is a case of its own. And they hear Ctrl-C, which shells have background jobs ignore.

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
settings.register_profile("calm", deadline=None, max_examples=30)
settings.register_profile("endurance", deadline=None, max_examples=2_000)
settings.register_profile("quick", deadline=None, max_examples=5)
settings.load_profile("calm")

TAKE_LONG = {  # for `make quick`, which leaves them out
    "test_every_character.py",
    "test_gradients.py",
    "test_wrong_places.py",
    "test_pace.py",
    "test_arpa.py",
    "test_beside.py",
    "test_same_as_library.py",
    "test_readme.py",
    "test_small_texts.py",
    "test_free_running.py",
}


TAKE_MINUTES = {"test_readme.py"}  # in one case


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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="a little of everything, for `make quick`"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--quick"):
        settings.load_profile("quick")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files that take long, and those that start processes."""
    if not config.getoption("--quick") or collection_path.suffix != ".py":
        return None
    starts_processes = "import subprocess\n" in collection_path.read_text()
    return starts_processes or collection_path.name in TAKE_LONG or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that nobody waits for it at the end.

    For `--quick` take a little of what is left: one model of each kind, one case of the others.
    """
    if not config.getoption("--quick"):
        items.sort(key=lambda item: item.path.name not in TAKE_MINUTES)
        return
    from tests.support.models import MODELS, QUICK_MODELS  # imports NumPy

    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    seen: set[tuple[object, ...]] = set()
    for item in items:
        name = item.callspec.params.get("name") if hasattr(item, "callspec") else None
        of_model = name in MODELS
        case = (item.path, getattr(item, "originalname", item.name), name if of_model else None)
        quick = (
            case not in seen
            and (not of_model or name in QUICK_MODELS)
            and not {"slow", "endurance"} & {mark.name for mark in item.iter_markers()}
        )
        (kept if quick else left).append(item)
        seen.add(case)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
