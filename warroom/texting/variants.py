"""Which wording: Thompson sampling (Thompson 1933) on replies, one Beta posterior for each variant. Pure.

A reply is a person who answers anything but STOP; a STOP counts as none. The posterior is Beta(1 + replies,
1 + messages without one), from a uniform prior: with little seen, all wordings keep being tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Seen:
    """What came of one wording so far."""

    delivered: int = 0
    replied: int = 0


@dataclass(frozen=True)
class Posterior:
    """Share (0-1) of readers who answer, with its 90 % interval; `best`: probability that no other is better."""

    name: str
    mean: float
    low: float
    high: float
    best: float
    delivered: int


def choose(seen: Mapping[str, Seen], lot: np.random.Generator) -> str:
    """The wording of the next message: the best of one draw from each posterior. Raises ValueError for none."""
    if not seen:
        raise ValueError("a request has at least one wording")
    draws = {name: lot.beta(*_ab(s)) for name, s in sorted(seen.items())}
    return max(draws, key=lambda name: draws[name])


def posteriors(seen: Mapping[str, Seen], draws: int = 4_000, seed: int = 1) -> list[Posterior]:
    """What is known of each wording, best first; the same for the same counts."""
    from scipy import stats  # slow to import: the web server does without it until somebody asks

    names = sorted(seen)
    lot = np.random.default_rng(seed)
    table = np.array([lot.beta(*_ab(seen[n]), size=draws) for n in names])
    wins = np.bincount(table.argmax(axis=0), minlength=len(names)) / draws
    found = []
    for n, name in enumerate(names):
        a, b = _ab(seen[name])
        low, high = stats.beta.ppf([0.05, 0.95], a, b)
        found.append(Posterior(name, a / (a + b), float(low), float(high), float(wins[n]), seen[name].delivered))
    return sorted(found, key=lambda p: (-p.mean, p.name))


def _ab(seen: Seen) -> tuple[float, float]:
    return 1.0 + seen.replied, 1.0 + max(seen.delivered - seen.replied, 0)
