"""Rivals of the prior: gradient-boosted trees on what was known of each precinct before an election."""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

from anomaly.arrays import Floats, numbers_of
from anomaly.frames import DayFrames
from anomaly.heldout import Fold

OFFSET = 3.0  # ballots added before the logarithm
NEWEST = 20  # past elections to learn from, as the prior does
TREES = {"max_iter": 100, "learning_rate": 0.1, "max_leaf_nodes": 15, "min_samples_leaf": 40, "random_state": 0}


class Past:
    """History as arrays: `log` (E, N) centred log ballots, oldest election first."""

    def __init__(self, frames: DayFrames) -> None:
        history = frames.history
        about = history.groupby("election_id")[["date", "type"]].first().sort_values("date", kind="stable")
        wide = history.pivot_table(index="election_id", columns="precinct_id", values="ballots", aggfunc="sum")
        raw = wide.reindex(index=about.index, columns=frames.precincts["precinct_id"]).to_numpy(dtype=np.float64)
        self.median = np.nanmedian(raw, axis=1)
        self.raw = raw
        log = np.log(raw + OFFSET)
        self.log = log - np.nanmedian(log, axis=1, keepdims=True)
        dates = pd.to_datetime(about["date"])
        self.years = (dates - pd.Timestamp("2000-01-01")).dt.days.to_numpy() / 365.25
        self.types = about["type"].astype(str).to_numpy()
        size, north, east = (numbers_of(frames.precincts, name) for name in ("registered", "lat", "lon"))
        self.place = np.stack([np.log(size + OFFSET), north, east], axis=1)


def features(past: Past, before: float, kind: str) -> Floats:
    """(N, F), NaN where unknown: last three of the type, last two of another, four years before, means, place."""
    known = np.flatnonzero(past.years < before - 0.02)[::-1]
    same = [e for e in known if past.types[e] == kind]
    other = [e for e in known if past.types[e] != kind]
    cycle = [e for e in same if abs(before - past.years[e] - 4) < 0.3]
    nothing = np.full(past.log.shape[1], np.nan)
    columns = [past.log[same[k]] if len(same) > k else nothing for k in range(3)]
    columns += [past.log[other[k]] if len(other) > k else nothing for k in range(2)]
    columns.append(past.log[cycle[0]] if cycle else nothing)
    recent = past.log[known[:6]]
    there = np.isfinite(recent)
    total = np.where(there, recent, 0.0).sum(axis=0)
    columns.append(np.where(there.any(axis=0), total / np.maximum(there.sum(axis=0), 1), np.nan))
    columns.append(np.full(len(nothing), float(kind == "general")))
    columns.append(np.full(len(nothing), round(before % 4)))
    return np.column_stack([*columns, past.place])


def trees(fold: Fold, past: Past, loss: str) -> Floats:
    """Relative ballots (N,) of a fold by boosted trees; loss "squared_error" (of the log) or "poisson".

    past: the fold's own history, made once for both losses.
    """
    rows, targets, weights = [], [], []
    for e in range(max(1, len(past.years) - NEWEST), len(past.years)):
        use = np.isfinite(past.raw[e])
        rows.append(features(past, float(past.years[e]), past.types[e])[use])
        relative = past.raw[e][use] / past.median[e]
        targets.append(relative if loss == "poisson" else past.log[e][use])
        # Weight as counts do: Poisson by exposure, the logarithm by the inverse of spread and counting noise.
        count_noise = 1 / (0.04 + 1 / (past.raw[e][use] + OFFSET))
        weights.append(np.full(use.sum(), past.median[e]) if loss == "poisson" else count_noise)
    known = np.concatenate(rows)
    told = np.isfinite(known).any(axis=0)  # a column that is nowhere known cannot be binned
    model = HistGradientBoostingRegressor(loss=loss, **TREES)
    model.fit(known[:, told], np.concatenate(targets), sample_weight=np.concatenate(weights))
    day = fold.frames.day.date
    before = (pd.Timestamp(day) - pd.Timestamp("2000-01-01")).days / 365.25
    found = model.predict(features(past, before, str(fold.frames.day.type))[:, told])
    return np.asarray(found if loss == "poisson" else np.exp(found))
