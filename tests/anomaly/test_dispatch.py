"""From open alerts and people on duty to suggestions, without a store and without a name."""

import msgspec
import pytest

from anomaly.dispatch import Room, ask, plan_rows
from anomaly.redeploy import suggest
from warroom.domain.alerts import Alert
from warroom.domain.handling import Handling, Stage
from warroom.domain.places import PollSite, Precinct
from warroom.domain.volunteers import PlannedShift, Volunteer, Whereabouts


@pytest.fixture
def room(tuesday, at):
    opens_ms = round(tuesday.opens_at.timestamp() * 1000)
    precincts = [
        Precinct(
            precinct_id=f"P{n}",
            name=f"Precinct {n}",
            region="North",
            site_id=f"S{n // 2}",
            lat=40.7 + n / 100,
            lon=-74.0,
        )
        for n in range(6)
    ]
    sites = [PollSite(site_id=f"S{n}", name=f"School {n}", lat=40.7 + n / 50, lon=-74.0) for n in range(3)]
    low = Alert(
        id="low_turnout:P4:1",
        kind="low_turnout",
        severity="high",
        raised_at=at(240),
        updated_at=at(240),
        precinct="P4",
        reason="short",
        expected=200,
        expected_low=170,
        expected_high=230,
        reported=110,
        shortfall=90,
        probability=0.97,
    )
    people = {f"V{n}": Volunteer(volunteer_id=f"V{n}", has_car=True, languages=("en",)) for n in range(3)}
    shifts = [
        PlannedShift(
            volunteer_id=v,
            start_ms=opens_ms,
            end_ms=opens_ms + 14 * 3_600_000,
            site_id="S0",
            precinct_id="P0",
            role="canvasser",
        )
        for v in people
    ]
    return Room(
        day=tuesday,
        precincts=precincts,
        sites=sites,
        alerts=[low],
        handlings={},
        volunteers=people,
        shifts=shifts,
        moved={},
        now_ms=opens_ms + 240 * 60_000,
    )


def with_(room, **changes):
    return Room(**{**{name: getattr(room, name) for name in room.__dataclass_fields__}, **changes})


def moves(room, refused=frozenset()):
    asked = ask(room, {}, refused)
    return plan_rows(suggest(asked.problem), asked, room.now_ms, "by coordinates")["moves"]


def test_an_open_alert_gets_a_suggestion_with_its_reason_and_its_price(room):
    found = moves(room)
    assert found
    for move in found:
        assert (move["precinct"], move["alert"]) == ("P4", "low_turnout:P4:1")
        assert move["voters"]["low"] <= move["voters"]["value"] <= move["voters"]["high"]
        assert move["why"] and move["travel_minutes"] > 0


def test_a_planned_break_is_not_worked_through(room):
    at_ms = room.now_ms + 60 * 60_000
    rested = [msgspec.structs.replace(s, break_ms=at_ms, break_minutes=45.0) for s in room.shifts]
    [longest], [shorter] = ({m["hours_there"] for m in moves(r)} for r in (room, with_(room, shifts=rested)))
    assert longest - shorter == pytest.approx(0.75, abs=0.11)  # told to a tenth of an hour


def test_an_alert_somebody_was_sent_for_asks_for_nobody_else(room):
    sent = Handling(alert="low_turnout:P4:1", version=2, stage=Stage(status="dispatched", owner="Ana", volunteer="V0"))
    assert moves(with_(room, handlings={sent.alert: sent})) == []


def test_who_is_on_the_way_is_left_alone(room):
    sent = Handling(alert="stoppage:S2:1", version=2, stage=Stage(status="dispatched", owner="Ana", volunteer="V0"))
    assert "V0" not in {m["volunteer"] for m in moves(with_(room, handlings={sent.alert: sent}))}


def test_who_was_sent_no_longer_holds_the_floor_they_left(room):
    """Of two watchers one is on the way: the other stays."""
    watchers = [msgspec.structs.replace(s, role="poll_watcher") for s in room.shifts if s.volunteer_id != "V2"]
    two = with_(room, shifts=watchers)
    assert len(moves(two)) == 1
    sent = Handling(alert="stoppage:S2:1", version=2, stage=Stage(status="dispatched", owner="Ana", volunteer="V0"))
    assert moves(with_(two, handlings={sent.alert: sent})) == []


def test_whose_language_helps_at_the_doors_is_said_and_goes_first(room):
    precincts = [msgspec.structs.replace(p, languages=("es",)) for p in room.precincts]
    people = room.volunteers | {"V2": msgspec.structs.replace(room.volunteers["V2"], languages=("en", "es"))}
    best = max(moves(with_(room, precincts=precincts, volunteers=people)), key=lambda m: m["voters"]["value"])
    assert best["volunteer"] == "V2" and "speaks Spanish" in best["why"]


def test_nobody_is_looked_for_beyond_those_registered_who_have_not_voted(room):
    few = [msgspec.structs.replace(p, registered=120) for p in room.precincts]
    [need] = ask(with_(room, precincts=few), {}, frozenset()).problem.needs
    assert need.unvoted == 10
    assert sum(m["voters"]["value"] for m in moves(with_(room, precincts=few))) < 1
    assert sum(m["voters"]["value"] for m in moves(room)) > 1


def test_who_left_or_never_came_is_not_sent(room):
    gone = {
        f"V{n}": Whereabouts(volunteer_id=f"V{n}", status=status, at_ms=room.now_ms - 60_000)
        for n, status in enumerate(["left", "no_show"])
    }
    assert {m["volunteer"] for m in moves(with_(room, moved=gone))} <= {"V2"}


def test_who_has_not_come_is_not_sent_unless_they_stand_elsewhere(room):
    absent = frozenset((who, room.shifts[0].start_ms) for who in ("V0", "V1"))
    there = Whereabouts(volunteer_id="V1", status="on_site", at_ms=room.now_ms - 60_000, site_id="S1")
    found = ask(with_(room, absent=absent, moved={"V1": there}), {}, frozenset()).problem.helpers
    assert {h.volunteer_id for h in found} == {"V1", "V2"}


def test_a_refused_pair_is_not_suggested_again(room):
    [first, *_] = moves(room)
    pair = (first["volunteer"], first["precinct"])
    assert pair not in {(m["volunteer"], m["precinct"]) for m in moves(room, frozenset({pair}))}


def test_a_site_alert_is_shared_out_among_its_precincts(room):
    [low] = room.alerts
    site = msgspec.structs.replace(low, id="low_turnout:S2:1", precinct=None, site="S2")
    problem = ask(with_(room, alerts=[site]), {}, frozenset()).problem
    assert {n.precinct_id: n.shortfall for n in problem.needs} == {"P4": 45, "P5": 45}


@pytest.mark.parametrize("kind", ["silent", "suspect_report", "incident", "coverage_gap"])
def test_feet_are_not_sent_where_they_win_nothing(room, kind):
    [low] = room.alerts
    assert moves(with_(room, alerts=[msgspec.structs.replace(low, kind=kind)])) == []


def test_nobody_on_duty_means_no_suggestion(room):
    assert moves(with_(room, shifts=[])) == []
