"""`charlm sample`: let a model speak."""

from typing import Any

import click

from charlm.cli.options import (
    COUNT,
    FILE,
    NATURAL,
    GroupedCommand,
    Number,
    grouped,
    model_argument,
    row_options,
)
from charlm.cli.sample.request import LINES, Request
from charlm.text.sources import STANDARD_INPUT


@click.command(cls=GroupedCommand)
@model_argument()
@grouped("Text", "--length", type=NATURAL, default=500, help="Symbols of a sample, at most.")
@grouped(
    "Text",
    "--prompt",
    default="",
    help="Text to go on from; it is printed too. `-` reads it from standard input, but for a last "
    "line end.",
)
@grouped(
    "Text",
    "--stop",
    multiple=True,
    metavar="TEXT",
    help="End a sample before this text, which is not printed; may be repeated.",
)
@grouped(
    "Text",
    "-n",
    "--num-samples",
    type=COUNT,
    help=f"How many samples.  [default: 1, or {LINES} where sequences are lines]",
)
@grouped(
    "Choice",
    "--temperature",
    type=Number(min=0),
    default=1.0,
    help="Below 1 safer, above 1 wilder.",
)
@grouped("Choice", "--top-k", type=COUNT, help="Only the k likeliest symbols.")
@grouped(
    "Choice",
    "--top-p",
    type=Number(0, 1, min_open=True),
    help="Only the likeliest symbols whose shares reach p.",
)
@grouped("Choice", "--greedy", is_flag=True, help="Always the likeliest symbol.")
@grouped(
    "Choice",
    "--seed",
    type=NATURAL,
    help="Same seed, same text.  [default: another text every time]",
)
@grouped(
    "Judgement",
    "--surprisal",
    is_flag=True,
    help="Colour each symbol by the bits it costs the model; with --json, list them.",
)
@grouped(
    "Judgement",
    "--novelty",
    is_flag=True,
    help="Say how long the longest copy from the --corpus is, and how much is new.",
)
@grouped(
    "Judgement",
    "--corpus",
    multiple=True,
    type=FILE,
    metavar="TEXT",
    help="What --novelty compares with, as the text trained on; may be repeated.",
)
@row_options()
@grouped("Output", "-0", "--null", is_flag=True, help="Close samples with NUL, not a line end.")
@grouped("Output", "--json", "as_json", is_flag=True, help="Print a JSON object a sample and line.")
def sample(
    model: str,
    length: int,
    prompt: str,
    stop: tuple[str, ...],
    num_samples: int | None,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    greedy: bool,
    seed: int | None,
    surprisal: bool,
    novelty: bool,
    corpus: tuple[str, ...],
    null: bool,
    as_json: bool,
    **rows: Any,
) -> None:
    """Draw text from a model, shown while it is drawn.

    Each sample ends with a line end; a terminal shows where the next begins, and for scripts there
    are --null and --json. A stop text is looked for in the new text alone; it may span symbols.

    \b
    Examples:
      charlm sample book.ngram.charlm
      charlm sample book.rnn.charlm --prompt "It is a truth" --temperature 0.7 --stop .
      charlm sample book.ngram.charlm --prompt - < beginning.txt
      charlm sample names.ngram.charlm -n 20
      charlm sample book.ngram.charlm --surprisal
      charlm sample book.ngram.charlm --length 9999 --novelty --corpus book.txt
    """  # fmt: skip
    from charlm.cli.sample.showing import show

    if novelty and not corpus:
        raise click.UsageError("--novelty compares with a text: give --corpus TEXT.")
    if prompt == STANDARD_INPUT and STANDARD_INPUT in corpus:
        raise click.UsageError(
            "Standard input can be read only once: as the prompt, or the corpus."
        )
    request = Request(
        model=model,
        prompt=prompt,
        length=length,
        stop=stop,
        temperature=0.0 if greedy else temperature,
        top_k=top_k,
        top_p=top_p,
        number=num_samples,
        seed=seed,
        corpus=corpus,
        **rows,
    )
    show(request, null=null, surprisal=surprisal, as_json=as_json)
