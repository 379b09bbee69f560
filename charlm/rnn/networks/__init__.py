"""Networks: the recurrent design patterns, one file each.

A network joins embedding, recurrence and output; `bptt.py` and `loss.py` do the work. It holds
no parameters: they are passed to every function, so that the same network trains in float32 and
is checked in float64.
"""

from charlm.rnn.networks.hidden import HiddenNetwork
from charlm.rnn.networks.registry import NETWORKS, Network, get

__all__ = ["NETWORKS", "HiddenNetwork", "Network", "get"]
