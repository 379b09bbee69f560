"""The house rules: imports go one way, and the library is silent."""

import ast
from configparser import ConfigParser
from pathlib import Path

import pytest

import charlm

ROOT = Path(charlm.__file__).parent
MODULES = sorted(path.relative_to(ROOT.parent) for path in ROOT.rglob("*.py"))

# Lower layers may not know higher ones; modules of one layer that are siblings not each other.
LAYERS = [
    {"arrays", "errors", "foreign", "nearest", "progress", "threads", "writing", "locking"}
    | {"container", "stopping", "processes", "crew", "cores", "holder", "replacing"},
    {"text", "model", "reading", "uncertainty"},
    {"ngram", "rnn", "mixture"},
    {"families"},
    {"arguments", "storage", "sampling", "ladder", "matching"},
    {"evaluation", "inspection", "generation", "novelty", "coding"},
    {"pairing", "surprisal"},
    {"comparison", "identification"},
    {"api"},
    {"learning"},
    {"cli"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
SIBLINGS = {"ngram", "rnn", "mixture"}


def imported(path: Path) -> set[str]:
    """Full names of all modules that a file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT.parent / path).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def part(dotted: str) -> str:
    """The second word of charlm.ngram.model, without which a module is charlm itself."""
    return dotted.split(".")[1] if dotted.startswith("charlm.") else ""


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_go_one_way(path: Path) -> None:
    own = part(".".join(path.with_suffix("").parts))
    if own in ("__init__", "__main__"):
        return
    for name in imported(path):
        other = part(name)
        if other not in LEVEL or other == own:
            assert other in ("", own, "__version__"), f"{other} has no layer"
            continue
        assert LEVEL[other] <= LEVEL[own], f"{path} imports {name}, which is above it"
        assert not {own, other} <= SIBLINGS, f"{path} imports its sibling {name}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_the_command_line_talks(path: Path) -> None:
    if "cli" in path.parts:
        return
    source = (ROOT.parent / path).read_text()
    assert not {name.split(".")[0] for name in imported(path)} & {"click", "rich", "logging"}
    calls = [n.func for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
    assert "print" not in {call.id for call in calls if isinstance(call, ast.Name)}


@pytest.mark.parametrize("path", [path for path in MODULES if "cli" in path.parts], ids=str)
def test_the_command_line_uses_only_what_the_library_offers(path: Path) -> None:
    names = {name.split(".")[-1] for name in imported(path) if name.startswith("charlm.")}
    assert not [name for name in names - {"__version__"} if name.startswith("_")]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_nothing_can_run_code_from_a_file(path: Path) -> None:
    source = (ROOT.parent / path).read_text()
    forbidden = ("pickle", "marshal", "eval(", "exec(", "allow_pickle", "np.load", "np.random.seed")
    assert not [word for word in forbidden if word in source]


def test_a_package_holds_what_the_code_reads() -> None:
    """Outside this folder too: what is no Python comes along only if setup.cfg names it."""
    metadata = ConfigParser()
    metadata.read(ROOT.parent / "setup.cfg")
    patterns = metadata["options.package_data"]["charlm"].split()
    packed = {path for pattern in patterns for path in ROOT.glob(pattern)}
    files = {path for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert packed == {path for path in files if path.suffix != ".py"} != set()


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_one_place_counts_cores(path: Path) -> None:
    """The machine's number is not what a process may use."""
    assert "cpu_count" not in (ROOT.parent / path).read_text() or path.name == "cores.py"
