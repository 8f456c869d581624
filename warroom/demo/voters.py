"""How many vote: earlier elections, early votes and the day's turnout, precinct by precinct."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from warroom.demo.city.build import City
from warroom.demo.city.plan import NEIGHBORHOODS
from warroom.demo.story import Plot

Ballots = NDArray[np.int_]  # (n,), by precinct


@dataclass(frozen=True)
class Past:
    """One earlier election: `turnout` is the share of registered voters, `slope` how unequal it was."""

    date: date
    type: str
    turnout: float
    slope: float

    @property
    def id(self) -> str:
        """Its id in history.csv."""
        return f"{self.date.isoformat()}_{self.type}"


PAST = (
    Past(date(2016, 11, 8), "general", 0.61, 0.26),
    Past(date(2018, 11, 6), "general", 0.50, 0.31),
    Past(date(2020, 11, 3), "general", 0.67, 0.24),
    Past(date(2022, 6, 14), "primary", 0.19, 0.42),
    Past(date(2022, 11, 8), "general", 0.47, 0.33),
    Past(date(2024, 11, 5), "general", 0.63, 0.25),
    Past(date(2025, 4, 8), "special", 0.14, 0.50),
)
TODAY_TURNOUT, TODAY_SLOPE = 0.51, 0.29


@dataclass(frozen=True)
class Turnout:
    """Ballots by precinct: `history` per earlier election, then `early` and `day` (at the polls) today."""

    history: tuple[tuple[Past, Ballots], ...]
    early: Ballots
    day: Ballots


def trait(city: City, name: str) -> NDArray[np.float64]:
    """A neighbourhood trait (well_off, older, commuting) by precinct, softened across its borders."""
    raw = np.array([getattr(n, name) for n in NEIGHBORHOODS])[city.region]
    gap = ((city.at[:, None] - city.at[None]) ** 2).sum(axis=2)
    near = np.exp(-gap / (2 * 550.0**2))
    return np.asarray(near @ raw / near.sum(axis=1))


def habit(rng: np.random.Generator, city: City) -> NDArray[np.float64]:
    """How readily a precinct votes, about mean 0 and SD 1: income, age, a smooth field, its own streets."""
    field = np.zeros(len(city.at))
    for _ in range(6):
        wave = rng.normal(0, 1 / 1_500, 2)
        field += rng.normal(0, 0.35) * np.cos(city.at @ wave + rng.uniform(0, 2 * np.pi))
    score = 1.1 * trait(city, "well_off") + 0.7 * trait(city, "older") + 0.5 * field
    score = (score - score.mean()) / score.std()
    return np.asarray(0.85 * score + rng.normal(0, 0.5, len(score)))


def _share(logit: NDArray[np.float64], weight: Ballots, mean: float) -> NDArray[np.float64]:
    """Logits to shares, shifted so that the city as a whole has the given mean."""
    shift = 0.0
    for _ in range(30):
        share = 1 / (1 + np.exp(-(logit + shift)))
        shift += (mean - np.average(share, weights=weight)) / (mean * (1 - mean))
    return share


def build_turnout(rng: np.random.Generator, city: City, plot: Plot, year: int) -> Turnout:
    """Seven earlier elections and today's. Each has its own level and its own neighbourhood swing."""
    n, regions = len(city.at), len(NEIGHBORHOODS)
    score = habit(rng, city)
    growth = rng.normal(0.008, 0.006, regions)[city.region]
    history = []
    for past in PAST:
        swing = rng.normal(0, 0.08, regions)[city.region] + rng.normal(0, 0.09, n)
        registered = np.rint(city.registered * (1 - growth) ** (year - past.date.year)).astype(int)
        share = _share(past.slope * score + swing, registered, past.turnout)
        history.append((past, rng.binomial(registered, share)))
    swing = rng.normal(0, 0.03, regions)[city.region] + rng.normal(0, 0.09, n)
    share = _share(TODAY_SLOPE * score + swing, city.registered, TODAY_TURNOUT)
    total = rng.binomial(city.registered, share)
    lean = 0.5 * trait(city, "older") + 0.3 * trait(city, "well_off") + rng.normal(0, 0.12, n)
    early = rng.binomial(total, _share(lean, total, 0.25))
    day = total - early
    home = np.array(plot.home)
    early[home] = rng.binomial(early[home], plot.home_early_share)
    day[home] = rng.binomial(day[home], plot.home_day_share)
    return Turnout(tuple(history), early, day)
