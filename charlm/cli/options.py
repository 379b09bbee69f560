"""Options that commands share, their grouping in the help, and what values they take."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial, wraps
from importlib import import_module
from typing import Any, TypeVar, cast

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from charlm.cli.asked import Asked
from charlm.cli.names import NAMES
from charlm.cli.settings import common_options
from charlm.cli.wording import reword
from charlm.errors import CharlmError
from charlm.parallel.memory import bytes_of

F = TypeVar("F", bound=Callable[..., Any])
OTHER = "Other"
TEXTS = (
    "A TEXT is a file, compressed or not; a folder; files that match, as 'corpus/**/*.txt'; "
    "@list.txt, which lists them; JSON lines or Parquet (.jsonl, .parquet), each row a document; "
    "s3://... and the like; or - for standard input."
)
FORCE = "--force"


class Integer(click.IntRange):
    """A whole number in a range, called so in errors and help."""

    name = "integer"


class Number(click.FloatRange):
    """A number in a range, called so in errors and help."""

    name = "number"


COUNT, NATURAL = Integer(min=1), Integer(min=0)
POSITIVE = Number(min=0, min_open=True)
FRACTION = Number(0, 1, max_open=True)
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


class GroupedOption(click.Option):
    """An option that stands under a heading of its own in the help, which always says a default."""

    def __init__(self, *args: Any, group: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.group = group
        says_more = self.is_flag or self.required or "[default: " in (self.help or "")
        if not says_more and kwargs.get("default") in (None, ""):
            self.show_default = "none"

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """Read the variable that is called as the option is typed."""
        name = self.opts[-1].lstrip("-").replace("-", "_").upper()
        return os.environ.get(f"{ctx.auto_envvar_prefix}_{name}") or None


class GroupedCommand(click.Command):
    """A command with the options that all have, whose help lists options by group."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.params += common_options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let errors know which command they are of; refuse a file that another one replaces."""
        try:
            _, _, order = self.make_parser(ctx).parse_args(list(args))
            if not ctx.resilient_parsing:  # as when a shell completes a line
                _refuse_second_files(order)
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Let errors name only what can be tried on this command and was not given."""
        try:
            return super().invoke(ctx)
        except CharlmError as error:
            reword(error, partial(self._takes, ctx))
            raise

    def _takes(self, ctx: click.Context, word: str) -> bool:
        """Tell whether an option is there and was not given."""
        return any(
            p.multiple or ctx.get_parameter_source(str(p.name)) is ParameterSource.DEFAULT
            for p in self.params
            if word in p.opts
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one list of options a group, in order of first appearance."""
        groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if isinstance(parameter, click.Option) and record is not None:
                groups[getattr(parameter, "group", OTHER)].append(record)
        groups[OTHER] = groups.pop(OTHER)  # --help, last
        for name, records in groups.items():
            with formatter.section(name):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say what texts may be, where a command takes them."""
        if any(parameter.name == "texts" for parameter in self.params):
            formatter.write_paragraph()
            formatter.write_text(TEXTS)
        super().format_epilog(ctx, formatter)


def _refuse_second_files(order: list[click.Parameter]) -> None:
    """Let no file that was named be dropped without a word.

    Of numbers and words the last one counts, so that an alias may be overruled.
    """
    for option, times in Counter(order).items():
        is_single = isinstance(option, click.Option) and not option.multiple
        if times > 1 and is_single and option.type is FILE:
            raise click.UsageError(f"{option.opts[-1]} was given {times} times; it names one file.")


class RegistryChoice(click.ParamType[str]):
    """One of the names in a registry, `module:attribute`, which is imported only when needed."""

    name = "name"

    def __init__(self, registry: str):
        self.registry = registry

    def names(self) -> list[str]:
        """List the names there are, without importing the registry where they are known."""
        return list(NAMES.get(self.registry) or self.registered())

    def registered(self) -> list[str]:
        """List the names in the registry itself."""
        module, attribute = self.registry.split(":")
        return list(getattr(import_module(module), attribute))

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Show the names in the help."""
        return f"[{'|'.join(self.names())}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Accept a name that is registered, in capitals too."""
        if value in self.names():
            return value
        return click.Choice(self.names(), case_sensitive=False).convert(value, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Complete names."""
        return [CompletionItem(name) for name in self.names() if name.startswith(incomplete)]


class PathName(click.ParamType[str]):
    """The name of a file or a folder, which shells complete; `-` is standard input or output."""

    def __init__(self, name: str, completion: str):
        self.name, self.completion = name, completion

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Take it as it is."""
        return value

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Leave it to the shell."""
        return [CompletionItem(incomplete, type=self.completion)]


FILE = PathName("file", "file")
FOLDER = PathName("folder", "dir")


class Duration(click.ParamType[float]):
    """A time such as 60s, 10m or 1.5h, in seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the seconds."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", str(value).strip())
        if found is None or not float(found[1]):
            self.fail(f"{value!r} is no time, as 60s, 10m or 1h", param, ctx)
        return float(found[1]) * SECONDS[found[2]]


class Numbers(click.ParamType[tuple[float, ...]]):
    """Positive numbers such as 0.5,1,1.5."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the numbers."""
        if isinstance(value, tuple):
            return value
        parts = value.split(",")
        if not all(re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*", p) and float(p) > 0 for p in parts):
            self.fail(f"{value!r} is no list of positive numbers, as 0.5,1,1.5", param, ctx)
        return tuple(map(float, parts))


class Size(click.ParamType[int]):
    """An amount such as 500M or 2G, in bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the bytes."""
        if isinstance(value, int):
            return value
        try:
            return bytes_of(value)
        except CharlmError as error:
            self.fail(str(error), param, ctx)


def grouped(group: str, *names: str, **settings: Any) -> Callable[[F], F]:
    """Add an option to a group."""
    return click.option(*names, cls=GroupedOption, group=group, **settings)


def _chain(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def text_options() -> Callable[[F], F]:
    """How texts become symbols, and what is held out whole."""
    text = "Text"
    return _chain(
        *_policy(text),
        grouped(text, "--min-count", type=COUNT, default=1,
                help="Symbols seen less often count as unknown."),
        *_rows(text),
        *_decoding(text),
        grouped(text, "--valid", "valid", multiple=True, type=FILE, metavar="FILE",
                help="Validate on this text; may be repeated."),
    )  # fmt: skip


def counted_text_options() -> Callable[[F], F]:
    """How texts become symbols, all of which are counted."""
    return _chain(*_policy("Text"), *_rows("Text"), *_decoding("Text"))


def _policy(text: str) -> list[Callable[[F], F]]:
    return [
        grouped(text, "--unit", type=RegistryChoice("charlm.text.units:UNITS"), default="char",
                help="What one symbol is."),
        grouped(text, "--sequence", type=RegistryChoice("charlm.text.tokenizer:SEQUENCES"),
                default="file", help="What one sequence is: line for lists of names and the like."),
        grouped(text, "--normalize", type=RegistryChoice("charlm.text.tokenizer:NORMALIZATIONS"),
                help="Normalise Unicode first (its bits are then not comparable)."),
        grouped(text, "--lowercase", is_flag=True,
                help="Lower case first (its bits are then not comparable)."),
        grouped(text, "--newlines", type=RegistryChoice("charlm.text.tokenizer:NEWLINES"),
                default="keep", help="Line ends as they are, or CR LF read as LF."),
    ]  # fmt: skip


def _decoding(group: str) -> list[Callable[[F], F]]:
    return [
        grouped(group, "--encoding", default="utf-8", metavar="NAME",
                help="Encoding of the texts."),
        grouped(group, "--errors", type=RegistryChoice("charlm.text.corpus:ERRORS"),
                default="strict", help="What to do with bytes that are not valid."),
    ]  # fmt: skip


def _rows(group: str) -> list[Callable[[F], F]]:
    return [
        grouped(group, "--column", metavar="NAME",
                help="Where the texts stand in JSON lines and Parquet, each row of which is a text "
                "of its own; what begins with { is then JSON lines whatever it is called.  "
                "[default: text]"),
        grouped(group, "--as-text", is_flag=True,
                help="Read .jsonl and .ndjson files as they are, and not by rows."),
    ]  # fmt: skip


def row_options() -> Callable[[F], F]:
    """How files of rows are read."""
    return _chain(*_rows("Text"))


def decoding_options() -> Callable[[F], F]:
    """How bytes become text."""
    return _chain(*_decoding("Text"))


def machine_options() -> Callable[[F], F]:
    """How much memory counting and estimation may take, and where the rest goes."""
    return _chain(
        grouped("Machine", "--memory", type=Size(), metavar="SIZE",
                help="Memory to use, as 2G; what does not fit goes to the disk, at about the same "
                "speed, and gives the same model.  [default: half of what there is]"),
        grouped("Machine", "--temp", type=FOLDER, metavar="FOLDER",
                help="Where that goes meanwhile.  [default: beside the output]"),
    )  # fmt: skip


def cluster_options() -> Callable[[F], F]:
    """Who else does the work, and the folder through which they hand data to each other."""
    cluster = "Cluster"
    return _chain(
        grouped(cluster, "--scheduler", metavar="ADDRESS",
                help="Let a Dask cluster work: tcp://host:8786, tls://host:8786, or the name of "
                "its scheduler's file; local:4 starts one of 4 workers here."),
        grouped(cluster, "--executor", metavar="NAME",
                help="Let others work: processes:N, loky:N, or mpi, the other ranks of `mpiexec "
                "-n N python -m mpi4py.futures -m charlm`."),
        grouped(cluster, "--spool", type=FOLDER, metavar="FOLDER",
                help="A new folder that all workers share; it is kept if the run is broken off.  "
                "[default: beside the output]"),
        grouped(cluster, "--resume", is_flag=True,
                help="Go on with a run that was broken off."),
    )  # fmt: skip


def reading_options() -> Callable[[F], F]:
    """How files become texts."""
    return _chain(*_rows("Text"), *_decoding("Text"))


def output_options(
    default: str = "<first text>.<family>.charlm", besides: str = ""
) -> Callable[[F], F]:
    """Where the model goes; `besides` is what else --force overwrites."""
    return _chain(
        grouped("Output", "-o", "--output", type=FILE, metavar="MODEL",
                help=f"Model file.  [default: {default}]"),
        force_option(f"a charlm model{besides}"),
    )  # fmt: skip


def force_option(kind: str | None) -> Callable[[F], F]:
    """Whether files are overwritten that are not of the output's kind; None: any file."""
    what = "a file that is there" if kind is None else f"a file that is not {kind}"
    return grouped("Output", FORCE, is_flag=True, help=f"Overwrite {what}.")


def table_options(
    what: str, table: str = "a table", kind: str = "a table of charlm"
) -> Callable[[F], F]:
    """How data are written for programs, and where they go: the command is given `asked`.

    `what` is what JSON prints; a file of that `kind` is overwritten.
    """
    return _chain(
        grouped("Output", "--csv", "as_csv", is_flag=True,
                help=f"Print {table} as CSV, for spreadsheets, pandas and R."),
        grouped("Output", "--json", "as_json", is_flag=True, help=f"Print {what}."),
        grouped("Output", "-o", "--output", type=FILE, metavar="FILE",
                help="Write it to this file, as its name ends: .csv, .tsv or .json.  [default: "
                "standard output]"),
        force_option(kind),
        _asking,
    )  # fmt: skip


def _asking(function: F) -> F:
    """Hand the four options to a command as one value."""

    @wraps(function)
    def command(
        *, as_csv: bool, as_json: bool, output: str | None, force: bool, **given: Any
    ) -> Any:
        return function(asked=Asked(as_csv, as_json, output, force), **given)

    return cast(F, command)


def texts_argument() -> Callable[[F], F]:
    """One or more texts; `-` is standard input, a folder all its texts."""
    return click.argument("texts", type=FILE, metavar="TEXT...", nargs=-1, required=True)


def model_argument() -> Callable[[F], F]:
    """One model file."""
    return click.argument("model", type=FILE, metavar="MODEL")


def adaptive_option() -> Callable[[F], F]:
    """Whether the models that judge a text learn from it."""
    return grouped("Comparison", "--adaptive", is_flag=True,
                   help="Let models learn from each symbol after predicting it.")  # fmt: skip
