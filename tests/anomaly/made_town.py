"""A made-up town in numpy: its history, a day with a known truth, and reports of it."""

from dataclasses import dataclass, replace
from datetime import date, time

import numpy as np
import pandas as pd

from anomaly.frames import DayFrames
from anomaly.ledger import ReadingBatch
from warroom.domain.election import ElectionDay

DAY = ElectionDay(
    name="made-up",
    date=date(2026, 11, 3),
    timezone="UTC",
    polls_open=time(7),
    polls_close=time(20),
    type="general",
)
MINUTES = 780.0
COURSE = ([0, 60, 180, 360, 540, 660, 780], [0, 0.09, 0.27, 0.46, 0.64, 0.81, 1.0])


GRID = np.arange(0.0, MINUTES + 1, 10.0)


@dataclass(frozen=True)
class Town:
    """frames; final: ballots that each precinct will have cast; path (n, len(GRID)): its running count."""

    frames: DayFrames
    final: np.ndarray
    path: np.ndarray

    def counts(self, minute: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """True running count of precincts `rows` at `minute`."""
        at = np.clip(np.asarray(minute) / 10.0, 0, len(GRID) - 1.000001)
        low = at.astype(int)
        before, after = self.path[rows, low], self.path[rows, low + 1]
        return np.floor(before + (at - low) * (after - before)).astype(np.int64)


def arrivals(rng: np.random.Generator, final: np.ndarray) -> np.ndarray:
    """Running counts: each precinct has a course of its own, tilted and uneven from hour to hour."""
    n = len(final)
    share = np.interp(GRID, *COURSE)[None, :] ** np.exp(rng.normal(0, 0.12, n))[:, None]
    uneven = np.repeat(rng.gamma(30, 1 / 30, (n, 13)), 6, axis=1)
    weight = np.diff(share, axis=1) * uneven
    came = rng.multinomial(final.astype(int), weight / weight.sum(axis=1, keepdims=True))
    return np.hstack([np.zeros((n, 1)), came.cumsum(axis=1)])


def make_town(n: int = 120, seed: int = 1, spread: float = 0.12, level: float = 0.1, elections: int = 6) -> Town:
    """n precincts near a grid, three to a site, in four regions."""
    rng = np.random.default_rng(seed)
    size = rng.normal(5.5, 0.45, n)
    side = int(np.ceil(np.sqrt(n)))
    place = np.arange(n)
    precincts = pd.DataFrame(
        {
            "precinct_id": [f"P{i:04d}" for i in place],
            "name": [f"Precinct {i}" for i in place],
            "region": [f"R{i * 4 // n}" for i in place],
            "site_id": [f"S{i // 3:03d}" for i in place],
            "registered": np.round(np.exp(size) * 2.5),
            "lat": 40 + (place // side) * 0.01 + rng.uniform(0, 0.004, n),
            "lon": -75 + (place % side) * 0.01 + rng.uniform(0, 0.004, n),
        }
    )
    rows = []
    for k in range(elections):
        year = 2025 - k
        kind = "general" if year % 2 == 0 else "primary"
        ballots = np.round(np.exp(size + rng.normal(-0.2 * (kind == "primary"), 0.02) + rng.normal(0, spread, n)))
        rows.append(
            pd.DataFrame(
                {
                    "election_id": f"{year}_{kind}",
                    "date": f"{year}-11-03",
                    "type": kind,
                    "party": "",
                    "precinct_id": precincts["precinct_id"],
                    "ballots": ballots,
                }
            )
        )
    columns = ["election_id", "date", "type", "party", "precinct_id", "ballots"]
    history = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    final = rng.poisson(np.exp(size + level + rng.normal(0, spread, n))).astype(float)
    sites = pd.DataFrame({"site_id": sorted(set(precincts["site_id"]))})
    return Town(DayFrames(DAY, precincts, sites, history), final, arrivals(rng, final))


def reports(town: Town, until: float, every: float = 45.0, seed: int = 2) -> ReadingBatch:
    """Every site calls in all its precincts about every `every` minutes, until a minute of the day."""
    rng = np.random.default_rng(seed)
    n = len(town.final)
    precinct, at = [], []
    for site in range((n + 2) // 3):
        rows = np.arange(site * 3, min(n, site * 3 + 3))
        minute = rng.uniform(20, 60)
        while minute < until:
            precinct.extend(rows.tolist())
            at.extend([minute] * len(rows))
            minute += every * rng.uniform(0.8, 1.2)
    index, minutes = np.array(precinct), np.array(at)
    return batch_of(index, minutes, town.counts(minutes, index))


def batch_of(precinct: object, at: object, count: object, first_key: int = 0) -> ReadingBatch:
    """Readings that arrive a minute after they are observed."""
    minutes = np.asarray(at, dtype=np.float64)
    size = len(minutes)
    return ReadingBatch(
        precinct=np.asarray(precinct, dtype=np.int32),
        at_min=minutes,
        received_min=minutes + 1.0,
        count=np.asarray(count, dtype=np.int64),
        source=np.zeros(size, dtype=np.int64),
        key=np.arange(first_key, first_key + size, dtype=np.int64),
    )


def pick(batch: ReadingBatch, rows: object) -> ReadingBatch:
    """Some rows of a batch, in the order given."""
    at = np.asarray(rows)
    names = ("precinct", "at_min", "received_min", "count", "source", "key", "revision")
    return replace(batch, **{name: getattr(batch, name)[at] for name in names})
