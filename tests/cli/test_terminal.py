"""What goes out: on real (pseudo-)terminals of all kinds, and where none is."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich import box
from rich.table import Table

from charlm.cli.console import shown_symbol
from charlm.cli.tables import print_table
from tests.cli.conftest import SMALL_RNN, Charlm, Maker
from tests.cli.terminal import ESCAPE, STYLE, commands_in, on_terminal, width
from tests.cli.walk import JSON, LEAF_PATHS, SMALL, filled

HOSTILE = "\x1b]0;owned\x07\x1b[31m\x9b2J\x7f\u202e\u2066\rx"
NAME = f"m{HOSTILE}.charlm"


@pytest.fixture
def hostile(made: Maker) -> str:
    """A model whose name and whose symbols want to command the terminal; the texts too."""
    text = "text\x1b[1m\u202e\n.txt"
    Path(text).write_text(f"{HOSTILE}a\u0301中🙂 " * 50)
    made(
        ("train", text, "--order", "1", "-o", NAME),
        ("train", "rnn", text, "-o", f"r{NAME}", *SMALL_RNN),
    )
    return text


@pytest.mark.slow
@LEAF_PATHS
def test_nothing_commands_a_terminal(path: tuple[str, ...], hostile: str) -> None:
    """Names of models and texts, what models say, and errors, of every command."""
    models = (NAME, f"r{NAME}", "gone\x1b[31m")
    typed = list(dict.fromkeys(tuple(filled(path, model, hostile)) for model in models))
    if path in JSON:
        typed.append((*typed[0], "--json"))
    for words in typed:
        drawn = on_terminal(*words, variables=SMALL)
        assert drawn
        assert commands_in(drawn) <= {"\r"}  # of the progress bar
        assert "\x1b[31m" not in drawn


PROSE = [
    "perplexity n.charlm other.txt --against r.charlm --against w.charlm",
    "score n.charlm other.txt --places 20",
    "score n.charlm other.txt --places 20 --against r.charlm --color never",
    "score w.charlm other.txt --by word --color never",
    "identify n.charlm r.charlm other.txt --summary",
    "info n.charlm --text ab中 --history a",
]


@pytest.mark.parametrize("line", PROSE)
def test_nothing_is_broken_inside_a_word(line: str, models: tuple[str, ...], made: Maker) -> None:
    """No row is wider than the terminal, which would break it anywhere; words stay whole."""
    made(("train", "book.txt", "--unit", "word", "--order", "2", "-o", "w.charlm"))
    wide = ESCAPE.sub("", on_terminal(*line.split(), columns=400))
    told = [row for row in wide.splitlines() if re.search(r"kind:|better|whole:|Unknown:", row)]
    words = [word for row in told for word in re.findall(r"[^ |]+\|?", row)]
    assert words
    for columns in (40, 60, 80):
        rows = ESCAPE.sub("", on_terminal(*line.split(), columns=columns)).splitlines()
        assert max(map(width, rows)) <= columns
        assert [word for word in words if not any(word in row for row in rows)] == []


def test_a_surprising_symbol_is_seen_on_every_terminal(models: tuple[str, ...]) -> None:
    line = ("score", models[0], "other.txt", "--places", "9", "--color", "never")
    wide, *narrow = (
        re.findall(
            r"bits +[0-9]+:[0-9]+ .*(\[[^]]+\])",
            ESCAPE.sub("", on_terminal(*line, columns=columns)),
        )
        for columns in (400, 28, 30, 40, 60, 80)
    )
    assert len(wide) == 9
    assert narrow == [wide] * 5


def test_a_look_inside_commands_nothing(hostile: str) -> None:
    drawn = on_terminal("info", NAME, "--text", HOSTILE, "--history", HOSTILE[:-1])
    assert not commands_in(drawn)
    assert "\\x1b" in drawn
    assert "\\u202e" in drawn


def test_json_on_a_terminal_is_the_json_of_a_pipe(hostile: str, charlm: Charlm) -> None:
    piped = charlm("info", NAME, "--json").out
    drawn = on_terminal("info", NAME, "--json")
    assert json.loads(piped) == json.loads(drawn)
    assert json.loads(piped)["model"] == NAME
    assert not commands_in(drawn)


def test_json_survives_encodings_that_lack_characters(charlm: Charlm) -> None:
    charlm("train", "book.txt", "--order", "1", "-o", "é🙂.charlm")
    command = [sys.executable, "-m", "charlm", "info", "é🙂.charlm", "--json"]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert json.loads(done.stdout.decode("latin-1"))["model"] == "é🙂.charlm"


def test_a_pipe_gets_bytes_as_they_are(hostile: str) -> None:
    command = [sys.executable, "-m", "charlm", "sample", NAME, "--prompt", HOSTILE, "--length", "9"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.startswith(HOSTILE.encode())


@pytest.fixture
def book(made: Maker) -> str:
    made(("train", "book.txt", "--order", "2", "-o", "m.charlm"))
    return "m.charlm"


PLAIN = [
    ((), {"NO_COLOR": "1"}),
    ((), {"TERM": "dumb"}),
    (("--color", "never"), {}),
    ((), {"CHARLM_COLOR": "never"}),
]


@pytest.mark.parametrize(("options", "variables"), PLAIN)
def test_plain_is_plain(options: tuple[str, ...], variables: dict[str, str], book: str) -> None:
    drawn = on_terminal("perplexity", book, "other.txt", *options, variables=variables)
    assert not STYLE.search(drawn)
    assert "uniform" in drawn


def test_terminals_have_style_and_pipes_have_none(
    book: str, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("perplexity", book, "other.txt")
    assert STYLE.search(on_terminal(*words))
    assert not ESCAPE.search(charlm(*words).out)
    assert STYLE.search(charlm(*words, "--color", "always").out)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert STYLE.search(charlm(*words).out)
    assert not STYLE.search(charlm(*words, "--color", "never").out)
    monkeypatch.delenv("FORCE_COLOR")
    assert STYLE.search(charlm("--color", "always", *words).out)
    assert STYLE.search(on_terminal(*words, "--color", "always", variables={"NO_COLOR": "1"}))


HUE = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|[34]8;[\d;]+)m")
COLOURED = {
    "perplexity": ("perplexity", "m.charlm", "other.txt"),
    "score": ("score", "m.charlm", "other.txt", "--lines", "3"),
    "sample": ("sample", "m.charlm", "--surprisal", "--length", "50", "--seed", "1"),
    "identify": ("identify", "m.charlm", "m.charlm", "other.txt"),
}
WISHES: list[tuple[tuple[str, ...], dict[str, str], bool]] = [  # options, variables, colours
    ((), {}, True),
    ((), {"NO_COLOR": ""}, True),  # no-color.org: "present and not an empty string"
    ((), {"NO_COLOR": "1"}, False),
    ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ((), {"TERM": "dumb"}, False),
    ((), {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    (("--color", "always"), {"NO_COLOR": "1"}, True),
    (("--color", "never"), {"FORCE_COLOR": "1"}, False),
]


@pytest.mark.slow
@pytest.mark.parametrize(("options", "variables", "expected"), WISHES)
@pytest.mark.parametrize("name", COLOURED)
def test_all_commands_have_colours_by_one_rule(
    name: str, options: tuple[str, ...], variables: dict[str, str], expected: bool, book: str
) -> None:
    drawn = on_terminal(*COLOURED[name], "-q", *options, variables=variables)
    assert bool(STYLE.search(drawn)) == expected
    if expected and name in ("score", "sample"):  # the others have bold and dim here
        assert HUE.search(drawn)


COLOUR_TABLE = [
    # NO_COLOR, --color, colours on a terminal, colours in a pipe
    (None, "auto", True, False),
    (None, "always", True, True),
    (None, "never", False, False),
    ("", "auto", True, False),
    ("", "always", True, True),
    ("", "never", False, False),
    ("1", "auto", False, False),
    ("1", "always", True, True),
    ("1", "never", False, False),
]


@pytest.mark.slow
@pytest.mark.parametrize(("no_color", "color", "on_terminals", "in_pipes"), COLOUR_TABLE)
@pytest.mark.parametrize("name", ["score", "sample"])
def test_bits_have_colours_on_a_terminal_by_no_color_and_the_option(
    name: str, no_color: str | None, color: str, on_terminals: bool, in_pipes: bool, book: str
) -> None:
    variables = {} if no_color is None else {"NO_COLOR": no_color}
    drawn = on_terminal(*COLOURED[name], "--color", color, variables=variables)
    assert bool(HUE.search(drawn)) == bool(STYLE.search(drawn)) == on_terminals


@pytest.mark.parametrize(("no_color", "color", "on_terminals", "in_pipes"), COLOUR_TABLE)
def test_bits_have_colours_in_a_pipe_only_where_they_are_insisted_on(
    no_color: str | None,
    color: str,
    on_terminals: bool,
    in_pipes: bool,
    book: str,
    charlm: Charlm,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """But for `score`: what it puts into a pipe are rows for programs."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    sampled = charlm(*COLOURED["sample"], "--color", color).out
    assert bool(HUE.search(sampled)) == bool(STYLE.search(sampled)) == in_pipes
    assert not STYLE.search(charlm(*COLOURED["score"], "--color", color).out)


def test_a_wish_for_colours_turns_no_rows_into_a_heat_map(
    book: str, charlm: Charlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = charlm("score", book, "other.txt").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert charlm("score", book, "other.txt").out == rows


@pytest.mark.slow
@pytest.mark.parametrize("family", ["ngram", "rnn"])
def test_a_dumb_terminal_gets_no_sequences(family: str, book: str) -> None:
    more = SMALL_RNN if family == "rnn" else ()
    drawn = on_terminal("train", family, "book.txt", *more, variables={"TERM": "dumb"})
    assert not ESCAPE.search(drawn)
    assert "Next: charlm sample" in drawn


@pytest.mark.slow
@pytest.mark.parametrize("family", ["ngram", "rnn"])
def test_progress_is_for_terminals_that_want_it(family: str, charlm: Charlm) -> None:
    words = ("train", family, "book.txt", *(SMALL_RNN if family == "rnn" else ()))
    assert ESCAPE.search(on_terminal(*words))
    assert not STYLE.search(on_terminal(*words, variables={"NO_COLOR": "1"}))
    assert on_terminal(*words, "-q") == ""
    assert not ESCAPE.search(charlm(*words).err)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [1, 33])
def test_narrow_terminals_get_all_of_it(columns: int, hostile: str, book: str) -> None:
    for words in (
        ("info", book),
        ("info", book, "--text", "the cat", "--history", "th"),
        ("info", NAME),
        ("perplexity", book, "other.txt", "--against", NAME),
        ("train", "rnn", "book.txt", *SMALL_RNN),
    ):
        drawn = on_terminal(*words, columns=columns)
        assert "Error" not in drawn
        assert "Traceback" not in drawn


WIDE = "中文字符🙂é e\u0301한글ｆ"


@pytest.mark.parametrize("columns", [24, 60, 200])
def test_wide_characters_are_aligned(columns: int, charlm: Charlm) -> None:
    Path("wide.txt").write_text(f"{WIDE}\n" * 40)
    charlm("train", "wide.txt", "--order", "2", "-o", "m.charlm")
    drawn = STYLE.sub("", on_terminal("info", "m.charlm", "--text", WIDE, columns=columns))
    table = drawn.split("─ \n")[1].splitlines()[: len(WIDE)]
    assert table[len(WIDE) - 1].startswith("  ｆ ")
    assert len({width(line) for line in table}) == 1
    assert "…" not in drawn


def test_names_of_models_are_aligned_whatever_they_are(book: str) -> None:
    for name in ("模型模型模型.charlm", "e\u0301e\u0301.charlm", "🙂.charlm"):
        Path(name).write_bytes(Path(book).read_bytes())
    words = ("perplexity", "模型模型模型.charlm", "other.txt", "--against", "e\u0301e\u0301.charlm")
    drawn = STYLE.sub("", on_terminal(*words, "--against", "🙂.charlm", columns=100))
    table = [line for line in drawn.splitlines() if line.count(".") >= 3 and "kind:" not in line]
    marks = {width(line[: line.index("━")]) for line in table if "━" in line}
    assert len(marks) == 1


@pytest.mark.parametrize(
    ("symbol", "shown"),
    [(" ", "' '"), ("\n", "'\\n'"), ("\u3000", "'\\u3000'"), ("\u0301", "◌\u0301"), ("中", "中"),
     ("\u202e", "'\\u202e'"), ("👩\u200d👧", "'👩\\u200d👧'"), ("\x9b", "'\\x9b'"), ("[b]", "[b]")],
)  # fmt: skip
def test_every_symbol_can_be_seen(symbol: str, shown: str) -> None:
    assert shown_symbol(symbol) == shown


def test_markup_is_text(book: str) -> None:
    Path("[red]x.txt").write_text("as you like it")
    assert "[red]x.txt" in on_terminal("score", book, "[red]x.txt")
    assert "[red]a[/red]" in on_terminal("info", book, "--history", "[red]a[/red]")


@pytest.mark.parametrize("columns", [20, 40])
def test_no_figure_is_cut(columns: int, book: str) -> None:
    drawn = on_terminal("perplexity", book, "other.txt", columns=columns)
    drawn += on_terminal("info", book, "--history", "th", columns=columns)
    assert "…" not in STYLE.sub("", drawn).split("\x1b[1A")[-1]


def test_no_name_is_lost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("", "U", "W"):
        table.add_column(heading, no_wrap=heading != "")
    table.add_row("output elman(tanh)", "2e-10", "3e-10")
    print_table(table)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[3:5]] == [["output", "2e-10", "3e-10"], ["elman(tanh)"]]


def test_a_restored_text_commands_nothing_and_a_code_is_not_for_terminals(hostile: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "charlm", "compress", NAME, hostile, "-o", "packed", "-q"],
        check=True,
    )
    drawn = on_terminal("decompress", NAME, "packed", "-o", "-")
    assert "\\x1b]0;owned\\x07" in drawn
    assert commands_in(drawn) <= {"\r"}
    drawn = on_terminal("compress", NAME, hostile, "-o", "-")
    assert drawn.endswith("Error: a code is no text for a terminal; name a file, or use a pipe\n")
