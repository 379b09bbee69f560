"""`charlm sample`: let a model speak."""

from typing import Any

import click

from charlm.cli.asked import Asked
from charlm.cli.options import (
    COUNT,
    FILE,
    NATURAL,
    GroupedCommand,
    Number,
    grouped,
    model_argument,
    row_options,
    table_options,
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
    "--prompt-file",
    type=FILE,
    metavar="FILE",
    help="Read the prompt from this file, but for a last line end.",
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
    "--count",
    "--num-samples",
    "num_samples",
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
    help="What --novelty and --new compare with, as the text trained on; may be repeated.",
)
@grouped("Wanted", "--regex", metavar="PATTERN", help="Only samples that match this as a whole.")
@grouped("Wanted", "--starts-with", default="", metavar="TEXT", help="Only samples that begin so.")
@grouped("Wanted", "--min-length", type=NATURAL, default=0, help="Symbols of a sample, at least.")
@grouped("Wanted", "--unique", is_flag=True, help="No sample twice.")
@grouped(
    "Wanted",
    "--new",
    is_flag=True,
    help="No sample that is in the --corpus: as a line where sequences are lines, else anywhere.",
)
@grouped(
    "Choice",
    "--beam",
    type=COUNT,
    metavar="K",
    help="Look for the likeliest samples, following K texts, instead of drawing.",
)
@row_options()
@grouped("Output", "-0", "--null", is_flag=True, help="Close samples with NUL, not a line end.")
@table_options("a JSON object a sample and line", "one row a sample")
def sample(
    model: str,
    length: int,
    prompt: str,
    prompt_file: str | None,
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
    regex: str | None,
    starts_with: str,
    min_length: int,
    unique: bool,
    new: bool,
    beam: int | None,
    null: bool,
    asked: Asked,
    **rows: Any,
) -> None:
    """Draw text from a model, shown while it is drawn.

    Without a prompt a sample begins as the paragraphs of the text begin, or its lines.

    Each sample ends with a line end; a terminal shows where the next begins, and for scripts there
    are --null, --csv and --json. A stop text is looked for in the new text alone; it may span
    symbols.

    What is wanted of samples is wanted of the text after the prompt. Each text that is wanted comes
    as often as the model writes it among those, exactly: what the model writes otherwise is
    rejected, as soon as it can no longer become what is wanted. Where sequences are not lines, a
    sample also ends when it matches --regex and can only go on to what does not.

    \b
    Examples:
      charlm sample book.ngram.charlm
      charlm sample book.rnn.charlm --prompt "It is a truth" --temperature 0.7 --stop .
      charlm sample book.ngram.charlm --prompt - < beginning.txt
      charlm sample names.ngram.charlm -n 20
      charlm sample names.ngram.charlm --regex "[jk].*a" --min-length 5 --unique --count 20
      charlm sample names.ngram.charlm --new --corpus names.txt -o names.csv
      charlm sample names.ngram.charlm --beam 100 --count 5
      charlm sample book.ngram.charlm --surprisal
      charlm sample book.ngram.charlm --length 9999 --novelty --corpus book.txt
    """  # fmt: skip
    from charlm.cli.sample.showing import show

    for asks, option in ((novelty, "--novelty"), (new, "--new")):
        if asks and not corpus:
            raise click.UsageError(f"{option} compares with a text: give --corpus TEXT.")
    if prompt and prompt_file:
        raise click.UsageError("--prompt and --prompt-file are both the prompt; give one.")
    if prompt_file is not None and prompt_file == STANDARD_INPUT:
        prompt, prompt_file = STANDARD_INPUT, None
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
        prompt_file=prompt_file,
        regex=regex,
        starts_with=starts_with,
        min_length=min_length,
        unique=unique,
        new=new,
        novelty=novelty,
        beam=beam,
        **rows,
    )
    show(request, asked, null=null, surprisal=surprisal)
