"""`charlm train`: the group of both families; without a family's name it trains an n-gram."""

import click

from charlm.cli.train_ngram import ngram
from charlm.cli.train_rnn import rnn

DEFAULT = "ngram"


class DefaultGroup(click.Group):
    """A group whose first argument may also be an argument or option of its default command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command before arguments that name none."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


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
