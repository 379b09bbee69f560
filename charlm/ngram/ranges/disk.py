"""Whether what does not fit into memory fits onto the disk, as it turns out on the way."""

import shutil

from charlm.errors import OutputError, Remedy

MORE_ROOM = Remedy("temp", "FOLDER")
A_WINDOW = 60  # bytes of a window that was counted, and of what is made of it, at least
AN_NGRAM = 36  # bytes of an n-gram besides what is on the disk when they are tabulated


def refuse_small(folder: str, wanted: int) -> None:
    """Refuse what will not fit on the disk, before hours are spent on it.

    Raises:
        OutputError: there is too little room for so many bytes.
    """
    free = shutil.disk_usage(folder).free
    if wanted > free:
        raise OutputError(
            f"{folder}: it takes about {wanted / 1e9:z.1f} GB, and {free / 1e9:z.1f} GB are free",
            MORE_ROOM,
        )
