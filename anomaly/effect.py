"""Did it help: the pace of voting after somebody arrived, against its own expectation and untouched places like it.

For a precinct and a window around the arrival the outcome is a difference of log counts,

    y = log(voters after the arrival) - log(voters before it),

each count starting from a floor of half a voter. The same is computed for precincts that nobody
was sent to, between the same two times. Of these the most similar (size, region, shortfall before) are
taken, a least-squares plane in size, shortfall and pace before is laid through them, and the effect is what
the precinct shows above its own point on the plane: difference-in-differences with bias-corrected matching
(Abadie and Imbens 2011, "Bias-corrected matching estimators"). Without the plane the worst places, which
are the ones that get help, would seem to recover by regression to the mean alone. The interval is
normal-theory: the spread of the untouched around the plane, plus the error of the plane.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t as student

from anomaly.arrays import Bools, Floats, Ints

MOST_MATCHES = 40
LEAST_MATCHES = 8  # below this a spread cannot be told from luck
SETTLE_MINUTES = 30.0  # after an arrival, before a reading can say anything
LEAST_EXPECTED = 10.0  # voters expected after the arrival: fewer drown in counting noise
LEAST_BEFORE = 10  # voters counted before it
TREND_MINUTES = 120.0  # the pace before: a place that was recovering by itself would have gone on
OTHER_REGION = 0.5  # added to the distance: half a standard deviation of size or shortfall
LEVEL = 0.90

State = Literal["measured", "not_arrived", "too_early", "too_few_readings", "no_match"]


@dataclass(frozen=True)
class Dispatch:
    """Somebody sent to one precinct. Times in epoch ms; `arrived_ms` None until somebody is there."""

    alert_id: str
    precinct_id: str
    dispatched_ms: int
    arrived_ms: int | None
    volunteer: str


@dataclass(frozen=True)
class Panel:
    """The readings of a day: N precincts, G minutes since the opening.

    count: believed cumulative ballots (N, G), in between in a straight line along the expectation, NaN
    outside the readings; expected: what each was expected to have by each minute (N, G), its own
    readings left out; minute (G,); size: ballots expected at the close before the day (N,); region (N,).
    """

    ids: tuple[str, ...]
    minute: Floats
    count: Floats
    expected: Floats
    size: Floats
    region: Ints


@dataclass(frozen=True)
class Effect:
    """What is known of one dispatch. `change`: pace after the arrival over what similar untouched places show,
    minus 1 (0.2 = a fifth more voters), with its 90 % interval; `voters`: the same as voters.

    seen, expected: voters between the two times, counted and by the precinct's own expectation at the level it
    had before; matches: untouched precincts compared with; log_change: the estimate as computed; spread: of the
    untouched around the plane; plane_sd: error of the plane; exposed: share of the window after the arrival.
    """

    precinct_id: str
    state: State
    from_min: float | None = None
    to_min: float | None = None
    seen: float | None = None
    expected: float | None = None
    matches: int = 0
    log_change: float | None = None
    spread: float = 0.0
    plane_sd: float = 0.0
    freedom: int = 0
    exposed: float = 1.0

    @property
    def change(self) -> tuple[float, float, float] | None:
        """(estimate, low, high), or None where nothing can be said."""
        if self.log_change is None:
            return None
        mid, low, high = _change(self._bounds(), self.exposed).tolist()
        return mid, low, high

    @property
    def voters(self) -> tuple[float, float, float] | None:
        """Voters more than without the visit: (estimate, low, high)."""
        if self.log_change is None or self.seen is None:
            return None
        mid, low, high = (self.seen * -np.expm1(-self._bounds())).tolist()
        return mid, low, high

    def _bounds(self) -> Floats:
        half = float(student.ppf(0.5 + LEVEL / 2, max(1, self.freedom))) * float(np.hypot(self.spread, self.plane_sd))
        change = self.log_change or 0.0
        return np.array([change, change - half, change + half])


def panel_of(
    ids: Sequence[str],
    minute: Floats,
    readings: Sequence[tuple[Floats, Floats]],
    expected: Floats,
    size: Floats,
    region: Ints,
) -> Panel:
    """A panel from the believed readings of each precinct: (minutes ascending, counts) by precinct."""
    count = np.full(expected.shape, np.nan)
    for i, (at, counted) in enumerate(readings):
        if len(at) == 0:
            continue
        # Between two readings the count follows the expected course, not the clock.
        gone, course = np.interp(at, minute, expected[i]), expected[i]
        inside = (minute >= at[0] - 1e-9) & (minute <= at[-1] + 1e-9)
        count[i, inside] = np.interp(course[inside], gone, counted)
    return Panel(tuple(ids), minute, count, expected, size, region)


def effect_of(panel: Panel, i: int, arrived_min: float | None, touched: Bools, last_min: float | None = None) -> Effect:
    """The effect of an arrival at precinct `i` (index into the panel).

    touched (N,): precincts that got help at any time, left out of the comparison; last_min: judge by readings up
    to this minute (default: the last one). Minutes since the opening.
    """
    name = panel.ids[i]
    if arrived_min is None:
        return Effect(name, "not_arrived")
    heard = np.flatnonzero(np.isfinite(panel.count[i]) & (panel.minute <= (np.inf if last_min is None else last_min)))
    if not len(heard) or panel.minute[heard[0]] > arrived_min:
        return Effect(name, "too_few_readings")
    before = int(heard[panel.minute[heard] <= arrived_min][-1])
    after = int(heard[-1])
    if panel.count[i, before] < LEAST_BEFORE:
        return Effect(name, "too_few_readings")
    level = panel.count[i, before] / max(panel.expected[i, before], 1e-9)
    due = level * (panel.expected[i, after] - panel.expected[i, before])
    if panel.minute[after] < arrived_min + SETTLE_MINUTES or due < LEAST_EXPECTED:
        return Effect(name, "too_early")
    outcome, traits = _outcome(panel, before, after)
    others = _similar(panel, i, traits, outcome, touched)
    window = (float(panel.minute[before]), float(panel.minute[after]))
    seen = float(panel.count[i, after] - panel.count[i, before])
    if len(others) < LEAST_MATCHES:
        return Effect(name, "no_match", *window, seen, due, len(others))
    gap, spread, plane_sd, freedom = _above_the_plane(i, others, outcome, traits)
    exposed = _exposed(panel, i, arrived_min, before, after)
    return Effect(name, "measured", *window, seen, due, len(others), gap, spread, plane_sd, freedom, exposed)


def pooled(effects: Sequence[Effect]) -> tuple[float, float, float] | None:
    """The common change of pace of all measured dispatches, weighted by precision: (estimate, low, high).

    None where nothing is measured. Dispatches near one another are compared with the same precincts: the
    errors of their planes are taken as one error, which is on the safe side.
    """
    rows = [e for e in effects if e.state == "measured" and e.log_change is not None]
    if not rows:
        return None
    log_change = np.array([e.log_change or 0.0 for e in rows])
    exposed = np.array([e.exposed for e in rows])
    spread, plane = np.array([e.spread for e in rows]), np.array([e.plane_sd for e in rows])
    weight = exposed / np.maximum(spread, 1e-6) ** 2  # least squares of log_change on exposed, through zero
    weight /= weight.sum()
    half = 1.6449 * float(np.sqrt(weight**2 @ spread**2 + (weight @ plane) ** 2))
    bounds = float(weight @ log_change) + np.array([0.0, -half, half])
    mid, low, high = _change(bounds, float(weight @ exposed)).tolist()
    return mid, low, high


def _change(log_change: Floats, exposed: float) -> Floats:
    """Change of pace after the arrival; no pace falls by more than all of it.

    The window begins with a reading, before the arrival: what changed, changed in the `exposed` part of it.
    """
    return np.asarray(np.maximum(np.expm1(log_change) / exposed, -1.0))


def _outcome(panel: Panel, before: int, after: int) -> tuple[Floats, Floats]:
    """Outcome of each precinct (N,), less the expected course, and what it is explained by (N, 3).

    Log size, log shortfall before, and its change over the last two hours.
    """
    c0, c1 = panel.count[:, before], panel.count[:, after]
    e0, e1 = panel.expected[:, before], panel.expected[:, after]
    earlier = int(np.searchsorted(panel.minute, panel.minute[before] - TREND_MINUTES))
    with np.errstate(invalid="ignore", divide="ignore"):
        gained = np.log((c1 - c0 + 0.5) / (c0 + 0.5)) - np.log((e1 - e0 + 0.5) / (e0 + 0.5))
        short = np.log((c0 + 0.5) / (e0 + 0.5))
        trend = short - np.log((panel.count[:, earlier] + 0.5) / (panel.expected[:, earlier] + 0.5))
    known = np.where(np.isfinite(trend), trend, 0.0)  # first heard of less than two hours ago
    return gained, np.column_stack([np.log(np.maximum(panel.size, 1.0)), short, known])


def _similar(panel: Panel, i: int, traits: Floats, outcome: Floats, touched: Bools) -> Ints:
    """The untouched precincts nearest in traits, those of other regions a step further off."""
    usable = np.isfinite(outcome) & np.isfinite(traits).all(axis=1) & ~touched
    usable[i] = False
    at = np.flatnonzero(usable)
    if not len(at):
        return at
    scale = np.maximum(traits[at].std(axis=0), 1e-6)
    apart = (((traits[at] - traits[i]) / scale) ** 2).sum(axis=1)
    apart += OTHER_REGION**2 * (panel.region[at] != panel.region[i])
    return np.asarray(at[np.argsort(apart, kind="stable")[:MOST_MATCHES]])


def _above_the_plane(i: int, others: Ints, outcome: Floats, traits: Floats) -> tuple[float, float, float, int]:
    """How far the precinct lies above a plane through the others; their spread; the plane's error; freedom."""
    design = np.column_stack([np.ones(len(others)), traits[others] - traits[i]])
    weights, *_ = np.linalg.lstsq(design, outcome[others], rcond=None)
    rest = outcome[others] - design @ weights
    freedom = len(others) - design.shape[1]
    spread = float(np.sqrt(rest @ rest / freedom))
    inverse = np.linalg.pinv(design.T @ design)
    return float(outcome[i] - weights[0]), spread, spread * float(np.sqrt(max(inverse[0, 0], 0.0))), freedom


def _exposed(panel: Panel, i: int, arrived_min: float, before: int, after: int) -> float:
    """Share of the window's expected voters who came after the arrival: the window begins with a reading."""
    course = panel.expected[i]
    start = float(np.interp(arrived_min, panel.minute, course))
    whole = max(float(course[after] - course[before]), 1e-9)
    return float(np.clip((course[after] - start) / whole, 0.2, 1.0))
