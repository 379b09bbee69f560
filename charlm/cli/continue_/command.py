"""`charlm continue`: write a text together with a model."""

import click

from charlm.cli.options import (
    COUNT,
    FILE,
    NATURAL,
    GroupedCommand,
    Number,
    force_option,
    grouped,
    model_argument,
)


@click.command("continue", cls=GroupedCommand)
@model_argument()
@grouped("Text", "--prompt", default="", help="What the text begins with.")
@grouped("Text", "--length", type=COUNT, default=200, help="Symbols of a turn, at most.")
@grouped("Choice", "--temperature", type=Number(min=0), default=1.0,
         help="Below 1 safer, above 1 wilder.")  # fmt: skip
@grouped("Choice", "--top-k", type=COUNT, help="Only the k likeliest symbols.")
@grouped("Choice", "--top-p", type=Number(0, 1, min_open=True),
         help="Only the likeliest symbols whose shares reach p.")  # fmt: skip
@grouped("Choice", "--seed", type=NATURAL,
         help="Same seed and lines, same text.  [default: another text every time]")  # fmt: skip
@grouped("Output", "-o", "--output", type=FILE, metavar="FILE",
         help="Write the text to this file at the end.")  # fmt: skip
@force_option(None)
def continue_(
    model: str,
    prompt: str,
    length: int,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    seed: int | None,
    output: str | None,
    force: bool,
) -> None:
    """Write a text together with a model, turn by turn.

    Enter lets the model go on. What you type before it is added to the text, as it stands. A line
    that is one of these is done instead, and Ctrl-D ends:

    \b
      + or -             a temperature higher or lower by 0.1
      /temperature 0.7   that temperature
      /length 300        that many symbols a turn
      /undo              take back the last turn, what was typed and what was written
      /again             let the model write its part of the last turn anew
      /text              show the whole text
      /save story.txt    write the text to a file
      /quit              end

    A text that begins with a slash is typed with two. Where standard input is no terminal its lines
    are read so, and the text is printed at the end.

    \b
    Examples:
      charlm continue book.ngram.charlm
      charlm continue book.rnn.charlm --prompt "It is a truth" --temperature 0.7 -o story.txt
      printf '\\n and then\\n/undo\\n\\n' | charlm continue book.ngram.charlm --seed 1
    """  # fmt: skip
    from charlm.cli.continue_.session import Asked, talk

    talk(Asked(model, prompt, length, temperature, top_k, top_p, seed, output, force))
