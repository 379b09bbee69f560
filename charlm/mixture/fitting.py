"""Learning a mixture's weights on a text that its members have not seen.

On the members' own training text, the weights would favour the member that knows it by heart. So
the tuning text must be new to all members. The members themselves stay as they are.
"""

from collections.abc import Sequence

import numpy as np

from charlm.arrays import Float64s, Ids
from charlm.errors import TextError, UsageError
from charlm.files.container import MAX_ARRAYS
from charlm.mixture import evidence, gate, interpolation
from charlm.mixture.gate import Gate
from charlm.mixture.member import Member
from charlm.mixture.model import DEEPEST, MixtureModel, depth
from charlm.progress import Progress, Report, silent


def fit(
    members: Sequence[Member],
    end: int | None,
    texts: Sequence[Ids],
    *,
    gated: bool = False,
    report: Report = silent,
) -> MixtureModel:
    """Learn constant weights, and from there, `gated`, those that depend on features.

    Raises:
        TextError: the texts are empty, or impossible to every member.
        UsageError: no file can hold so many members.
    """
    even = Gate.constant(np.full(len(members), 1 / len(members)))
    mixture = MixtureModel(len(members[0].symbols), end, tuple(members), even)
    if depth(mixture.settings()) > DEEPEST:
        raise UsageError(f"no more than {DEEPEST} mixtures can stand inside each other")
    if len(mixture.arrays()) > MAX_ARRAYS:
        raise UsageError("these are too many models for one file; mix fewer")
    if not any(map(len, texts)):
        raise TextError("the tuning text is empty; give one with at least one symbol")
    log_probs, features = _read(mixture, texts, gated, report)
    possible = np.isfinite(log_probs).any(axis=1)
    if not possible.any():
        raise TextError("the tuning text has no symbol that a member can predict")
    log_probs, features = log_probs[possible], features[possible]
    learnt = Gate.constant(interpolation.learn(log_probs, report))
    if gated:
        learnt = gate.learn(learnt, log_probs, features, report)
    return MixtureModel(mixture.vocab_size, end, mixture.members, learnt)


def _read(
    mixture: MixtureModel, texts: Sequence[Ids], whole: bool, report: Report
) -> tuple[Float64s, Float64s]:
    """Return all evidence: log-probabilities (T, M) and features (T, F)."""
    log_probs = [np.empty((0, len(mixture.members)))]
    features = [np.empty((0, mixture.number_of_features if whole else 0))]
    done, symbols = 0, sum(map(len, texts))
    for ids in texts:
        state = mixture.initial_state()
        for block in evidence.before(mixture.members, ids, state, whole=whole):
            log_probs.append(block.log_probs)
            features.append(block.features)
            done += len(block.log_probs)
            report(Progress("scoring", done, symbols))
    return np.concatenate(log_probs), np.concatenate(features)
