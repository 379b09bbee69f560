"""The house rules: imports go one way, and the library is silent."""

import ast
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import charlm

ROOT = Path(charlm.__file__).parent
MODULES = sorted(path.relative_to(ROOT.parent) for path in ROOT.rglob("*.py"))

# Rooms by floors: each knows those below it, and none of its own floor that is a sibling.
FLOORS = [
    {"arrays", "errors", "progress", "version"},
    {"files", "parallel"},
    {"search", "text", "model"},
    {"trained"},
    {"ngram", "rnn", "mixture"},
    {"storage"},
    {"sampling", "coding", "evaluation"},
    {"surprisal"},
    {"api"},
    {"cli", "kenlm"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
DOORS = {"__init__", "__main__"}


def source(path: Path) -> str:
    return (ROOT.parent / path).read_text()


@cache
def imported(path: Path) -> set[str]:
    """Full names of all that a file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def arrows() -> Iterator[tuple[Path, str, str]]:
    """Return each import of another room: the file, its room, the room that it imports."""
    for path in MODULES:
        own = path.parts[1].removesuffix(".py")
        for name in sorted(imported(path)):
            words = name.split(".")
            if words[0] == "charlm" and own not in DOORS and words[1] != own:
                yield path, own, words[1]


def test_every_room_has_a_floor_and_there_are_few() -> None:
    rooms = {path.parts[1].removesuffix(".py") for path in MODULES} - DOORS
    assert rooms == set(FLOOR)
    assert len(rooms | DOORS) <= 23


def test_imports_go_down() -> None:
    assert not [
        f"{path} imports {other}" for path, own, other in arrows() if FLOOR[other] >= FLOOR[own]
    ]


def modules_imported() -> dict[str, set[str]]:
    """For each module the others that it imports, in functions and under TYPE_CHECKING too."""
    names = {path: ".".join(path.with_suffix("").parts) for path in MODULES}
    names = {path: name.removesuffix(".__init__") for path, name in names.items()}
    modules = set(names.values())

    def module(name: str) -> str:
        return name if name in modules else name.rpartition(".")[0]

    return {
        name: ({module(each) for each in imported(path)} & modules) - {name}
        for path, name in names.items()
    }


def circle(arrows: Mapping[str, set[str]]) -> str | None:
    """Name a circle, if there is one."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return " is imported by ".join(error.args[1])
    return None


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circle(modules_imported()) is None


def test_a_circle_is_named() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) is None
    named = circle({"a": {"b"}, "b": {"c"}, "c": {"b"}})
    assert named in ("b is imported by c is imported by b", "c is imported by b is imported by c")


def test_only_the_command_line_talks() -> None:
    library = [path for path in MODULES if path.parts[1] != "cli"]
    talking = {"click", "rich", "logging"}
    assert not [p for p in library if {name.split(".")[0] for name in imported(p)} & talking]
    calls = [
        (p, n.func)
        for p in library
        for n in ast.walk(ast.parse(source(p)))
        if isinstance(n, ast.Call)
    ]
    assert not [p for p, call in calls if isinstance(call, ast.Name) and call.id == "print"]


# Where imports stand inside functions that are no commands, and why.
HIDDEN = {
    "console.py",  # rich takes long to import, and what goes into a pipe needs none of it
}
DRAWING = {"console.py", "palette.py", "tables.py", "train/live.py"}
DRAWING |= {"score/heat_map.py", "score/picture.py"}


def command_line() -> dict[str, Path]:
    """Return the files of the command line by their names there."""
    return {
        path.relative_to("charlm/cli").as_posix(): path
        for path in MODULES
        if path.parts[1] == "cli"
    }


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(ast.parse(source(path))) if isinstance(node, ast.FunctionDef))


def doors(function: ast.FunctionDef) -> int:
    """Return the number of imports inside a function."""
    return sum(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))


def is_command(function: ast.FunctionDef) -> bool:
    return any(".command(" in ast.unparse(decorator) for decorator in function.decorator_list)


def test_only_commands_import_inside_a_function_and_each_but_once() -> None:
    """So that help is quick, and all that a command does imports like any module."""
    found = {
        f"{name}: {function.name}": doors(function) - is_command(function)
        for name, path in command_line().items()
        if name not in HIDDEN
        for function in functions(path)
    }
    assert len(found) > 100
    assert not {name for name, too_many in found.items() if too_many > 0}


def test_types_are_imported_like_all_else() -> None:
    assert not [
        name
        for name, path in command_line().items()
        if name not in HIDDEN
        if "TYPE_CHECKING" in source(path)
    ]


def test_few_modules_draw() -> None:
    """The others give plain values to `cli/tables.py` and `cli/console.py`."""
    drawing = {
        name
        for name, path in command_line().items()
        if any(other.split(".")[0] == "rich" for other in imported(path))
    }
    assert drawing == DRAWING


def test_the_command_line_uses_only_what_the_library_offers() -> None:
    names = [
        (path, name)
        for path in MODULES
        if path.parts[1] == "cli"
        for name in imported(path)
        if name.startswith("charlm.") and name.split(".")[-1].startswith("_")
    ]
    assert not [(path, name) for path, name in names if name != "charlm.version.__version__"]


def test_nothing_can_run_code_from_a_file() -> None:
    forbidden = ("pickle", "marshal", "eval(", "exec(", "allow_pickle", "np.load", "np.random.seed")
    assert not [(path, word) for path in MODULES for word in forbidden if word in source(path)]


def test_nothing_reaches_out_of_the_machine_or_starts_a_program() -> None:
    outside = {"ctypes", "ftplib", "http", "smtplib", "socket", "ssl", "subprocess", "urllib"}
    named = [
        (path, {name.split(".")[0] for name in imported(path)} & outside)
        for path in MODULES
        if path.name != "memory.py"  # tells the C library, by ctypes, to keep memory
    ]
    assert not [(path, names) for path, names in named if names]


def test_a_package_holds_what_the_code_reads() -> None:
    """Outside this folder too: what is no Python comes along only if setup.cfg names it."""
    metadata = ConfigParser()
    metadata.read(ROOT.parent / "setup.cfg")
    patterns = metadata["options.package_data"]["charlm"].split()
    packed = {path for pattern in patterns for path in ROOT.glob(pattern)}
    files = {path for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert packed == {path for path in files if path.suffix != ".py"} != set()


def test_only_one_place_counts_cores() -> None:
    """The machine's number is not what a process may use."""
    assert [path.name for path in MODULES if "cpu_count" in source(path)] == ["cores.py"]
