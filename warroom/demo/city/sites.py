"""Poll sites: schools, libraries and halls, each for the handful of precincts around it."""

import numpy as np
from numpy.typing import NDArray

from warroom.demo.city.curves import Points
from warroom.demo.words import PLACE_WORDS, PLANTS, SITE_KINDS, STREET_KINDS, TRADES

PRECINCTS_PER_SITE = 5.7


def _halves(members: NDArray[np.int_], at: Points, pieces: int) -> list[NDArray[np.int_]]:
    if pieces <= 1:
        return [members]
    spread = np.ptp(at[members], axis=0)
    members = members[np.argsort(at[members, int(spread.argmax())], kind="stable")]
    first = pieces // 2
    cut = round(len(members) * first / pieces)
    return _halves(members[:cut], at, first) + _halves(members[cut:], at, pieces - first)


def assign_sites(at: Points, region: NDArray[np.int_], shore: NDArray[np.int_]) -> NDArray[np.int_]:
    """The site number of each precinct, (n,), numbered region by region.

    `at` is each precinct's middle in metres; `shore` numbers the pieces of land, since nobody
    is sent across the river to vote.
    """
    site = np.full(len(at), -1)
    fresh = 0
    for r in np.unique(region):
        for piece in np.unique(shore[region == r]):
            members = np.flatnonzero((region == r) & (shore == piece))
            for group in _halves(members, at, max(1, round(len(members) / PRECINCTS_PER_SITE))):
                site[group] = fresh
                fresh += 1
    return site


def site_names(rng: np.random.Generator, count: int) -> list[str]:
    """`count` different invented names."""
    pairs = [(word, kind) for word in (*PLACE_WORDS, *PLANTS) for kind in sorted(set(SITE_KINDS))]
    weight = np.array([SITE_KINDS.count(kind) for _, kind in pairs], float)
    chosen = rng.choice(len(pairs), count, replace=False, p=weight / weight.sum())
    return [" ".join(pairs[k]) for k in chosen]


def street_addresses(rng: np.random.Generator, count: int) -> list[str]:
    """House numbers on invented streets."""
    words = (*PLANTS, *TRADES)
    return [f"{rng.integers(2, 940)} {rng.choice(words)} {rng.choice(STREET_KINDS)}" for _ in range(count)]
