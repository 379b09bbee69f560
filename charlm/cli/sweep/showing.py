"""What `charlm sweep` does: runs are trained, told of as they are finished, and ranked."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from charlm.api.sweeping.chart import MARK, chart
from charlm.api.sweeping.running import Result, Sources, Sweep
from charlm.api.sweeping.settings import NETWORK, NGRAM, runs_of, settings_of
from charlm.api.sweeping.summary import Ranked, beside, figures_of, rank, unit_of
from charlm.cli.console import one_line, print_prose, say
from charlm.cli.tables import Column, print_table, table
from charlm.cli.tabular import CSV, Row
from charlm.errors import OutputError
from charlm.evaluation.seeds import Spread
from charlm.evaluation.uncertainty import LEVEL
from charlm.files.locking import alone
from charlm.files.replacing import Kind, beginning, refuse_foreign
from charlm.files.writing import write_atomically
from charlm.parallel import cores
from charlm.text.decoding import Decoding
from charlm.text.naming import expand
from charlm.text.rows import RowOptions
from charlm.text.tokenizer import TextPolicy

TABLE = Kind("a table of a sweep", lambda path: beginning(path).startswith(b"run,kind,"))
PICTURE = Kind("a picture of a sweep", lambda path: MARK.encode() in beginning(path))
X = TypeVar("X")


def show(given: Mapping[str, Any]) -> None:
    """Train what is not done yet, and show what was found.

    Raises:
        OutputError: the folder cannot be, or a file in it is not ours.
    """
    asked = {name: given[_option(name)] or () for name in (*NGRAM, *NETWORK)}
    settings, folder = settings_of(asked), Path(given["output"])
    runs = runs_of(settings, given["seeds"])
    sources = Sources(
        tuple(expand(given["texts"], say)),
        tuple(expand(given["valid"], say)),
        _made(TextPolicy, given),
        _made(Decoding, given),
        _made(RowOptions, given),
        given["valid_fraction"],
    )
    data = sources.read()
    _open(folder)
    csv, svg = folder / "sweep.csv", folder / "sweep.svg"
    for path, kind in ((csv, TABLE), (svg, PICTURE)):
        refuse_foreign(path, kind, force=given["force"])
    results: list[Result] = []
    with alone(csv):
        for result in Sweep(runs, sources, folder).results(
            data, given["workers"] or cores.usable()
        ):
            results.append(result)
            _tell(result, len(results), len(runs), unit_of([result]))
            order = {run: i for i, run in enumerate(runs)}
            ordered = sorted(results, key=lambda one: order[one.run])
            write_atomically(csv, (line.encode() for line in CSV.lines(_rows(ordered, asked))))
            write_atomically(svg, [chart(ordered, unit_of(ordered)).encode()])
    found = rank(results, data)
    _show(found, results)
    for better, worse in _to_be_judged(found):
        print_prose(verdict(better, beside(worse, better, data)))
    say(f"Wrote {csv} and {svg}.")


def _option(name: str) -> str:
    return "max_time" if name == "max_seconds" else name


def _made(kind: type[X], given: Mapping[str, Any]) -> X:
    return kind(**{field.name: given[field.name] for field in fields(kind)})  # type: ignore[arg-type]


def _open(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: there can be no such folder: {error.strerror}") from None


def _tell(result: Result, number: int, total: int, unit: str) -> None:
    bits = figures_of([result], unit)
    found = f"{bits[0]:z.3f} bits/{unit}" if bits else result.reason
    say(f"{number} of {total}: {result.run}: {found}, {result.seconds:z.1f} s")


def _rows(results: Sequence[Result], asked: Mapping[str, Sequence[Any]]) -> list[Row]:
    """Return a row for each run, the headings first."""
    names = [name for name in (*NGRAM, *NETWORK) if asked[name]] or ["order"]
    figures = ["bits_per_char", "bits_per_byte", "numbers", "bytes", "seconds", "reason"]
    rows: list[Row] = [["run", "kind", *names, "seed", *figures]]
    for result in results:
        run, chosen = result.run, dict(result.run.setting.options)
        seed = run.seed if run.setting.kind == "rnn" else None
        values = [getattr(result, name) for name in figures]
        own = [chosen.get(name) for name in names]
        rows.append([run.name, run.setting.kind, *own, seed, *values])
    return rows


def _show(found: Sequence[Ranked], results: Sequence[Result]) -> None:
    """Print the settings, the best first, then what the difference of the first two is worth."""
    if not found:
        print_prose("No training gave a figure.")
        return
    unit = found[0].unit
    headings = (
        "",
        f"bits/{unit}",
        "seeds",
        "seconds",
        "MB",
        "worse by",
        "over seeds",
        "over texts",
    )
    columns = [Column(headings[0], "left", "anywhere"), *map(Column, headings[1:])]
    print_table(table("", columns, map(_cells, found)), spare=4)
    for result in results:
        if result.reason:
            print_prose(one_line(f"{result.run}: {result.reason}."))


def _to_be_judged(found: Sequence[Ranked]) -> list[tuple[Ranked, Ranked]]:
    """Return the best two of all settings, and the best two networks."""
    pairs = [tuple(some[:2]) for some in (found, [one for one in found if one.is_seeded])]
    return [(pair[0], pair[1]) for pair in dict.fromkeys(pairs) if len(pair) == 2]


def _cells(ranked: Ranked) -> list[str]:
    spread = ranked.bits
    reach = f" ± {spread.reach:z.3f}" if ranked.is_seeded and spread.reach is not None else ""
    size = sum(result.bytes for result in ranked.results) / len(ranked.results) / 1e6
    cells = [str(ranked.setting), f"{spread.mean:z.3f}{reach}"]
    cells += [
        str(spread.seeds) if ranked.is_seeded else "",
        f"{ranked.seconds:z.1f}",
        f"{size:z.1f}",
    ]
    if ranked.over_seeds is None:
        return [*cells, "", "", ""]
    return [*cells, f"{ranked.over_seeds.mean:z.3f}", _seeds(ranked), _texts(ranked)]


def _ends(low: float, high: float) -> str:
    return f"{low:z.3f} to {high:z.3f}"


def _seeds(ranked: Ranked) -> str:
    spread = ranked.over_seeds
    if spread is None or spread.reach is None or not spread.seeds:
        return ""
    return _ends(spread.mean - spread.reach, spread.mean + spread.reach)


def _texts(ranked: Ranked) -> str:
    difference = ranked.over_texts
    if difference is None or difference.paired is None or difference.paired.interval.low is None:
        return ""
    interval = difference.paired.interval
    assert interval.low is not None
    assert interval.high is not None
    return _ends(interval.low, interval.high)


def verdict(best: Ranked, second: Ranked) -> str:
    """Say what is known of the best two settings, and what is not."""
    spread, percent = second.over_seeds, f"{100 * LEVEL:z.0f} %"
    assert spread is not None
    names = f"{best.setting} is better than {second.setting}"
    said = f"{names} by {spread.mean:z.3f} bits/{best.unit}."
    if texts := _texts(second):
        said += f" On more such text {percent} for these two trained models: {texts}."
    return one_line(said + _over_seeds(spread, second, percent))


def _over_seeds(spread: Spread, second: Ranked, percent: str) -> str:
    if not spread.seeds:
        return ""  # nothing is drawn by chance
    if spread.reach is None:
        return (
            " One seed tells of these networks, not of their settings: with --seeds 3 an interval "
            "over seeds says what others would give."
        )
    unsure = " It includes zero: the seeds do not tell which setting is better."
    zero = spread.mean - spread.reach <= 0
    return f" Over seeds {percent}: {_seeds(second)}.{unsure if zero else ''}"
