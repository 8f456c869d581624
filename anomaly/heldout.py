"""Past elections predicted from those before them: how the prior would have done.

Each fold hides one past election and everything after it (a rolling origin), asks the model
for it as if it were the day, before any report, and compares.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import pandas as pd
from scipy.stats import norm

from anomaly.arrays import Bools, Floats
from anomaly.forecast import Z90
from anomaly.frames import DayFrames
from anomaly.live import LiveModel

FIRST = 2  # a fold needs this many elections before it
LEAST_PRECINCTS = 10
LEAST_BALLOTS = 50  # smaller precincts are counting noise in a percentage


@dataclass(frozen=True)
class Span:
    """A figure and what it ranges over, in the unit of the figure."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Fold:
    """One past election: the day as it stood before it, and what was then cast (N,), NaN where unknown."""

    election_id: str
    frames: DayFrames
    actual: Floats


@dataclass(frozen=True)
class Errors:
    """Absolute errors as shares of the ballots cast. median: with a 90 % interval over precincts."""

    median: Span
    p90: float


@dataclass(frozen=True)
class Outcome:
    """How one fold came out; ballots by precinct are election-day ballots of all methods in the history.

    model, usual: errors at the predicted level, of the model and of the last comparable
    election rescaled to the model's total. model_level, usual_level: both rescaled to the
    true total, so that only the geography is compared. pit, pit_level (P,): where the truth
    fell in the model's predictive distribution (0-1), with the level unknown, and known (from
    the median precinct).
    total: forecast of the precincts that have a truth.
    """

    election_id: str
    date: str
    kind: str
    like: str
    earlier: int
    precincts: int
    actual_total: float
    total: Span
    model: Errors
    usual: Errors | None
    model_level: Errors
    usual_level: Errors | None
    pit: Floats
    pit_level: Floats


@dataclass(frozen=True)
class Predicted:
    """A fold's forecast on the precincts that are judged: `pick` (N,), all else (P,).

    final: expected ballots; usual: the last comparable election, rescaled to the same total.
    sd, own_sd: log standard deviations with the level unknown and known.
    """

    pick: Bools
    actual: Floats
    final: Floats
    usual: Floats | None
    sd: Floats
    own_sd: Floats
    total: Span
    like: str


def folds(frames: DayFrames, newest: int | None = None) -> list[Fold]:
    """The past elections that can be held out, oldest first; only the `newest` of them where given."""
    history = frames.history
    if history.empty:
        return []
    history = history.assign(precinct_id=history["precinct_id"].astype(str), date=history["date"].astype(str))
    about = history.groupby("election_id").first().sort_values(["date", "type"], kind="stable")
    about = about[about["date"] < frames.day.date.isoformat()]
    found = []
    for name, row in about.iterrows():
        before = history[history["date"] < row["date"]]
        actual = ballots_of(history, str(name), frames)
        if before["election_id"].nunique() >= FIRST and np.isfinite(actual).sum() >= LEAST_PRECINCTS:
            found.append(Fold(str(name), _as_of(frames, row, before), actual))
    return found if newest is None else found[-newest:]


def ballots_of(history: pd.DataFrame, election_id: str, frames: DayFrames) -> Floats:
    """Ballots (N,) of one past election in the order of the day's precincts; NaN where it has none."""
    own = history[history["election_id"].astype(str) == election_id]
    by_precinct = pd.to_numeric(own["ballots"], errors="coerce").groupby(own["precinct_id"].astype(str)).sum()
    ids = frames.precincts["precinct_id"].astype(str)
    return np.asarray(by_precinct.reindex(ids).to_numpy(dtype=np.float64, na_value=np.nan))


def _as_of(frames: DayFrames, row: "pd.Series[str]", before: pd.DataFrame) -> DayFrames:
    """The day as it stood before that election; today's early vote was not known then."""
    party = row["party"] if "party" in row and isinstance(row["party"], str) else ""
    day = msgspec.structs.replace(
        frames.day, date=pd.Timestamp(row["date"]).date(), type=row["type"], party=party, name=str(row.name)
    )
    return replace(frames, day=day, history=before, early_vote=None)


def scored(actual: Floats) -> Bools:
    """Precincts (N,) whose percentage error means something: 50 ballots, or half the median where all are small."""
    known = np.isfinite(actual) & (actual > 0)
    if not known.any():
        return known
    return np.asarray(known & (actual >= min(LEAST_BALLOTS, 0.5 * float(np.median(actual[known])))))


def errors_of(predicted: Floats, actual: Floats) -> Errors:
    """Errors of two arrays (P,) of ballots; `actual` is positive."""
    off = np.sort(np.abs(predicted / actual - 1))
    n = len(off)
    reach = Z90 * np.sqrt(n) / 2  # order statistics: the rank of a median is binomial
    low, high = int(max(n / 2 - reach, 0)), int(min(n / 2 + reach, n - 1))
    median = Span(float(np.median(off)), float(off[low]), float(off[high]))
    return Errors(median, float(np.quantile(off, 0.9)))


def predict(fold: Fold) -> Predicted:
    """Ask the model that runs on the day for a fold, before any report."""
    model = LiveModel(fold.frames)
    forecast = model.forecast(0.0)
    pick, usual, enough = _comparable(scored(fold.actual), model.prior.like_ballots, forecast.final)
    final = forecast.final[pick]
    covered = np.isfinite(fold.actual)
    part = float(forecast.final[covered].sum() / forecast.final.sum())
    whole = forecast.totals["ALL"]
    return Predicted(
        pick=pick,
        actual=fold.actual[pick],
        final=final,
        usual=usual[pick] if enough else None,
        sd=np.log(forecast.final_high[pick] / forecast.final_low[pick]) / (2 * Z90),
        own_sd=np.sqrt(model.fit.spread()[pick] ** 2 + model.fit.noise.dispersion / np.maximum(final, 1.0)),
        total=Span(whole.value * part, whole.low * part, whole.high * part),
        like=model.prior.like,
    )


def hold_out(fold: Fold) -> Outcome:
    """Predict a fold and compare."""
    seen = predict(fold)
    actual, usual, day = seen.actual, seen.usual, fold.frames.day
    off = np.log(actual / seen.final)
    return Outcome(
        election_id=fold.election_id,
        date=day.date.isoformat(),
        kind=" ".join(filter(None, [str(day.type), day.party])),
        like=seen.like,
        earlier=int(fold.frames.history["election_id"].nunique()),
        precincts=len(actual),
        actual_total=float(np.nansum(fold.actual)),
        total=seen.total,
        model=errors_of(seen.final, actual),
        usual=None if usual is None else errors_of(usual, actual),
        model_level=errors_of(at_level(seen.final, actual), actual),
        usual_level=None if usual is None else errors_of(at_level(usual, actual), actual),
        pit=np.asarray(norm.cdf(off / seen.sd)),
        pit_level=np.asarray(norm.cdf((off - np.median(off)) / seen.own_sd)),
    )


def _comparable(pick: Bools, like: Floats, final: Floats) -> tuple[Bools, Floats, bool]:
    """The precincts (N,) on which both sides can be judged, the rescaled election, and whether there is one."""
    usual = like_rescaled(like, final)
    both = pick & np.isfinite(usual)
    enough = bool(both.sum() >= LEAST_PRECINCTS)
    return both if enough else pick, usual, enough


def like_rescaled(like: Floats, final: Floats) -> Floats:
    """An earlier election's ballots (N,), scaled to the total that is forecast for the same precincts."""
    known = np.isfinite(like) & (like > 0)
    if not known.any():
        return np.full(len(final), np.nan)
    return np.where(known, like * final[known].sum() / like[known].sum(), np.nan)


def at_level(predicted: Floats, actual: Floats) -> Floats:
    """The same geography with the true total."""
    return np.asarray(predicted * actual.sum() / predicted.sum())


def hold_out_all(
    frames: DayFrames, newest: int | None = None, progress: Callable[[int, int], None] | None = None
) -> list[Outcome]:
    """Every fold, oldest first; progress(done, all) is called after each."""
    out = []
    todo = folds(frames, newest)
    for number, fold in enumerate(todo, 1):
        out.append(hold_out(fold))
        if progress is not None:
            progress(number, len(todo))
    return out
