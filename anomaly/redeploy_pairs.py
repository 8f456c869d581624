"""Who could go where: every pair that breaks no rule, pruned to those a good plan could use."""

from dataclasses import dataclass

import numpy as np

from anomaly.arrays import Bools, Floats, Ints
from anomaly.recovery import Curves
from anomaly.redeploy_terms import Helper, RedeployProblem
from anomaly.travel import great_circle_km

SAME_SITE_MINUTES = 5.0  # between two precincts of one building, where no position is known
TIE_VOTERS = 2e-6  # per rank: enough for the solver to see, too little to matter


@dataclass(frozen=True)
class Pairs:
    """Allowed (helper, need) pairs, sorted by helper, then need; indices into the sorted problem.

    `hours`: work there before the shift or the polls end; `effective`: the same, longer where a
    helpful language is spoken; `cost`: voters paid for the move by itself (origin hours, churn).
    """

    helper: Ints
    need: Ints
    travel_minutes: Floats
    hours: Floats
    effective: Floats
    cost: Floats
    locked: Bools


@dataclass(frozen=True)
class Standing:
    """What each helper does if not moved: `need` they are at (-1 for none), hours left there."""

    need: Ints
    hours: Floats
    effective: Floats


def stand(problem: RedeployProblem) -> Standing:
    """Present assignments as precincts in need. A person who covers a site does no canvassing there."""
    row = {need.precinct_id: k for k, need in enumerate(problem.needs)}
    at = np.array([-1 if h.covers else row.get(h.precinct_id, -1) for h in problem.helpers], np.int64)
    hours = np.maximum(_hours_left(problem), 0.0)
    gain = np.array([_speaks(problem, i, j) if j >= 0 else False for i, j in enumerate(at.tolist())], bool)
    effective = np.where(at >= 0, hours * (1.0 + problem.model.language_gain * gain), 0.0)
    return Standing(at, hours, effective)


def find_pairs(problem: RedeployProblem, curves: Curves, standing: Standing) -> Pairs:
    """The best needs of each helper and the nearest helpers of each need, and every locked or earlier pair."""
    shape = (len(problem.helpers), len(problem.needs))
    if 0 in shape:
        none = np.zeros(0)
        return Pairs(none.astype(int), none.astype(int), none, none, none, none, none.astype(bool))
    travel = travel_table(problem)
    hours = _hours_left(problem)[:, None] - (travel + problem.limits.notice_minutes) / 60.0
    effective = hours * (1.0 + problem.model.language_gain * _helped(problem))
    forced, wanted = _marked(problem)
    allowed = _allowed(problem, standing, travel, hours) | (forced & (hours > 0))
    cost = _cost(problem, standing)[:, None] - problem.limits.churn_voters * wanted
    net = _alone(curves, np.maximum(effective, 0.0)) - cost
    useful = allowed & (net > 0)
    # a volunteer locked elsewhere needs no alternatives
    useful &= ~forced.any(axis=1)[:, None] | forced
    keep = (_best(np.where(useful, net, -np.inf), problem.limits.best_per_helper)) | (
        _best(np.where(useful, -travel, -np.inf).T, problem.limits.nearest_per_need).T
    )
    helper, need = np.nonzero((keep & useful) | (wanted & useful) | (forced & allowed))
    ties = TIE_VOTERS * (helper / shape[0] + need / shape[1])
    return Pairs(
        helper.astype(np.int64),
        need.astype(np.int64),
        travel[helper, need],
        hours[helper, need],
        effective[helper, need],
        cost[helper, need] + ties,
        forced[helper, need],
    )


def travel_table(problem: RedeployProblem) -> Floats:
    """Minutes, shape (helpers, needs); inf where nobody can say."""
    origins = np.array([[_nan(h.lat), _nan(h.lon)] for h in problem.helpers]).reshape(-1, 2)
    places = np.array([[_nan(n.lat), _nan(n.lon)] for n in problem.needs]).reshape(-1, 2)
    table = problem.streets.minutes(origins, np.array([h.has_car for h in problem.helpers], bool), places)
    if problem.travel_minutes is not None:
        table = np.where(np.isnan(problem.travel_minutes), table, problem.travel_minutes)
    if np.isnan(table).any():
        site = np.array([h.site_id for h in problem.helpers])[:, None]
        same = (site == np.array([n.site_id for n in problem.needs])[None]) & (site != "")
        table = np.where(np.isnan(table), np.where(same, SAME_SITE_MINUTES, np.inf), table)
    return table


def road_km(problem: RedeployProblem, helper: int, need: int) -> float | None:
    """Kilometres of road of one pair by the formula; None where a place is unknown."""
    a, b = problem.helpers[helper], problem.needs[need]
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    straight = great_circle_km(np.array([[a.lat, a.lon]]), np.array([[b.lat, b.lon]]))
    return float(straight[0, 0]) * problem.streets.street_factor


def _hours_left(problem: RedeployProblem) -> Floats:
    last = problem.close_min - problem.limits.last_contact_minutes
    return np.array([_minutes_left(h, problem.now_min, last) for h in problem.helpers]) / 60.0


def _minutes_left(helper: Helper, now: float, last: float) -> float:
    end = last if helper.shift_end_min is None else min(helper.shift_end_min, last)
    due = helper.break_at_min
    rest = helper.break_minutes if due is not None and now <= due < end else 0.0
    return end - now - rest


def _allowed(problem: RedeployProblem, standing: Standing, travel: Floats, hours: Floats) -> Bools:
    limits = problem.limits
    fits: Bools = (hours >= limits.min_hours_there) & (travel <= limits.max_travel_minutes)
    free = [
        h.volunteer_id not in problem.held and (h.shift_start_min is None or h.shift_start_min <= problem.now_min)
        for h in problem.helpers
    ]
    fits &= np.array(free, bool)[:, None]
    here = np.flatnonzero(standing.need >= 0)
    fits[here, standing.need[here]] = False
    _demand(fits, [h.skills for h in problem.helpers], [n.required_skills for n in problem.needs], every=True)
    speak = [n.required_languages for n in problem.needs]
    _demand(fits, [h.languages for h in problem.helpers], speak, every=False)
    rows, columns = _ranks(problem)
    for volunteer, precinct in problem.refused:
        if volunteer in rows and precinct in columns:
            fits[rows[volunteer], columns[precinct]] = False
    return fits


def _demand(fits: Bools, have: list[frozenset[str]], need: list[frozenset[str]], every: bool) -> None:
    """Strike out pairs whose helper lacks what the need asks for; distinct sets are compared once."""
    for asked in set(need) - {frozenset()}:
        able = np.array([asked <= mine if every else bool(asked & mine) for mine in have], bool)
        columns = np.array([wanted == asked for wanted in need], bool)
        fits[np.ix_(~able, columns)] = False


def _helped(problem: RedeployProblem) -> Bools:
    helped = np.zeros((len(problem.helpers), len(problem.needs)), bool)
    languages = [n.helpful_languages for n in problem.needs]
    for spoken in set(languages) - {frozenset()}:
        able = np.array([bool(spoken & h.languages) for h in problem.helpers], bool)
        helped[np.ix_(able, np.array([lang == spoken for lang in languages], bool))] = True
    return helped


def _speaks(problem: RedeployProblem, helper: int, need: int) -> bool:
    return bool(problem.helpers[helper].languages & problem.needs[need].helpful_languages)


def _marked(problem: RedeployProblem) -> tuple[Bools, Bools]:
    rows, columns = _ranks(problem)
    forced = np.zeros((len(rows), len(columns)), bool)
    wanted = forced.copy()
    for marks, pairs in ((forced, problem.locked), (wanted, problem.previous.items())):
        for volunteer, precinct in pairs:
            if volunteer in rows and precinct in columns:
                marks[rows[volunteer], columns[precinct]] = True
    return forced, wanted


def _ranks(problem: RedeployProblem) -> tuple[dict[str, int], dict[str, int]]:
    rows = {h.volunteer_id: k for k, h in enumerate(problem.helpers)}
    return rows, {n.precinct_id: k for k, n in enumerate(problem.needs)}


def _cost(problem: RedeployProblem, standing: Standing) -> Floats:
    # whoever leaves a precinct in need pays by that precinct's own curve, in the solver
    limits = problem.limits
    an_hour = [limits.watcher_hour_voters if h.covers else limits.ordinary_hour_voters for h in problem.helpers]
    return np.where(standing.need >= 0, 0.0, np.array(an_hour) * standing.hours) + limits.move_voters


def _alone(curves: Curves, effective: Floats) -> Floats:
    """About what one person would win alone: the curve at the mean winnable number. Only ranks pairs."""
    mean = np.maximum(curves.winnable @ np.array([0.185, 0.63, 0.185]), 1e-9)
    return -(mean * curves.probability) * np.expm1(-effective * (curves.rate / mean))


def _best(score: Floats, most: int) -> Bools:
    """The `most` highest scores of each row, -inf never; equal scores go to the lower column."""
    keep = np.isfinite(score)
    if score.shape[1] > most:
        edge = -np.partition(-score, most - 1, axis=1)[:, [most - 1]]
        above = score > edge
        level = (score == edge) & keep
        room = most - above.sum(axis=1, keepdims=True)
        keep &= above | (level & (np.cumsum(level, axis=1) <= room))
    return keep


def _nan(value: float | None) -> float:
    return np.nan if value is None else value
