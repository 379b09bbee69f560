"""The `charlm` command: its sub-commands, and what happens to errors.

Exit codes: 0 success, 1 a failure that the user can read, 2 wrong usage, 130 interrupted,
141 (by signal) the reader of our output went away.
"""

import io
import os
import signal
import sys
from typing import NoReturn

import click

from charlm import __version__
from charlm.cli.compress import compress
from charlm.cli.console import one_line
from charlm.cli.decompress import decompress
from charlm.cli.export import export
from charlm.cli.gradients import gradients
from charlm.cli.identify import identify
from charlm.cli.import_ import import_
from charlm.cli.info import info
from charlm.cli.mix import mix
from charlm.cli.perplexity import perplexity
from charlm.cli.sample import sample
from charlm.cli.score import score
from charlm.cli.train import train
from charlm.errors import CharlmError, UsageError

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(__version__, prog_name="charlm")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
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
    perplexity,
    score,
    identify,
    mix,
    info,
    compress,
    decompress,
    gradients,
    export,
    import_,
):
    cli.add_command(command)


def run() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # One BLAS thread: the products are small, and the same sums in the same order every time.
    # It must be said before NumPy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    die_quietly_of_broken_pipes()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks characters
    try:
        code = cli.main(prog_name="charlm", standalone_mode=False, auto_envvar_prefix="CHARLM")
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        code = _fail("interrupted", INTERRUPTED)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        code = _explain(error)
    sys.exit(code or 0)


def die_quietly_of_broken_pipes() -> None:
    """`charlm sample ... | head` ends as other tools do, where the system knows the signal."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _explain(error: Exception) -> int:
    """Print one line; a traceback is for `--debug` only."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message(), err=True)
            return 2
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "charlm"
            return _fail(f"{error.format_message()} See `{command} --help`.", 2)
        case click.ClickException():
            return _fail(error.format_message(), error.exit_code)
        case UsageError():
            return _fail(str(error), 2)
        case CharlmError():
            return _fail(str(error), 1)
        case MemoryError():
            return _fail("not enough memory for that; choose smaller sizes", 1)
        case OSError(strerror=str(reason)):
            return _fail(f"{error.filename or 'standard output'}: {reason}", 1)
    what = f"{type(error).__name__}: {error}"
    return _fail(f"{what} (a bug in charlm: `charlm --debug ...` shows where)", 1)


def _fail(message: str, code: int) -> int:
    click.echo(f"Error: {one_line(message)}", err=True)
    return code
