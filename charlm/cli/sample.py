"""`charlm sample`: let a model speak."""

import sys
from collections.abc import Iterator
from itertools import islice, takewhile

import click

from charlm.cli.console import say, text_writer
from charlm.cli.options import COUNT, NATURAL, GroupedCommand, Number, grouped, model_argument

AT_ONCE = 4096  # symbols written together, where no one watches


@click.command(cls=GroupedCommand)
@model_argument()
@grouped("Text", "--length", type=NATURAL, default=500, help="Symbols of a sample, at most.")
@grouped("Text", "--prompt", default="", help="Text to go on from; it is printed too.")
@grouped(
    "Text",
    "-n",
    "--num-samples",
    type=COUNT,
    help="How many samples.  [default: 1, or 10 where sequences are lines]",
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
def sample(
    model: str,
    length: int,
    prompt: str,
    num_samples: int | None,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    greedy: bool,
    seed: int | None,
) -> None:
    """Draw text from a model. Samples are separated by a line end.

    \b
    Examples:
      charlm sample book.ngram.charlm
      charlm sample book.rnn.charlm --prompt "It is a truth" --temperature 0.7
      charlm sample names.ngram.charlm -n 20
    """  # fmt: skip
    import numpy as np

    from charlm import storage
    from charlm.sampling import SamplingConfig
    from charlm.sampling import sample as draw

    contents = storage.load(model)
    tokenizer, language = contents.tokenizer, contents.model
    config = SamplingConfig(0.0 if greedy else temperature, top_k, top_p)
    read = tokenizer.unit.from_typed(prompt)
    unknown = tokenizer.unknown_symbols(read)
    if unknown:
        say(f"The model has never seen {', '.join(map(repr, unknown))}: read as unknown.")
    _, state = language.score(tokenizer.encode(read, close_line=False))
    rng = np.random.default_rng(seed)
    write = text_writer(tokenizer.unit.encoding)
    for _ in range(num_samples or (1 if tokenizer.end is None else 10)):
        write(read)
        last = read[-1:]
        drawn: Iterator[int] = islice(draw(language, state, config, rng), length)
        drawn = takewhile(lambda symbol: symbol != tokenizer.end, drawn)
        while symbols := list(islice(drawn, 1 if sys.stdout.isatty() else AT_ONCE)):
            text = tokenizer.decode(symbols)
            write(text)
            last = text[-1:]
        if not last.endswith("\n"):
            write("\n")
