"""Redeployment: which volunteers to send where, so that their hours win back most missing voters.

One pure function, `suggest`. The model of recovery, the programme and its limits are told in
docs/redeployment.md; the terms stand in `redeploy_terms`.
"""

import math
import time
from collections import Counter
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from anomaly.arrays import Bools, Floats, Ints
from anomaly.recovery import Curves, recovery_curves
from anomaly.redeploy_choice import Choice
from anomaly.redeploy_floor import floor_rows, remaining
from anomaly.redeploy_near import road_km
from anomaly.redeploy_pairs import Pairs, Standing, find_pairs, stand
from anomaly.redeploy_solve import Answer, solve
from anomaly.redeploy_terms import Helper, Move, RedeployPlan, RedeployProblem, SolveFacts
from anomaly.redeploy_why import cost_words, why_words

__all__ = ["suggest"]

Left = tuple[Counter[str], Counter[str]]  # people left: watchers by site, canvassers by precinct


class Brings(NamedTuple):
    """What one move wins (expected, low, high) and costs, in voters, and its way; km NaN if unknown."""

    won: float
    low: float
    high: float
    lost: float
    km: float


def suggest(problem: RedeployProblem) -> RedeployPlan:
    """Moves that win back the most expected voters, net of what they cost where people leave.

    A move is made only if it wins more than the hours are worth where the person is
    (`RedeployLimits`), so the voters per volunteer-hour stay high. The same problem gives the
    same moves, whatever the order of its helpers and needs, as long as `solve.status` is not
    `time_limit`. Raises ValueError for a problem that contradicts itself.
    """
    started = time.perf_counter()
    _check(problem)
    problem = _in_order(problem)
    curves = recovery_curves(problem.model, problem.needs)
    standing = stand(problem)
    pairs, first = find_pairs(problem, curves, standing)
    stay, unmet = _settle_locks(problem, pairs, standing)
    pairs, first = pairs.only(stay), first[stay]
    choice = Choice(
        pairs, curves, standing, floor_rows(problem), _room(problem, pairs, standing), problem.limits.max_moves
    )
    spent = time.perf_counter() - started
    answer = solve(choice, first, max(0.1, problem.limits.time_limit_s - spent))
    facts = SolveFacts(
        status=answer.status,
        seconds=time.perf_counter() - started,
        gap=answer.gap,
        candidates=len(pairs.helper),
        helpers=len(problem.helpers),
        needs=len(problem.needs),
        objective=answer.worth,
    )
    return _plan(problem, choice, answer, facts, unmet)


def _check(problem: RedeployProblem) -> None:
    wrong: list[str] = []
    for what, ids in (
        ("volunteer", [h.volunteer_id for h in problem.helpers]),
        ("precinct", [n.precinct_id for n in problem.needs]),
    ):
        if len(set(ids)) < len(ids):
            wrong.append(f"a {what} is listed twice")
    for need in problem.needs:
        if not need.shortfall_low <= need.shortfall <= need.shortfall_high or not 0 <= need.probability <= 1:
            wrong.append(f"{need.precinct_id}: shortfall outside its interval, or probability outside 0-1")
    shape = (len(problem.helpers), len(problem.needs))
    if problem.travel_minutes is not None and problem.travel_minutes.shape != shape:
        wrong.append(f"travel_minutes must have shape {shape}, found {problem.travel_minutes.shape}")
    if not (math.isfinite(problem.now_min) and math.isfinite(problem.close_min)):
        wrong.append("now_min and close_min must be finite")
    if wrong:
        raise ValueError("redeployment: " + "; ".join(wrong))


def _in_order(problem: RedeployProblem) -> RedeployProblem:
    """The same problem with helpers and needs sorted by id, so that ties never hang on input order."""
    rows = sorted(range(len(problem.helpers)), key=lambda k: problem.helpers[k].volunteer_id)
    columns = sorted(range(len(problem.needs)), key=lambda k: problem.needs[k].precinct_id)
    table = problem.travel_minutes
    return replace(
        problem,
        helpers=tuple(problem.helpers[k] for k in rows),
        needs=tuple(problem.needs[k] for k in columns),
        travel_minutes=None if table is None else table[np.ix_(rows, columns)],
    )


def _settle_locks(
    problem: RedeployProblem, pairs: Pairs, standing: Standing
) -> tuple[Bools, tuple[tuple[str, str, str], ...]]:
    """Which pairs stay, with one locked pair for each volunteer; and which accepted moves cannot be kept."""
    ids = [h.volunteer_id for h in problem.helpers]
    names = [n.precinct_id for n in problem.needs]
    found = {(ids[i], names[j]) for i, j in zip(pairs.helper[pairs.locked], pairs.need[pairs.locked], strict=True)}
    kept: dict[str, str] = {}
    unmet = []
    for volunteer, precinct in sorted(problem.locked):
        if (volunteer, precinct) not in found:
            unmet.append((volunteer, precinct, _no_lock(problem, standing, volunteer, precinct)))
        elif volunteer in kept:
            unmet.append((volunteer, precinct, f"accepted for {kept[volunteer]} as well"))
        else:
            kept[volunteer] = precinct
    twice = [
        bool(lock) and kept[ids[i]] != names[j]
        for i, j, lock in zip(pairs.helper, pairs.need, pairs.locked, strict=True)
    ]
    stay = ~np.array(twice, bool)
    return stay, tuple(unmet)


def _no_lock(problem: RedeployProblem, standing: Standing, volunteer: str, precinct: str) -> str:
    rows = [k for k, h in enumerate(problem.helpers) if h.volunteer_id == volunteer]
    columns = [k for k, n in enumerate(problem.needs) if n.precinct_id == precinct]
    if not rows:
        return "volunteer not on the list"
    if not columns:
        return "precinct no longer in need"
    if standing.need[rows[0]] == columns[0]:
        return "already there"
    return "no time left to get there and work"


def _room(problem: RedeployProblem, pairs: Pairs, standing: Standing) -> Ints:
    size = len(problem.needs)
    here = np.bincount(standing.need[standing.need >= 0], minlength=size)
    locked = np.bincount(pairs.need[pairs.locked], minlength=size)
    most = np.array([n.max_people for n in problem.needs], np.int64)
    room: Ints = np.maximum(np.maximum(most - here, 0), locked)
    return room


def _plan(
    problem: RedeployProblem,
    choice: Choice,
    answer: Answer,
    facts: SolveFacts,
    unmet: tuple[tuple[str, str, str], ...],
) -> RedeployPlan:
    moves = sorted(_moves(problem, choice, answer.taken), key=lambda m: (-m.voters_per_hour, m.volunteer_id))
    hours = sum(m.hours_there + m.travel_minutes / 60.0 for m in moves)
    expected = sum(m.expected_voters for m in moves)
    made = {(m.volunteer_id, m.to_precinct) for m in moves}
    return RedeployPlan(
        moves=tuple(moves),
        expected_voters=expected,
        origin_voters=sum(m.origin_voters for m in moves),
        volunteer_hours=hours,
        voters_per_hour=expected / hours if hours else 0.0,
        travel_km=sum(m.travel_km or 0.0 for m in moves),
        changed=sum(pair not in made for pair in problem.previous.items()),
        solve=facts,
        unmet_locks=unmet,
    )


def _moves(problem: RedeployProblem, choice: Choice, taken: Ints) -> list[Move]:
    pairs, curves = choice.pairs, choice.curves
    hours = choice.hours_with(taken)
    come = np.bincount(pairs.need[taken], pairs.effective[taken], minlength=len(hours)).astype(float)
    part = pairs.effective[taken] / np.where(come[pairs.need[taken]] > 0, come[pairs.need[taken]], 1.0)
    won, low, high = (p * part for p in _won_by(curves, pairs.need[taken], hours, come, problem))
    left = remaining(problem, set(pairs.helper[taken].tolist()))
    lost = _lost_by(problem, choice, taken, hours)
    km = road_km(problem, pairs.helper[taken], pairs.need[taken])
    return [
        _move(problem, pairs, int(k), Brings(*(float(a[i]) for a in (won, low, high, lost, km))), left)
        for i, k in enumerate(taken)
    ]


def _won_by(
    curves: Curves, need: Ints, hours: Floats, come: Floats, problem: RedeployProblem
) -> tuple[Floats, Floats, Floats]:
    """What the arrivals add to those who stay: expected, low, high; each in the order of `need`."""
    after, before = hours[need], hours[need] - come[need]
    low_after, high_after = curves.bounds(need, after, problem.model)
    low_before, high_before = curves.bounds(need, before, problem.model)
    return curves.value(need, after) - curves.value(need, before), low_after - low_before, high_after - high_before


def _lost_by(problem: RedeployProblem, choice: Choice, taken: Ints, hours: Floats) -> Floats:
    """Voters lost at the origin of each move, shared by those who leave the same precinct."""
    standing, limits, who = choice.standing, problem.limits, choice.pairs.helper[taken]
    covers = np.array([problem.helpers[int(k)].covers for k in who], bool)
    lost = standing.hours[who] * np.where(covers, limits.watcher_hour_voters, limits.ordinary_hour_voters)
    home = standing.need[who]
    at = home >= 0
    gone = np.bincount(home[at], standing.effective[who[at]], minlength=len(hours)).astype(float)
    there = home[at]
    whole = choice.curves.value(there, hours[there] + gone[there]) - choice.curves.value(there, hours[there])
    lost[at] = whole * standing.effective[who[at]] / np.maximum(gone[there], 1e-9)
    return lost


def _move(problem: RedeployProblem, pairs: Pairs, k: int, brings: Brings, left: Left) -> Move:
    i, j = int(pairs.helper[k]), int(pairs.need[k])
    helper, need = problem.helpers[i], problem.needs[j]
    travel, hours = float(pairs.travel_minutes[k]), float(pairs.hours[k])
    km = None if math.isnan(brings.km) else brings.km
    arrives = problem.now_min + problem.limits.notice_minutes + travel
    draft = Move(
        volunteer_id=helper.volunteer_id,
        from_site=helper.site_id,
        from_precinct=helper.precinct_id,
        to_precinct=need.precinct_id,
        to_site=need.site_id,
        by_car=helper.has_car if km is None else problem.streets.drives(km, helper.has_car),
        travel_minutes=travel,
        travel_km=km,
        arrives_min=arrives,
        leaves_min=_leaves(problem, helper),
        hours_there=hours,
        expected_voters=brings.won,
        expected_low=brings.low,
        expected_high=brings.high,
        voters_per_hour=brings.won / (hours + travel / 60.0),
        origin_voters=brings.lost,
        cost_at_origin=cost_words(problem, i, left[0][helper.site_id], left[1][helper.precinct_id], brings.lost),
        why="",
        locked=bool(pairs.locked[k]),
        kept=problem.previous.get(helper.volunteer_id) == need.precinct_id,
    )
    return replace(draft, why=why_words(problem, i, j, draft))


def _leaves(problem: RedeployProblem, helper: Helper) -> float:
    last = problem.now_min + 60.0 * problem.limits.horizon_hours
    last = min(last, problem.close_min - problem.limits.last_contact_minutes)
    return last if helper.shift_end_min is None else min(helper.shift_end_min, last)
