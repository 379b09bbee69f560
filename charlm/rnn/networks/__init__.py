"""Networks: the recurrent design patterns, one file each.

A network joins embedding, recurrence and output; `bptt.py` and `loss.py` do the work. It holds
no parameters: they are passed to every function, so that the same network trains in float32 and
is checked in float64.
"""

from importlib import import_module
from pkgutil import iter_modules

from charlm.rnn.networks.registry import (
    NETWORKS,
    Learnt,
    Masks,
    Network,
    Pass,
    State,
    Window,
    dense,
    get,
)

__all__ = [
    "NETWORKS", "Learnt", "Masks", "Network", "Pass", "State", "Window", "dense", "get",
]  # fmt: skip

for _module in iter_modules(__path__):  # each file registers what it holds
    import_module(f"{__name__}.{_module.name}")
