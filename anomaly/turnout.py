"""The prior: how many election-day ballots each precinct should cast, before the first report.

Shape and level are apart. The shape is a robust ridge regression of a past election's log
ballots (city median removed) on what was known before it: the last election of the same
type (and party, where both name one), the one of the same cycle, the recent mean, the last
of another; trained across all past elections of the place. The level is that of the like
elections; it is uncertain by tens of percent and the live model learns it within hours.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from anomaly.arrays import Floats, Ints
from anomaly.frames import DayFrames, Places

OFFSET = 3.0  # ballots added before the logarithm: one voter in an empty precinct is not a trend
MAX_TARGETS = 20  # the youngest past elections that the regression learns from
# Of each slot (see _slots) before anything is learned; chosen, like the two below, by
# leaving one election out on 33 Philadelphia and 10 New York elections (docs/model.md).
SLOT_WEIGHTS = (0.2, 0.0, 0.0, 0.1, 0.0, 0.5, 0.2)
PENALTY = 0.03
SAME_CYCLE_WEIGHT = 4.0
# Early in-person share of all ballots, New York 2021-2025: 0.15, 0.20, 0.24, 0.36, 0.40.
EARLY_SHARE, EARLY_SHARE_LOG_SD = 0.30, 0.5
LEVEL_SD_GENERAL, LEVEL_SD_OTHER = 0.25, 0.45  # error of the level's guess on the same elections
NEW_PRECINCT_SD = 0.6  # log spread where nothing but the size of the neighbours is known


@dataclass(frozen=True)
class Prior:
    """Per precinct: median final ballots `ballots` and log-scale `spread`; the level's own `level_sd`.

    `features` (N, P) are standardised log covariates on which the live model may lean when
    it sees that the day departs from the prior; columns are named in `feature_names`.
    `like` is the election that the level and the explanations refer to ("" where none).
    """

    ballots: Floats
    spread: Floats
    level_sd: float
    features: Floats
    feature_names: tuple[str, ...]
    like: str
    like_ballots: Floats


@dataclass(frozen=True)
class _Past:
    """History as a matrix: log ballots (E, N), NaN where missing, with each election's date and kind."""

    log: Floats
    raw: Floats
    years: Floats
    kinds: tuple[str, ...]
    ids: tuple[str, ...]


def prior_of(frames: DayFrames, places: Places) -> Prior:
    """The prior of the day. Works with thirty past elections, one, or none."""
    past = _past_of(frames, places)
    now_year = frames.day.date.year + frames.day.date.timetuple().tm_yday / 366
    kind = _kind(frames.day.type, frames.day.party)
    shape, spread = _shape(past, now_year, kind, places)
    like = _like_election(past, now_year, kind)
    level, level_sd = _level(past, now_year, kind, places)
    ballots = np.exp(shape + level)
    early_total = float(np.nansum(places.early))
    if early_total > 0:
        ballots *= _left_for_the_day(float(ballots.sum()), early_total, level_sd)
    features, names = _features(past, places, np.log(ballots))
    return Prior(
        ballots=np.maximum(ballots, 0.5),
        spread=spread,
        level_sd=level_sd,
        features=features,
        feature_names=names,
        like=past.ids[like] if like >= 0 else "",
        like_ballots=past.raw[like] if like >= 0 else np.full(places.count, np.nan),
    )


def _left_for_the_day(total: float, early: float, level_sd: float) -> float:
    """Share of the expected total that is left for election day, given the early ballots counted.

    A big early vote means both less to come and a keener electorate: the total is the
    precision-weighted mean of what history says and what the early vote says.
    """
    trust = level_sd**2 / (level_sd**2 + EARLY_SHARE_LOG_SD**2)
    likely = float(np.exp((1 - trust) * np.log(total) + trust * np.log(early / EARLY_SHARE)))
    return max(likely - early, 0.3 * likely) / total


def _kind(type_: str, party: str) -> str:
    return f"{type_}:{party}" if party and party == party else str(type_)


def _past_of(frames: DayFrames, places: Places) -> _Past:
    history = frames.history
    if history.empty:
        none = np.zeros((0, places.count))
        return _Past(none, none, np.zeros(0), (), ())
    table = history.assign(
        precinct_id=history["precinct_id"].astype(str),
        ballots=pd.to_numeric(history["ballots"], errors="coerce"),
        date=pd.to_datetime(history["date"], errors="coerce"),
        party=history["party"].fillna("") if "party" in history else "",
    ).dropna(subset=["date"])
    table = table[(table["date"] < pd.Timestamp(frames.day.date)) & (table["ballots"] >= 0)]
    wide = table.pivot_table(index="election_id", columns="precinct_id", values="ballots", aggfunc="sum")
    about = table.groupby("election_id")[["date", "type", "party"]].first().sort_values("date", kind="stable")
    raw = wide.reindex(index=about.index, columns=list(places.ids)).to_numpy(dtype=np.float64)
    # An election that covers a handful of precincts says little of the city.
    keep = np.isfinite(raw).sum(axis=1) >= min(5, places.count)
    about, raw = about[keep], raw[keep]
    years = (about["date"].dt.year + about["date"].dt.day_of_year / 366).to_numpy(dtype=np.float64)
    kinds = tuple(_kind(t, p) for t, p in zip(about["type"], about["party"], strict=True))
    return _Past(np.log(raw + OFFSET), raw, years, kinds, tuple(str(e) for e in about.index))


def _type_of(kind: str) -> str:
    return kind.split(":")[0]


def _same(one: str, other: str) -> bool:
    """Of one type, and not the primaries of two parties. Who names no party is like either.

    A party may be written short or long: one name begins with the other.

    >>> _same("primary:DEM", "primary:Democratic"), _same("primary:DEM", "primary"), _same("primary:DEM", "primary:REP")
    (True, True, False)
    """
    (type_, _, party), (other_type, _, other_party) = one.partition(":"), other.partition(":")
    short, long = sorted((party.casefold(), other_party.casefold()), key=len)
    return type_ == other_type and long.startswith(short)


def _order_by_likeness(past: _Past, before: float, kind: str) -> Ints:
    """Past elections, the most comparable first: same type and party, same cycle, then youth.

    The other party's primary is no more alike than a general election.
    """
    age = before - past.years
    known = np.flatnonzero(age > 0.02)
    same = np.array([_same(past.kinds[e], kind) for e in known], dtype=bool)
    party = np.array([past.kinds[e] == kind for e in known], dtype=bool)
    off_cycle = np.abs(age[known] / 4 - np.maximum(1, np.round(age[known] / 4)))
    score = 3.0 * ~same + 0.5 * ~party + 4.0 * off_cycle + 0.15 * age[known]
    return np.asarray(known[np.argsort(score, kind="stable")], dtype=np.int64)


def _like_election(past: _Past, before: float, kind: str) -> int:
    order = _order_by_likeness(past, before, kind)
    wide = [int(e) for e in order if np.isfinite(past.raw[e]).mean() > 0.5]
    return wide[0] if wide else (int(order[0]) if len(order) else -1)


def _centred(past: _Past) -> Floats:
    return np.asarray(past.log - np.nanmedian(past.log, axis=1, keepdims=True))


def _slots(centred: Floats, past: _Past, before: float, kind: str) -> Floats | None:
    """What was known of each precinct before an election: (N, len(SLOT_WEIGHTS)), None where nothing was.

    The last three of the same type, the last two of another, the most comparable one, and
    the mean of the six youngest. A missing slot takes the mean of the others.
    """
    known = np.flatnonzero(before - past.years > 0.02)[::-1]
    if not len(known):
        return None
    same = [e for e in known if _same(past.kinds[e], kind)]
    other = [e for e in known if not _same(past.kinds[e], kind)]
    missing = np.full(centred.shape[1], np.nan)
    columns = [_first_known(centred[same[k:]]) if len(same) > k else missing for k in range(3)]
    columns += [_first_known(centred[other[k:]]) if len(other) > k else missing for k in range(2)]
    columns.append(_first_known(centred[_order_by_likeness(past, before, kind)]))
    columns.append(_mean_known(centred[known[:6]]))
    slots = np.stack(columns, axis=1)
    mean = _mean_known(slots.T)
    return np.where(np.isfinite(slots), slots, mean[:, None])


def _first_known(rows: Floats) -> Floats:
    """Per column, the first finite entry."""
    out = np.full(rows.shape[1], np.nan)
    for row in rows[::-1]:
        out = np.where(np.isfinite(row), row, out)
    return out


def _mean_known(rows: Floats) -> Floats:
    finite = np.isfinite(rows)
    total = np.where(finite, rows, 0.0).sum(axis=0)
    number = finite.sum(axis=0)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _shape(past: _Past, now_year: float, kind: str, places: Places) -> tuple[Floats, Floats]:
    """Log ballots relative to the city's median precinct, and their log spread."""
    n = places.count
    if not past.ids:
        return _shape_by_size(np.full(n, np.nan), places), np.full(n, NEW_PRECINCT_SD)
    centred = _centred(past)
    today = _slots(centred, past, now_year, kind)
    if today is None:
        return _shape_by_size(np.full(n, np.nan), places), np.full(n, NEW_PRECINCT_SD)
    coefficients, spread = _train(centred, past, kind, now_year)
    shape = today @ coefficients
    known = np.isfinite(shape)
    return (
        _shape_by_size(shape, places),
        np.where(
            known,
            np.sqrt(
                spread**2 + 1.0 / np.exp(np.where(known, shape, 0.0)) / max(float(np.nanmedian(past.raw[-1])), 5.0)
            ),
            NEW_PRECINCT_SD,
        ),
    )


def _train(centred: Floats, past: _Past, kind: str, now_year: float) -> tuple[Floats, float]:
    """Ridge of past elections on their slots with Huber weights, drawn to SLOT_WEIGHTS.

    Elections of the same type and of the same cycle weigh more; returns the coefficients
    and the robust log spread of the residuals.
    """
    base = np.array(SLOT_WEIGHTS)
    rows, targets, weights = [], [], []
    for e in range(max(2, len(past.ids) - MAX_TARGETS), len(past.ids)):
        slots = _slots(centred, past, float(past.years[e]), past.kinds[e])
        if slots is None:
            continue
        use = np.isfinite(slots).all(axis=1) & np.isfinite(centred[e])
        cycles = (now_year - past.years[e]) / 4
        like = 1.0 if _same(past.kinds[e], kind) else 0.3
        like *= 1 + SAME_CYCLE_WEIGHT * (abs(cycles - round(cycles)) < 0.08)
        rows.append(slots[use])
        targets.append(centred[e][use])
        weights.append(np.full(use.sum(), like) / (0.04 + 1.0 / (past.raw[e][use] + OFFSET)))
    if not rows or sum(len(r) for r in rows) < 30:
        return base, 0.25
    x, y, w = np.concatenate(rows), np.concatenate(targets), np.concatenate(weights)
    w /= w.mean()
    penalty = PENALTY * len(y) * np.eye(x.shape[1])
    beta = base
    for _ in range(4):
        residual = y - x @ beta
        scale = 1.4826 * float(np.median(np.abs(residual))) + 1e-6
        huber = w * np.minimum(1.0, 1.5 * scale / np.maximum(np.abs(residual), 1e-9))
        gram = (x * huber[:, None]).T @ x + penalty
        beta = np.linalg.solve(gram, (x * huber[:, None]).T @ y + penalty @ base)
    return beta, float(np.clip(1.4826 * np.median(np.abs(y - x @ beta)), 0.05, 0.6))


def _shape_by_size(shape: Floats, places: Places) -> Floats:
    """Fill precincts without history: by registration where known, else their region, else the city."""
    known = np.isfinite(shape)
    if known.all():
        return shape
    size = np.log(places.registered + OFFSET)
    both = known & np.isfinite(size)
    anchor = (
        float(np.median((shape - size)[both]))
        if both.any()
        else -float(np.median(size[np.isfinite(size)]))
        if np.isfinite(size).any()
        else 0.0
    )
    filled = np.where(known, shape, size + anchor)
    for r in range(len(places.region_names)):
        here = places.region == r
        typical = filled[here & np.isfinite(filled)]
        if len(typical):
            filled[here & ~np.isfinite(filled)] = np.median(typical)
    return np.where(np.isfinite(filled), filled, 0.0)


def _level(past: _Past, now_year: float, kind: str, places: Places) -> tuple[float, float]:
    """Log ballots of the median precinct, and how far such a guess has been off in this place."""
    medians = np.nanmedian(past.log, axis=1)
    now = _level_guess(medians, past, now_year, kind)
    if now is None:
        guess = 0.25 * float(np.nanmedian(places.registered)) if np.isfinite(places.registered).any() else 200.0
        return float(np.log(guess + OFFSET)), 0.8
    errors = []
    for e in range(1, len(past.ids)):
        before = _level_guess(medians, past, float(past.years[e]), past.kinds[e])
        if _same(past.kinds[e], kind) and before is not None:
            errors.append(medians[e] - before)
    errors = errors[-6:]
    # The usual error counts as three elections: a place's own record may be short or lucky.
    usual = LEVEL_SD_GENERAL if _type_of(kind) == "general" else LEVEL_SD_OTHER
    spread = np.sqrt((3 * usual**2 + float(np.square(errors).sum())) / (3 + len(errors)))
    return now, float(np.clip(spread, 0.15, 0.6))


def _level_guess(medians: Floats, past: _Past, before: float, kind: str) -> float | None:
    """Mean of earlier levels, weighted by type, youth and place in the four-year cycle; None before any.

    A general election's turnout follows its cycle; a primary's follows its contest, so that
    the other years count too.
    """
    age = before - past.years
    known = age > 0.02
    if not known.any():
        return None
    same = np.array([_same(k, kind) for k in past.kinds], dtype=bool)
    off_cycle = age / 4 - np.maximum(1, np.round(age / 4))
    cycle = np.exp(-((off_cycle / 0.12) ** 2)) + (0.0 if _type_of(kind) == "general" else 0.1)
    weight = known * np.where(same, 1.0, 0.02) * np.exp(-age / 6) * cycle + 1e-6 * known
    return float(np.average(medians, weights=weight))


def _features(past: _Past, places: Places, log_ballots: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Covariates for the live regression: each younger election, registration, early vote, size.

    Each is taken against the prior (what it says beyond it), then scaled to its own spread;
    a missing value is 0, the prior's own opinion.
    """
    own = log_ballots - np.median(log_ballots)
    columns, names = [own], ["size"]
    for e in range(max(0, len(past.ids) - 10), len(past.ids)):
        columns.append(past.log[e] - np.nanmedian(past.log[e]) - own)
        names.append(past.ids[e])
    for name, value in (("registered", places.registered), ("early vote", places.early)):
        log = np.log(value + OFFSET)
        if np.isfinite(log).sum() >= 10:
            columns.append(log - np.nanmedian(log) - own)
            names.append(name)
    out = np.stack([np.where(np.isfinite(c), np.clip(c, -1.5, 1.5), 0.0) for c in columns], axis=1)
    return out - out.mean(axis=0), tuple(names)
