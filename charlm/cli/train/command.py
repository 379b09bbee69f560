"""`charlm train`: the group of both families; without a family's name it trains an n-gram."""

from difflib import get_close_matches
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from charlm.cli.options import FILE
from charlm.cli.train.ngram import ngram
from charlm.cli.train.rnn import rnn

DEFAULT = "ngram"


class DefaultGroup(click.Group):
    """A group whose first argument may also be an argument or option of its default command.

    What is no file but almost the name of a command is taken for a slip of the keyboard.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command before arguments that name none."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            meant = [] if Path(args[0]).exists() else get_close_matches(args[0], self.commands)
            if meant:
                raise click.UsageError(f"{args[0]}: no such file; did you mean {meant[0]}?", ctx)
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete what the default command takes, beside the names of commands."""
        default = self.commands[DEFAULT]
        inner = default.make_context(DEFAULT, [], ctx, resilient_parsing=True)
        if incomplete.startswith("-"):
            return default.shell_complete(inner, incomplete)
        files = FILE.shell_complete(inner, default.params[0], incomplete)
        return super().shell_complete(ctx, incomplete) or files


@click.group(cls=DefaultGroup)
def train() -> None:
    """Train a model on texts.

    Without a family's name an n-gram is trained: `charlm train book.txt` is `charlm train ngram
    book.txt`. A text file named rnn is written ./rnn.

    \b
    Examples:
      charlm train book.txt
      charlm train --order 4 chapter1.txt chapter2.txt -o chapters.charlm
      charlm train rnn book.txt
      charlm train --sequence line names.txt
    """


train.add_command(ngram)
train.add_command(rnn)
