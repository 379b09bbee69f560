"""The `charlm` command: its sub-commands, and what happens to errors.

Exit codes: 0 success, 1 a failure that the user can read, 2 wrong usage, 130 interrupted,
143 terminated, 141 (by signal) the reader of our output went away.
"""

import io
import os
import signal
import sys
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import IO, NoReturn

import click

from charlm.cli import shell
from charlm.cli.compress import compress
from charlm.cli.console import complain
from charlm.cli.continue_.command import continue_
from charlm.cli.corpora import corpora
from charlm.cli.count import count
from charlm.cli.decompress import decompress
from charlm.cli.demo.command import demo
from charlm.cli.export import export
from charlm.cli.filter.command import filter_
from charlm.cli.gradients.command import gradients
from charlm.cli.identify.command import identify
from charlm.cli.import_ import import_
from charlm.cli.info.command import info
from charlm.cli.interruption import heed_termination
from charlm.cli.merge import merge
from charlm.cli.mix.command import mix
from charlm.cli.perplexity.command import perplexity
from charlm.cli.plot.command import plot
from charlm.cli.rank.command import rank
from charlm.cli.sample.command import sample
from charlm.cli.score.command import score
from charlm.cli.settings import Settings, common_options
from charlm.cli.subtract import subtract
from charlm.cli.sweep.command import sweep
from charlm.cli.train.command import train
from charlm.errors import CharlmError, UsageError
from charlm.version import __version__

INTERRUPTED = 130
FEW = 3  # options, at most, that a hint names


ENDING = """\b
Every option has a variable: CHARLM_TRAIN_NGRAM_ORDER=3 stands for
`charlm train ngram --order 3`. An option that is typed comes first.
Exit codes: 0 success, 1 failure, 2 wrong usage, 130 interrupted, 141 the
reader of the output went away, 143 terminated.
"""


class InOrder(click.Group):
    """A group whose help lists commands in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        return list(self.commands)


@click.group(
    cls=InOrder,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
    epilog=ENDING,
)
@click.version_option(__version__, prog_name="charlm")
def cli() -> None:
    """Character language models: n-gram and recurrent, compared by one honest number.

    \b
    Examples:
      charlm train book.txt                    an n-gram model in a second
      charlm train rnn book.txt                a recurrent network in a minute
      charlm sample book.ngram.charlm          let it speak
      charlm perplexity book.ngram.charlm other.txt --against book.rnn.charlm
    """


for command in (
    train,
    sample,
    continue_,
    perplexity,
    score,
    identify,
    filter_,
    rank,
    mix,
    info,
    compress,
    decompress,
    gradients,
    plot,
    sweep,
    count,
    merge,
    subtract,
    export,
    import_,
    demo,
    corpora,
):
    cli.add_command(command)
cli.params += common_options()


def run() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # One BLAS thread: the products are small, and the same sums in the same order every time.
    # It must be said before NumPy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    die_quietly_of_broken_pipes()
    heed_termination()
    open_streams()
    try:
        sys.exit(_exit_code())
    finally:
        try:
            sys.stderr.flush()
        except OSError:  # notes are lost, but the work is not
            _give_up(sys.stderr)


def _exit_code() -> int:
    """Run the command that was typed, and say in a line what ended it."""
    said = Settings()
    try:
        code = cli.main(
            prog_name="charlm", standalone_mode=False, auto_envvar_prefix="CHARLM", obj=said
        )
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt) as error:
        advice = error.args or getattr(error.__cause__, "args", ())  # click changes what it is
        return _fail("; ".join(filter(None, ["interrupted", *advice])), INTERRUPTED)
    except Exception as error:
        if said.debug:
            raise
        return _explain(error)
    return code or 0


def die_quietly_of_broken_pipes() -> None:
    """`charlm sample ... | head` ends as other tools do, where the system knows the signal."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def open_streams() -> None:
    """Make every standard stream one that can be used, also where the caller closed it."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123
    if sys.stdout is None:  # what is written there fails, for it would be lost
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks characters


def _explain(error: Exception) -> int:
    """Print one line; a traceback is for `--debug` only."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            with suppress(OSError):
                click.echo(error.format_message(), err=True)
            return 2
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "charlm"
            return _fail(f"{_with_the_nearest(error)} See `{command} --help`.", 2)
        case click.ClickException():
            return _fail(error.format_message(), error.exit_code)
        case UsageError():
            return _fail(str(error), 2)
        case CharlmError():
            return _fail(str(error), 1)
        case MemoryError():
            return _fail("not enough memory for that; choose smaller sizes", 1)
        case OSError(filename=None, strerror=str(reason)):
            _give_up(sys.stdout)
            return _fail(f"standard output: {reason}", 1)
        case OSError(strerror=str(reason)):
            return _fail(f"{error.filename}: {reason}", 1)
    what = f"{type(error).__name__}: {error}"
    return _fail(f"{what} (a bug in charlm: `charlm --debug ...` shows where)", 1)


def _with_the_nearest(error: click.UsageError) -> str:
    """Name what was perhaps meant, where an option or a command is mistyped."""
    match error:
        case click.NoSuchOption(option_name=name) if error.ctx:
            hint = _nearest_options(name, error.ctx)
            return f"{error.message} Did you mean {hint}?" if hint else error.message
        case click.NoSuchCommand(command_name=str(name)):
            hint = _nearest_command(name, error.possibilities)
            return f"{error.message} Did you mean {hint}?" if hint else error.message
    return error.format_message()


def _nearest_options(missing: str, context: click.Context) -> str:
    """Name the options that begin as a missing one does, else the one that is most like it."""
    options = [p for p in context.command.get_params(context) if isinstance(p, click.Option)]
    known = {flag[2:]: flag for p in options for flag in p.opts if flag.startswith("--")}
    name = missing.lstrip("-")
    beginning = [word for word in known if word.startswith(name)]
    found = beginning if 0 < len(beginning) <= FEW else get_close_matches(name, known, 1)
    *others, last = [known[word] for word in found] or [""]
    return f"{', '.join(others)} or {last}" if others else last


def _nearest_command(name: str, possibilities: list[str] | None) -> str:
    """Return what stands for a command there is not: another, an option, or `train` for a text."""
    if f"--{name}" in ("--help", "--version"):
        return f"--{name}"
    if possibilities:
        return possibilities[0]
    return f"train {shell.line([shell.file_name(name)])}" if Path(name).is_file() else ""


def _give_up(stream: IO[str]) -> None:
    """Let what could not be written go, so that Python does not try again as it ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _fail(message: str, code: int) -> int:
    complain(message)
    return code
