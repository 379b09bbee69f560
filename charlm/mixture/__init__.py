"""Several models as one: members, what weighs them, and how the weights are learnt."""

from charlm.mixture.fitting import fit
from charlm.mixture.union import member, unite

__all__ = ["fit", "member", "unite"]
