"""The facts of a model card: what the model was told, what it expects, how well it would have done.

After Mitchell et al., "Model Cards for Model Reporting" (2019). Plain numbers and texts
only, so that a page, a script or a test can read them alike.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from anomaly.arrays import Floats
from anomaly.curve import STARTING_CURVES, shape_kernel
from anomaly.forecast import Z90
from anomaly.frames import DayFrames
from anomaly.heldout import Outcome, Span, ballots_of, folds, hold_out, hold_out_all
from anomaly.live import LiveModel
from anomaly.recorded import RecordedDay

NEWEST = 10  # past elections that are held out
NEWEST_NEEDS = 5  # of these, on how many each input is left out in turn
NOMINAL = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
CURVE_POINTS = 60.0  # minutes between the points of the day curve

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class PastElection:
    """An election of history.csv. precincts: of today's, how many it covers; ballots: on those."""

    election_id: str
    date: str
    type: str
    party: str
    precincts: int
    ballots: float


@dataclass(frozen=True)
class DataFacts:
    """What the day folder holds, as counts of precincts unless named otherwise; `early_ballots` None = no file."""

    precincts: int
    sites: int
    regions: int
    with_site: int
    with_region: int
    with_registration: int
    registered_voters: float
    with_coordinates: int
    with_history: int
    with_early: int
    early_ballots: float | None
    early_as_of: str
    elections: tuple[PastElection, ...]


@dataclass(frozen=True)
class Expected:
    """Election-day ballots expected before the first report; 90 % intervals.

    regions: (name, precincts, ballots). precinct: the median precinct's ballots. level_sd and
    spread: log standard deviations of the citywide level and of a precinct's own turnout.
    """

    total: Span
    regions: tuple[tuple[str, int, Span], ...]
    precinct: Span
    like: str
    level_sd: float
    spread: float


@dataclass(frozen=True)
class Reliability:
    """Observed share of precincts inside a central interval of nominal size: mean and range over elections."""

    nominal: float
    observed: Span


@dataclass(frozen=True)
class Need:
    """How much worse the geography gets without one input: median error as a share, range over elections."""

    name: str
    error: Span
    worse: Span


@dataclass(frozen=True)
class CurveFacts:
    """Share (0-1) of the day's ballots cast by each minute since opening, with a 90 % band; (name, source) used."""

    minutes: tuple[float, ...]
    share: tuple[Span, ...]
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CardFacts:
    """Everything that a model card says. Empty tuples and None say that something could not be known."""

    name: str
    date: str
    type: str
    party: str
    hours: str
    data: DataFacts
    expected: Expected
    held_out: tuple[Outcome, ...]
    calibration: tuple[Reliability, ...]
    calibration_level: tuple[Reliability, ...]
    needs: tuple[Need, ...]
    curve: CurveFacts
    recorded: RecordedDay | None


def card_facts(frames: DayFrames, recorded: RecordedDay | None = None, progress: Progress | None = None) -> CardFacts:
    """All facts of the day's model. Raises ValueError when the day has no precincts."""
    model = LiveModel(frames)
    held_out = hold_out_all(frames, NEWEST, progress)
    needs = _needs(frames, held_out[-NEWEST_NEEDS:], progress)
    day = frames.day
    return CardFacts(
        name=day.name,
        date=day.date.isoformat(),
        type=str(day.type),
        party=day.party,
        hours=f"{day.polls_open:%H:%M}–{day.polls_close:%H:%M} {day.timezone}",
        data=_data(frames, model),
        expected=_expected(model),
        held_out=tuple(held_out),
        calibration=reliability([o.pit for o in held_out]),
        calibration_level=reliability([o.pit_level for o in held_out]),
        needs=needs,
        curve=_curve(model),
        recorded=recorded,
    )


def _data(frames: DayFrames, model: LiveModel) -> DataFacts:
    places, early = model.places, frames.early_vote
    elections = _elections(frames)
    covered = [np.isfinite(ballots_of(frames.history, e.election_id, frames)) for e in elections]
    named = sum(1 for name in places.region_names if name)
    whole = places.count
    return DataFacts(
        precincts=whole,
        sites=len(places.site_names),
        regions=named,
        with_site=int((places.site >= 0).sum()),
        with_region=int(sum(bool(places.region_names[r]) for r in places.region)),
        with_registration=int(np.isfinite(places.registered).sum()),
        registered_voters=float(np.nansum(places.registered)),
        with_coordinates=int((np.isfinite(places.lat) & np.isfinite(places.lon)).sum()),
        with_history=int(np.any(covered, axis=0).sum()) if covered else 0,
        with_early=int(np.isfinite(places.early).sum()),
        early_ballots=None if early is None or early.empty else float(np.nansum(places.early)),
        early_as_of="" if early is None or early.empty else _local_date(early["as_of"].max(), frames),
        elections=tuple(elections),
    )


def _local_date(moment: object, frames: DayFrames) -> str:
    """The day's own date of a moment; text stays as it is."""
    if isinstance(moment, pd.Timestamp) and moment.tzinfo is not None:
        moment = moment.tz_convert(frames.day.tz)
    return str(moment)[:10]


def _elections(frames: DayFrames) -> list[PastElection]:
    history = frames.history
    if history.empty:
        return []
    out = []
    for name, rows in history.groupby("election_id"):
        ballots = ballots_of(history, str(name), frames)
        first = rows.iloc[0]
        party = str(first["party"]) if "party" in rows and isinstance(first["party"], str) else ""
        out.append(
            PastElection(
                str(name),
                str(pd.Timestamp(first["date"]).date()),
                str(first["type"]),
                party,
                int(np.isfinite(ballots).sum()),
                float(np.nansum(ballots)),
            )
        )
    return sorted(out, key=lambda e: (e.date, e.election_id))


def _expected(model: LiveModel) -> Expected:
    forecast = model.forecast(0.0)
    size = np.bincount(model.places.region, minlength=len(model.places.region_names))
    precincts = {name or "(no region)": int(n) for name, n in zip(model.places.region_names, size, strict=True)}
    totals = {name: Span(t.value, t.low, t.high) for name, t in forecast.totals.items()}
    middle = int(np.argsort(forecast.final)[model.places.count // 2])
    return Expected(
        total=totals["ALL"],
        regions=tuple((name, precincts[name], t) for name, t in totals.items() if name != "ALL"),
        precinct=Span(*(float(x[middle]) for x in (forecast.final, forecast.final_low, forecast.final_high))),
        like=model.prior.like,
        level_sd=model.prior.level_sd,
        spread=float(np.median(model.fit.spread())),
    )


def reliability(pits: list[Floats]) -> tuple[Reliability, ...]:
    """Nominal against observed coverage; each election counts once, whatever its size."""
    if not pits:
        return ()
    out = []
    for nominal in NOMINAL:
        inside = [float(np.mean(np.abs(pit - 0.5) <= nominal / 2)) for pit in pits]
        out.append(Reliability(nominal, Span(float(np.mean(inside)), min(inside), max(inside))))
    return tuple(out)


def over_elections(values: list[float]) -> Span:
    """Median and range."""
    return Span(float(np.median(values)), min(values), max(values))


def _needs(frames: DayFrames, held_out: list[Outcome], progress: Progress | None) -> tuple[Need, ...]:
    """Each input left out and the prior learned anew (drop-column importance), on the newest folds."""
    todo = folds(frames, NEWEST_NEEDS)
    whole = {o.election_id: o.model_level.median.value for o in held_out}
    found: dict[str, list[tuple[float, float]]] = {}
    for number, (fold, outcome) in enumerate(zip(todo, held_out, strict=True), 1):
        for name, less in _without(fold.frames, outcome.like):
            if less.history.empty:
                continue
            error = hold_out(replace(fold, frames=less)).model_level.median.value
            found.setdefault(name, []).append((error, error - whole[fold.election_id]))
        if progress is not None:
            progress(number, len(todo))
    needs = [
        Need(name, over_elections([e for e, _ in seen]), over_elections([w for _, w in seen]))
        for name, seen in found.items()
    ]
    return tuple(sorted(needs, key=lambda need: -need.worse.value))


def _without(frames: DayFrames, like: str) -> list[tuple[str, DayFrames]]:
    history, day = frames.history, frames.day
    years = (pd.Timestamp(day.date) - pd.to_datetime(history["date"])).dt.days / 365.25
    same = history["type"] == day.type
    comparable = history["election_id"] == like
    ways = [
        ("the most comparable election", replace(frames, history=history[~comparable])),
        ("every election of the same type", replace(frames, history=history[~same])),
        ("every election of another type", replace(frames, history=history[same])),
        ("the elections of the last two years", replace(frames, history=history[years > 2.1])),
        ("everything older than five years", replace(frames, history=history[years < 5.1])),
    ]
    if "registered" in frames.precincts and frames.precincts["registered"].notna().any():
        ways.append(("registration", replace(frames, precincts=frames.precincts.assign(registered=np.nan))))
    return ways


def _curve(model: LiveModel) -> CurveFacts:
    fit = model.fit
    minutes = np.append(np.arange(0.0, fit.bins.minutes_open, CURVE_POINTS), fit.bins.minutes_open)
    rate = np.exp(fit.rate_prior.mean)
    share = fit.bins.elapsed(minutes) @ rate / rate.sum()
    grid = np.maximum(minutes, 1.0)
    sd = np.sqrt(np.diag(shape_kernel(fit.rate_prior.mean, fit.bins, fit.rate_prior.city, grid)))
    low, high = share * np.exp(-Z90 * sd), np.minimum(share * np.exp(Z90 * sd), 1.0)
    return CurveFacts(
        tuple(minutes.tolist()),
        tuple(Span(*map(float, three)) for three in zip(share, low, high, strict=True)),
        tuple((c.name, c.source) for c in STARTING_CURVES),
    )
