"""The `charlm` command: its sub-commands, and what happens to errors.

Exit codes: 0 success, 1 a failure that the user can read, 2 wrong usage, 130 interrupted,
141 (by signal) the reader of our output went away.
"""

import os
import signal
import sys
from typing import NoReturn

import click

from charlm import __version__
from charlm.cli.info import info
from charlm.cli.perplexity import perplexity
from charlm.cli.sample import sample
from charlm.cli.train import train
from charlm.errors import CharlmError, UsageError

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(__version__, prog_name="charlm")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Character language models: n-gram and recurrent, compared by one honest number.

    \b
    Examples:
      charlm train book.txt                    an n-gram model in a second
      charlm train rnn book.txt                a recurrent network in a minute
      charlm sample book.ngram.charlm          let it speak
      charlm perplexity book.ngram.charlm other.txt --against book.rnn.charlm
    """


for command in (train, sample, perplexity, info):
    cli.add_command(command)


def run() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # One BLAS thread: the products are small, and the same sums in the same order every time.
    # It must be said before NumPy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    die_quietly_of_broken_pipes()
    try:
        code = cli.main(prog_name="charlm", standalone_mode=False, auto_envvar_prefix="CHARLM")
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = INTERRUPTED
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
    if isinstance(error, CharlmError):
        click.echo(f"Error: {error}", err=True)
        return 2 if isinstance(error, UsageError) else 1
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        click.echo(f"Error: {error.strerror}", err=True)
    else:
        click.echo(f"Error: {reason} (a bug in charlm: `charlm --debug ...` shows where)", err=True)
    return 1
