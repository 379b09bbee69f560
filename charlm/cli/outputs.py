"""Where the results of commands go: never onto what is read."""

from os.path import realpath  # which stands links that lead to themselves

from charlm.cli.console import text_writer

STANDARD_OUTPUT = "-"


def refuse_input_as_output(output: str, *inputs: str) -> None:
    """Keep a slip of the keyboard from replacing what is read.

    Raises:
        UsageError: the output is one of the inputs.
    """
    from charlm.errors import UsageError

    for name in inputs:
        if STANDARD_OUTPUT not in (output, name) and realpath(output) == realpath(name):
            raise UsageError(f"{output}: would be replaced, and it is read; name another output")


def write(output: str, data: bytes) -> None:
    """Write a file, whole or not at all, or standard output; a terminal gets text made safe."""
    from charlm.writing import write_atomically

    if output == STANDARD_OUTPUT:
        text_writer("latin-1")(data.decode("latin-1"))
    else:
        write_atomically(output, [data])
