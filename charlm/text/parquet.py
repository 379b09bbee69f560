"""Parquet: columns of texts, read some rows at a time by pyarrow, which is needed for nothing else.

It is the extra `parquet`, imported where the first such file is read.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

from charlm.text.sources import Source, opened

MAGIC = b"PAR1"
ROWS = 1024  # read at once


class ColumnType(NamedTuple):
    """What a column holds."""

    type: str
    holds_texts: bool


def columns(source: Source) -> dict[str, ColumnType]:
    """Return the columns by name.

    Raises:
        OSError: the file is damaged, or pyarrow is not installed.
    """
    _pyarrow()
    types = import_module("pyarrow.types")
    with _opened(source) as file:
        found = {}
        for field in file.schema_arrow:
            kind = field.type.value_type if types.is_dictionary(field.type) else field.type
            texts = types.is_string(kind) or types.is_large_string(kind)
            found[field.name] = ColumnType(str(field.type), texts or types.is_null(kind))
        return found


def texts(source: Source, column: str) -> Iterator[list[str | None]]:
    """Yield the texts of a column, some rows at a time.

    Raises:
        OSError: as `columns`.
    """
    for batch in batches(source, [column]):
        yield batch.column(0).to_pylist()


def batches(source: Source, chosen: list[str] | None = None) -> Iterator[Any]:
    """Yield record batches with the chosen columns, or with all.

    Raises:
        OSError: as `columns`.
    """
    with _opened(source) as file:
        yield from file.iter_batches(batch_size=ROWS, columns=chosen)


def _pyarrow() -> Any:
    try:
        return import_module("pyarrow")
    except ImportError:
        reason = "Parquet takes the package pyarrow: pip install 'charlm-cli[parquet]'"
        raise OSError(errno.ENOTSUP, reason) from None


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    """Open a file; what pyarrow raises is an `OSError`."""
    arrow = _pyarrow()
    reader = import_module("pyarrow.parquet")
    with opened(source) as (file, _):
        try:
            with reader.ParquetFile(file) as parquet:
                yield parquet
        except arrow.ArrowException as error:
            reason = " ".join(str(error).split())
            raise OSError(errno.EIO, f"damaged Parquet file ({reason})") from None
