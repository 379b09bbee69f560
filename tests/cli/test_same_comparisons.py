"""Identification, comparison, ARPA files and gradients from Python: what the commands say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import charlm as library
from charlm.evaluation.comparison import Comparison
from tests.cli.conftest import Charlm
from tests.support.models import TEXT, UNSEEN

LINES = "anna\nhanna\n\njohanna\nlotte BERTA\n中\nann\r\n"
OTHERS = "otto\nlotte\nBERTA 4242\n" * 9


@pytest.fixture
def models() -> dict[str, library.Model]:
    made = {"a.charlm": library.train_ngram("anna b\nhanna\njohanna\n" * 9, order=3)}
    made["b.charlm"] = library.train_ngram(OTHERS, order=2, unit="byte")
    for name, model in made.items():
        model.save(name)
    return made


def test_lines_are_identified_as_by_the_command(
    charlm: Charlm, models: dict[str, library.Model]
) -> None:
    Path("lines.txt").write_text(LINES, newline="")
    said = charlm("identify", "a.charlm", "b.charlm", "lines.txt", "--json").out
    rows = [json.loads(line) for line in said.splitlines()]
    found = library.identify(models, Path("lines.txt"))
    assert found.best == [row["best"] for row in rows]
    assert None in found.best
    assert len({*found.best}) == 3
    np.testing.assert_allclose(found.margin, [row["margin_bits"] for row in rows], atol=1e-6)
    for m, name in enumerate(models):
        bits = [row["models"][m]["bits"] for row in rows]
        np.testing.assert_allclose(found.bits[name], bits, atol=1e-6)
    assert found.summary.lines == len(rows)
    strings = library.identify([*models.values()], LINES.replace("\r", "").splitlines())
    assert strings.bits["model 2"].tolist() == found.bits["b.charlm"].tolist()
    assert library.identify(models, "anna").best == ["a.charlm"]


@pytest.mark.parametrize("typed", [(), ("--adaptive",)])
def test_models_are_compared_as_by_the_command(
    typed: tuple[str, ...], charlm: Charlm, models: dict[str, library.Model]
) -> None:
    Path("one.txt").write_text(TEXT[:999])
    Path("two.txt").write_text(UNSEEN)
    texts = ("one.txt", "two.txt")
    command = ("perplexity", "a.charlm", *texts, "--against", "b.charlm", "--json", *typed)
    said = json.loads(charlm(*command).out)
    found = library.compare(models, list(map(Path, texts)), adaptive=bool(typed))
    assert isinstance(found, Comparison)
    ours = json.loads(json.dumps(found.to_json()))
    for rows in (said, ours):
        rows.pop("ladders", None)
        for row in (*rows["results"], *rows["totals"]):
            row.pop("seconds")
    assert ours == said
    (difference,) = found.differences
    assert difference.paired is not None
    interval = difference.paired.interval
    assert interval.low is not None
    assert difference.bits_per_char is not None
    assert interval.low < difference.bits_per_char < (interval.high or 0) + 99


@pytest.mark.parametrize("name", ["m.arpa", "m.arpa.gz"])
def test_arpa_files_are_those_of_the_command(
    name: str, charlm: Charlm, models: dict[str, library.Model]
) -> None:
    model = models["a.charlm"]
    library.export(model, f"library.{name}", order=2, space="▁")
    command = ("export", "a.charlm", "--order", "2", "--space", "▁", "-o", f"cli.{name}")
    assert charlm(*command).code == 0
    assert Path(f"library.{name}").read_bytes() == Path(f"cli.{name}").read_bytes()
    assert charlm("import", f"cli.{name}", "--space", "▁", "-o", "again.charlm").code == 0
    library.import_arpa(f"library.{name}", space="▁").save("library.charlm")
    assert Path("library.charlm").read_bytes() == Path("again.charlm").read_bytes()


def test_gradients_are_those_of_the_command(charlm: Charlm) -> None:
    said = json.loads(charlm("gradients", "check", "--json").out)
    assert [*library.check_gradients().values()] == [row["errors"] for row in said["networks"]]


face: Any = library  # for what no type checker lets pass
MODEL = library.train_ngram("ab" * 9)
NETWORK = library.train_rnn("ab" * 99, hidden=3, steps=1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: face.identify([MODEL], "a"), library.UsageError, "at least two models"),
        (lambda: face.identify(MODEL, "a"), library.UsageError, "models is a list of"),
        (lambda: face.compare("m.charlm", "a"), library.UsageError, "models is a list"),
        (lambda: face.compare([], "a"), library.UsageError, "give at least one"),
        (lambda: face.compare({"x": 3}, "a"), library.UsageError, "x is a charlm.Model, not"),
        (lambda: face.compare(["m"], "a"), library.UsageError, "open its file: charlm.load"),
        (lambda: face.compare([MODEL], Path("no")), library.TextError, "no: no such file"),
        (lambda: face.export("m", "m.arpa"), library.UsageError, "open its file"),
        (lambda: face.export(MODEL, 3), library.UsageError, "path is a string or a Path"),
        (lambda: face.export(MODEL, "m", order="2"), library.UsageError, "order is a whole"),
        (lambda: face.export(MODEL, "m", order=99), library.UsageError, "of 0 to 6 symbols"),
        (lambda: face.export(NETWORK, "m"), library.UsageError, "only n-gram models"),
        (lambda: face.export(MODEL, "text"), library.OutputError, "force=True over"),
        (lambda: face.import_arpa("no.arpa"), library.TextError, "no.arpa: no such file"),
        (lambda: face.import_arpa("text"), library.TextError, "text:"),
        (lambda: face.import_arpa("m.arpa", space="?"), library.UsageError, "no symbol '?'"),
        (lambda: face.import_arpa("m.arpa", unit="x"), library.UsageError, "unknown unit 'x'"),
    ],
)  # fmt: skip
def test_errors(
    call: Callable[[], Any],
    error: type[Exception],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text").write_text("no ARPA file\n")
    library.export(MODEL, "m.arpa")
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
