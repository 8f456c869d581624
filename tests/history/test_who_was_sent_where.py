"""Who was sent where, and who came: the rows behind 'did it help'."""

from datetime import UTC, datetime

from warroom.domain.alerts import Alert
from warroom.domain.handling import Decision, Handling, decide
from warroom.history.outcome import dispatches_of
from warroom.history.tape import Told

AT = datetime(2025, 6, 24, 16, tzinfo=UTC)
MEMBERS = {"S1": ["P1", "P2"], "S2": ["P3"], "": ["P8", "P9"]}


def rows(steps, told=(), **where):
    alert = Alert(id="a", kind="low_turnout", severity="high", raised_at=AT, updated_at=AT, reason="short", **where)
    held = Handling(alert="a")
    for version, (what, at_ms, more) in enumerate([("acknowledge", 0, {}), *steps]):
        held = decide(held, Decision(what=what, by="Ana", at_ms=at_ms, version=version, **more))
    found = dispatches_of([alert], {"a": held}, told, MEMBERS)
    return [(d.volunteer, d.precinct_id, d.arrived_ms) for d in found]


def on_site(volunteer, at_ms, **place):
    body = {"volunteer": volunteer, "status": "on_site", **place}
    return Told(kind="shift", place="", at_ms=at_ms, received_ms=at_ms, body=body)


def test_an_arrival_is_credited_to_whoever_was_sent_last():
    steps = [("dispatch", 10, {"volunteer": "A"}), ("dispatch", 20, {"volunteer": "B"}), ("arrive", 40, {})]
    assert rows(steps, precinct="P1", site="S1") == [("A", "P1", None), ("B", "P1", 40)]


def test_on_a_regions_alert_the_move_says_where_and_nothing_else_does():
    sent = ("dispatch", 10, {"volunteer": "A", "to_precinct": "P3"})
    assert rows([sent, ("arrive", 40, {})], region="North") == [("A", "P3", 40)]
    assert rows([("dispatch", 10, {"volunteer": "A"}), ("arrive", 40, {})], region="North") == []
    assert rows([sent], [on_site("A", 30, site="S1")], region="North") == [("A", "P3", None)]
    assert rows([sent], [on_site("A", 30, site="S1"), on_site("A", 35, site="S2")], region="North") == [("A", "P3", 35)]
