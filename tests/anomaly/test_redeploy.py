"""What a redeployment plan may and may not do."""

from dataclasses import replace

import numpy as np
import pytest

from anomaly.redeploy import suggest
from anomaly.redeploy_floor import floor_rows
from anomaly.redeploy_terms import Helper, Need, RedeployLimits, RedeployPlan, RedeployProblem

OPEN_HOURS = 13 * 60.0
PATIENT = RedeployLimits(time_limit_s=60.0)  # a busy machine must not change a plan


def helper(number: int, **facts) -> Helper:
    """A canvasser at the town hall; a kilometre is about 0.009 degrees of latitude."""
    return Helper(**{"volunteer_id": f"V{number:03d}", "lat": 42.9, "lon": -69.2, "site_id": "HALL", **facts})


def need(number: int, shortfall: float = 40.0, **facts) -> Need:
    values = {
        "precinct_id": f"P{number:03d}",
        "shortfall": shortfall,
        "shortfall_low": shortfall / 2,
        "shortfall_high": shortfall * 1.5,
        "lat": 42.9 + 0.004 * number,
        "lon": -69.2,
    }
    return Need(**{**values, **facts})


def problem(helpers, needs, **facts) -> RedeployProblem:
    return RedeployProblem(**{"helpers": tuple(helpers), "needs": tuple(needs), "now_min": 300.0,
                              "close_min": OPEN_HOURS, "limits": PATIENT, **facts})  # fmt: skip


def pairs(plan: RedeployPlan) -> dict[str, str]:
    return {m.volunteer_id: m.to_precinct for m in plan.moves}


def a_city(seed: int, people: int = 40, places: int = 30, **facts) -> RedeployProblem:
    rng = np.random.default_rng(seed)
    helpers = [
        helper(
            k,
            site_id=f"S{k % 12:02d}",
            precinct_id=f"P{int(rng.integers(places)):03d}" if k % 3 == 0 else "",
            covers=k % 3 != 0,
            lat=42.9 + rng.normal(0, 0.02),
            lon=-69.2 + rng.normal(0, 0.02),
            has_car=bool(rng.random() < 0.5),
            shift_end_min=float(rng.choice([390, 480, 780])),
            shift_start_min=float(rng.choice([-30, 400], p=[0.8, 0.2])),
        )
        for k in range(people)
    ]
    needs = [
        need(k, float(rng.gamma(2, 15)), lat=42.9 + rng.normal(0, 0.02), lon=-69.2 + rng.normal(0, 0.02))
        for k in range(places)
    ]
    return problem(helpers, needs, **facts)


def test_somebody_is_sent_where_voters_are_missing_and_the_line_says_why():
    plan = suggest(
        problem(
            [helper(12, site_id="0401", covers=True, has_car=True, languages=frozenset({"es", "en"})),
             helper(13, site_id="0401", covers=True), helper(14, site_id="0401", covers=True)],
            [need(6, 46.0, shortfall_low=20.0, shortfall_high=70.0, name="Saltmarsh 3", probability=0.8,
                  helpful_languages=frozenset({"es"}), max_people=1)],
            site_names={"0401": "Oakapple Library"},
        )
    )  # fmt: skip
    (move,) = plan.moves
    assert move.volunteer_id == "V012"
    assert move.expected_low <= move.expected_voters <= move.expected_high
    assert move.why == (
        "Saltmarsh 3 is 46 voters short (90 %: 20–70), 80% sure; V012 is 15 min away by car, speaks Spanish; "
        f"brings back about {move.expected_voters:.1f} voters by 15:00; leaves Oakapple Library with 2 watchers"
    )
    assert plan.expected_voters == pytest.approx(move.expected_voters)


@pytest.mark.parametrize("seed", range(8))
def test_the_floor_is_never_broken(seed):
    city = a_city(seed)
    moved = {m.volunteer_id for m in suggest(city).moves}
    assert moved
    for minute in np.arange(city.now_min, city.close_min, 10.0):
        for site in {h.site_id for h in city.helpers}:
            there = [
                h.volunteer_id
                for h in city.helpers
                if h.covers and h.site_id == site
                and max(h.shift_start_min, city.now_min) <= minute < min(h.shift_end_min, city.close_min)
            ]  # fmt: skip
            left = [v for v in there if v not in moved]
            assert len(left) >= min(1, len(there)), (site, minute)


def test_of_two_watchers_only_the_one_who_goes_home_first_can_be_spared():
    people = [helper(1, covers=True, shift_end_min=780.0), helper(2, covers=True, shift_end_min=520.0)]
    assert [row.may_leave for row in floor_rows(problem(people, []))] == [1, 0]
    assert set(pairs(suggest(problem(people, [need(1, max_people=9)])))) == {"V002"}


@pytest.mark.parametrize("seed", range(4))
def test_accepted_moves_stay_and_refused_ones_do_not_come_back(seed):
    city = a_city(seed)
    first = suggest(city)
    lock, drop = first.moves[0], first.moves[1]
    again = suggest(
        replace(
            city,
            locked=frozenset({(lock.volunteer_id, lock.to_precinct)}),
            refused=frozenset({(drop.volunteer_id, drop.to_precinct)}),
            held=frozenset({first.moves[2].volunteer_id}),
        )
    )
    assert pairs(again)[lock.volunteer_id] == lock.to_precinct
    assert pairs(again).get(drop.volunteer_id) != drop.to_precinct
    assert first.moves[2].volunteer_id not in pairs(again)
    assert next(m for m in again.moves if m.volunteer_id == lock.volunteer_id).locked


def test_an_accepted_move_is_kept_against_the_floor_and_then_nobody_else_leaves():
    people = [helper(1, covers=True), helper(2, covers=True)]
    plan = suggest(problem(people, [need(1, 9.0), need(2, 90.0)], locked=frozenset({("V001", "P001")})))
    assert pairs(plan) == {"V001": "P001"}


def test_accepted_moves_that_cannot_be_kept_are_named_with_the_reason():
    locked = {("V001", "P001"), ("V009", "P001"), ("V002", "P009"), ("V003", "P001"), ("V004", "P001"),
              ("V004", "P002")}  # fmt: skip
    people = [helper(1, shift_end_min=301.0), helper(2), helper(3, precinct_id="P001"), helper(4)]
    plan = suggest(problem(people, [need(1), need(2)], locked=frozenset(locked)))
    assert {(v, p): why for v, p, why in plan.unmet_locks} == {
        ("V001", "P001"): "no time left to get there and work",
        ("V009", "P001"): "volunteer not on the list",
        ("V002", "P009"): "precinct no longer in need",
        ("V003", "P001"): "already there",
        ("V004", "P002"): "accepted for P001 as well",
    }
    assert pairs(plan)["V004"] == "P001"


@pytest.mark.parametrize("seed", range(6))
def test_nobody_is_sent_past_the_shift_or_without_time_to_arrive_and_work(seed):
    city = a_city(seed)
    shift_end = {h.volunteer_id: h.shift_end_min for h in city.helpers}
    start = {h.volunteer_id: h.shift_start_min for h in city.helpers}
    for move in suggest(city).moves:
        assert start[move.volunteer_id] <= city.now_min
        assert move.leaves_min <= min(shift_end[move.volunteer_id], city.close_min)
        assert move.arrives_min + 60 * move.hours_there <= move.leaves_min + 1e-6
        assert move.hours_there >= city.limits.min_hours_there
        assert move.travel_minutes <= city.limits.max_travel_minutes


def test_a_break_that_is_due_shortens_the_work():
    rested, due = helper(1), helper(1, break_at_min=330.0, break_minutes=30.0)
    hours = [suggest(problem([h], [need(1)])).moves[0].hours_there for h in (rested, due)]
    assert hours[0] - hours[1] == pytest.approx(0.5)


def test_just_before_the_close_nobody_is_moved():
    assert suggest(problem([helper(1)], [need(1)], now_min=OPEN_HOURS - 50)).moves == ()


def test_a_car_goes_where_feet_cannot():
    far = need(22, 90.0)  # 13 km of road
    assert suggest(problem([helper(1)], [far])).moves == ()
    (move,) = suggest(problem([helper(1, has_car=True)], [far])).moves
    assert move.by_car and move.travel_minutes > 40


def test_given_minutes_win_over_the_formula_and_nan_leaves_it():
    table = np.array([[np.inf, 3.0, np.nan]])
    plan = suggest(problem([helper(1)], [need(0, 90.0), need(20, 60.0), need(3)], travel_minutes=table))
    assert pairs(plan) == {"V001": "P020"}
    assert plan.moves[0].travel_minutes == 3.0


def test_nothing_is_sent_to_a_precinct_that_is_only_silent():
    assert suggest(problem([helper(1)], [need(1, 90.0, kind="silent")])).moves == ()


def test_an_uncertain_shortfall_yields_to_a_sure_one_of_the_same_size():
    plan = suggest(problem([helper(1)], [need(1, probability=0.4), need(2, lat=42.904)]))
    assert pairs(plan) == {"V001": "P002"}


def test_a_canvasser_stays_where_more_is_to_be_won_than_elsewhere():
    at_work = helper(1, precinct_id="P001")
    assert suggest(problem([at_work], [need(1, 60.0), need(2, 50.0)])).moves == ()
    (move,) = suggest(problem([at_work], [need(1, 4.0), need(2, 90.0)])).moves
    assert 0 < move.origin_voters < move.expected_voters
    assert "leaves P001 with no canvassers (−" in move.why


def test_two_to_one_small_place_bring_less_than_twice_one():
    one, two = (suggest(problem([helper(k) for k in range(n)], [need(1, 12.0)])) for n in (1, 2))
    assert one.expected_voters < two.expected_voters < 2 * one.expected_voters


def test_no_more_are_sent_than_find_work_and_no_more_moves_than_asked_for():
    people = [helper(k) for k in range(9)]
    assert len(suggest(problem(people, [need(1, 300.0, max_people=2)])).moves) == 2
    few = problem(people, [need(1, 300.0), need(2, 300.0)], limits=replace(PATIENT, max_moves=3))
    assert len(suggest(few).moves) == 3


def test_the_last_suggestion_stands_unless_another_is_clearly_better():
    person, before, slightly = helper(1), need(1, 40.0), need(2, 43.0, lat=42.904)
    assert pairs(suggest(problem([person], [before, slightly]))) == {"V001": "P002"}
    kept = suggest(problem([person], [before, slightly], previous={"V001": "P001"}))
    assert pairs(kept) == {"V001": "P001"} and kept.moves[0].kept and kept.changed == 0
    much = suggest(problem([person], [replace(before, shortfall=4, shortfall_low=0, shortfall_high=5), slightly],
                           previous={"V001": "P001"}))  # fmt: skip
    assert pairs(much) == {"V001": "P002"} and much.changed == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_quarter_of_an_hour_later_the_churn_price_keeps_more_of_the_plan(seed):
    city = a_city(seed)
    first = pairs(suggest(city))
    rng = np.random.default_rng(seed)
    later = replace(
        city,
        now_min=315.0,
        needs=tuple(replace(n, shortfall=(s := n.shortfall * rng.uniform(0.9, 1.1)), shortfall_low=s / 2,
                            shortfall_high=s * 1.5) for n in city.needs),
    )  # fmt: skip
    kept = suggest(replace(later, previous=first)).changed
    free = replace(later, previous=first, limits=replace(PATIENT, churn_voters=0.0))
    assert kept <= suggest(free).changed
    assert kept <= len(first) / 4


def test_empty_problems_have_empty_plans():
    for helpers, needs in (([], []), ([helper(1)], []), ([], [need(1)])):
        plan = suggest(problem(helpers, needs))
        assert plan.moves == () and plan.solve.status == "empty" and plan.voters_per_hour == 0.0


def test_without_coordinates_people_move_only_within_their_site():
    blind = need(1, lat=None, lon=None, site_id="HALL")
    plan = suggest(problem([helper(1, lat=None, lon=None)], [blind, need(2, lat=None, lon=None, site_id="X")]))
    assert pairs(plan) == {"V001": "P001"} and plan.moves[0].travel_km is None


def test_among_equals_lower_ids_are_chosen_and_nobody_breaks():
    plan = suggest(problem([helper(k) for k in range(5)], [need(k, lat=42.9) for k in range(3)],
                           limits=replace(PATIENT, max_moves=2)))  # fmt: skip
    assert sorted(pairs(plan)) == ["V000", "V001"]


def test_contradictions_are_refused_with_all_their_reasons():
    with pytest.raises(ValueError, match=r"volunteer is listed twice.*P001: shortfall outside.*shape \(2, 1\)"):
        suggest(problem([helper(1)] * 2, [need(1, shortfall_low=99)], travel_minutes=np.zeros((1, 1))))
    with pytest.raises(ValueError, match="no terms for flood"):
        suggest(problem([helper(1)], [need(1, kind="flood")]))


@pytest.mark.parametrize("seed", range(3))
def test_the_same_problem_in_any_order_gives_the_same_plan(seed):
    city = a_city(seed)
    once, twice = suggest(city), suggest(city)
    rng = np.random.default_rng(seed)
    shuffled = replace(
        city,
        helpers=tuple(city.helpers[k] for k in rng.permutation(len(city.helpers))),
        needs=tuple(city.needs[k] for k in rng.permutation(len(city.needs))),
    )
    assert once.moves == twice.moves == suggest(shuffled).moves


def test_where_the_programme_gives_nothing_the_greedy_search_answers(monkeypatch):
    monkeypatch.setattr("anomaly.redeploy_solve.flow_choice", lambda *_: None)
    monkeypatch.setattr("anomaly.redeploy_solve.exact_choice", lambda *_: None)
    plan = suggest(a_city(1))
    assert plan.solve.status == "greedy" and plan.moves and plan.solve.gap is None


def test_a_large_city_is_pruned_and_still_keeps_its_rules():
    city = a_city(5, people=700, places=500)
    plan = suggest(city)
    assert len(plan.moves) > 100
    assert plan.solve.candidates < 700 * 500 / 2
    crowd: dict[str, int] = {}
    for move in plan.moves:
        crowd[move.to_precinct] = crowd.get(move.to_precinct, 0) + 1
    assert max(crowd.values()) <= 6
