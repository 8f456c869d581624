"""Tiny problems against every possible plan."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomaly.recovery import recovery_curves
from anomaly.redeploy import _in_order, suggest
from anomaly.redeploy_choice import Choice, fits
from anomaly.redeploy_floor import floor_rows
from anomaly.redeploy_flow import flow_choice, offer_places
from anomaly.redeploy_greedy import greedy_choice
from anomaly.redeploy_pairs import find_pairs, stand
from anomaly.redeploy_terms import Helper, Need, RedeployLimits, RedeployProblem

PLENTY = RedeployLimits(best_per_helper=99, nearest_per_need=99, time_limit_s=60.0)


@st.composite
def tiny_problems(draw) -> RedeployProblem:
    places = draw(st.integers(1, 3))
    spot = st.floats(0, 0.04).map(lambda x: round(x, 4))
    needs = []
    for k in range(places):
        short = draw(st.floats(0, 60).map(lambda x: round(x, 1)))
        wide = draw(st.floats(0, 1).map(lambda x: round(x, 2)))
        needs.append(
            Need(
                precinct_id=f"P{k}",
                shortfall=short,
                shortfall_low=short * (1 - wide),
                shortfall_high=short * (1 + wide),
                probability=draw(st.sampled_from([0.5, 0.9, 1.0])),
                kind=draw(st.sampled_from(["low_turnout", "stoppage", "silent"])),
                lat=42.9 + draw(spot),
                lon=-69.2,
                max_people=draw(st.integers(1, 3)),
            )
        )
    helpers = [
        Helper(
            volunteer_id=f"V{k}",
            site_id=draw(st.sampled_from(["A", "B"])),
            precinct_id=draw(st.sampled_from(["", "P0", "P1"])),
            covers=draw(st.booleans()),
            lat=42.9 + draw(spot),
            lon=-69.2,
            has_car=draw(st.booleans()),
            shift_end_min=draw(st.sampled_from([420.0, 500.0, 780.0])),
        )
        for k in range(draw(st.integers(1, 4)))
    ]
    return RedeployProblem(helpers=tuple(helpers), needs=tuple(needs), now_min=300, close_min=780, limits=PLENTY)


def choice_of(problem: RedeployProblem) -> Choice:
    problem = _in_order(problem)
    curves = recovery_curves(problem.model, problem.needs)
    standing = stand(problem)
    pairs, _ = find_pairs(problem, curves, standing)
    here = np.bincount(standing.need[standing.need >= 0], minlength=len(problem.needs))
    room = np.maximum(np.array([n.max_people for n in problem.needs]) - here, 0)
    return Choice(pairs, curves, standing, floor_rows(problem), room)


def best_of_all(choice: Choice) -> float:
    options = [
        [None, *np.flatnonzero(choice.pairs.helper == k).tolist()] for k in sorted(set(choice.pairs.helper.tolist()))
    ]
    plans = (np.array([k for k in plan if k is not None], np.int64) for plan in product(*options))
    return max((choice.worth(plan) for plan in plans if fits(choice, plan)), default=0.0)


@settings(max_examples=25, deadline=None)
@given(tiny_problems())
def test_a_tiny_plan_is_as_good_as_the_best_of_all_plans(problem):
    found = suggest(problem).solve.objective
    best = best_of_all(choice_of(problem))
    assert found <= best + 1e-9
    assert found >= best - 0.01 * abs(best) - 1e-3  # the curves are cut into chords


@settings(max_examples=25, deadline=None)
@given(tiny_problems(), st.floats(1.0, 4.0), st.integers(0, 2))
def test_more_shortfall_never_lowers_what_a_precinct_is_given(problem, factor, which):
    needs = list(problem.needs)
    grown = needs[which % len(needs)]
    needs[which % len(needs)] = replace(
        grown,
        shortfall=grown.shortfall * factor,
        shortfall_low=grown.shortfall_low * factor,
        shortfall_high=grown.shortfall_high * factor,
    )
    more = replace(problem, needs=tuple(needs))
    before, after = (_won_at(p, grown.precinct_id) for p in (problem, more))
    assert after >= before - 0.01 * before - 2e-2


def _won_at(problem: RedeployProblem, precinct_id: str) -> float:
    """Voters won in a precinct by all who work there under the plan."""
    choice, plan = choice_of(problem), suggest(problem)
    helpers = [h.volunteer_id for h in problem.helpers]
    needs = [n.precinct_id for n in problem.needs]
    code = {(i, j): k for k, (i, j) in enumerate(zip(choice.pairs.helper, choice.pairs.need, strict=True))}
    taken = [code[helpers.index(m.volunteer_id), needs.index(m.to_precinct)] for m in plan.moves]
    at = needs.index(precinct_id)
    return float(choice.curves.value(np.array([at]), choice.hours_with(np.array(taken, np.int64))[[at]])[0])


@pytest.mark.parametrize("seed", range(5))
def test_the_flow_programme_is_whole_keeps_the_rules_and_does_not_lose_to_greedy(seed):
    rng = np.random.default_rng(seed)
    helpers = tuple(
        Helper(volunteer_id=f"V{k:03d}", site_id=f"S{k % 20}", covers=bool(k % 2), lat=42.9 + rng.normal(0, 0.02),
               lon=-69.2 + rng.normal(0, 0.02), has_car=bool(rng.random() < 0.5))
        for k in range(120)
    )  # fmt: skip
    needs = tuple(
        Need(precinct_id=f"P{k:03d}", shortfall=s, shortfall_low=s / 2, shortfall_high=2 * s,
             lat=42.9 + rng.normal(0, 0.02), lon=-69.2 + rng.normal(0, 0.02))
        for k, s in enumerate(rng.gamma(1.5, 12, 80).tolist())
    )  # fmt: skip
    choice = choice_of(RedeployProblem(helpers=helpers, needs=needs, now_min=300, close_min=780))
    keep = np.ones(len(choice.pairs.helper), bool)
    flow = flow_choice(choice, keep, offer_places(choice, keep), 10.0)
    assert flow is not None and len(flow.taken) and fits(choice, flow.taken)
    polished = choice.worth(greedy_choice(choice, flow.taken))
    assert polished >= 0.999 * choice.worth(greedy_choice(choice, np.zeros(0, np.int64)))
    assert abs(flow.optimum - polished) < 0.05 * polished
