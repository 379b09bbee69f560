"""The file that was perhaps meant, where one is missing."""

import os
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

SEARCHED = 10_000  # files of a folder, at most


def suggestion(path: str | Path, ending: str = "") -> str:
    """Name a file beside the missing one whose name is like it, as the end of a message.

    Only names with the given ending are thought of.
    """
    missing = Path(path)
    try:
        with os.scandir(missing.parent) as entries:
            files = [entry.name for entry in islice(entries, SEARCHED) if entry.is_file()]
    except OSError:
        return ""
    names = [name for name in files if name.endswith(ending)]
    longer = min((n for n in names if n.startswith(f"{missing.name}.")), key=len, default=None)
    close = [longer] if longer else get_close_matches(missing.name, sorted(names), 1)
    return f"; did you mean {missing.with_name(close[0])}?" if close and missing.name else ""
