"""What a worker makes sure of before a task: the same program, and the same folder."""

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from charlm.errors import WorkerError
from charlm.ngram.ranges.plan import VERSIONS, Plan


def perform(task: Callable[..., Any], plan: Plan, *arguments: Any, **options: Any) -> Any:
    """Do a task, wherever this is; a worker may have come a moment ago.

    Raises:
        WorkerError: charlm or NumPy is of another version here, or the spool is not shared.
    """
    if plan.versions != VERSIONS:
        (charlm, numpy), (wanted, of_numpy) = VERSIONS, plan.versions
        raise WorkerError(
            f"worker {platform.node()}: has charlm {charlm} and NumPy {numpy}; install what the "
            f"command has, charlm {wanted} and NumPy {of_numpy}"
        )
    if not plan.spool.has(plan.spool.token):
        raise WorkerError(
            f"worker {platform.node()}: does not see {Path(plan.spool.folder)}; name a --spool "
            "that all workers share"
        )
    return task(plan, *arguments, **options)
