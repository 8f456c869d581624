"""Alerts on the board become requests; what is over or too late lapses by itself."""

from datetime import UTC, datetime

import msgspec
import pytest

from tests.texting.made_room import COUNTS, DAY, FILE, PRECINCTS, alert
from warroom.domain.handling import Deadlines, Decision
from warroom.domain.texts import TextDecision
from warroom.store.board import BoardStore
from warroom.store.client import connect
from warroom.store.day import DayClock, LoadedDay, Roster, put_day
from warroom.store.texts import TextStore
from warroom.texting.proposer import Proposer, put_counts, read_counts
from warroom.texting.rules import parse_texting

NOON = datetime(2026, 11, 3, 17, tzinfo=UTC)


@pytest.fixture
def room(server):
    client = connect(server.url)
    client.flushdb()
    put_day(client, LoadedDay(day=DAY, roster=Roster(PRECINCTS, []), ceilings={}, folder=b"", geometry=b""))
    put_counts(client, COUNTS)
    DayClock(client).set(NOON, 0.0)
    return client


def put(client, *alerts):
    BoardStore(client).put_alerts(alerts)


def test_counts_come_back_as_they_were_put(room):
    assert read_counts(room) == COUNTS


def test_an_alert_proposes_once_and_lapses_when_it_is_over(room):
    proposer, texts = Proposer(room, parse_texting(FILE)), TextStore(room)
    put(room, alert(precinct="p1", region="North"))
    proposer.look()
    proposer.look()
    [case] = texts.cases()
    assert case.status == "proposed" and case.request.audience.people == 150
    put(room, msgspec.structs.replace(alert(precinct="p1", region="North"), status="closed"))
    proposer.look()
    assert texts.one(case.request.id).status == "expired"
    assert texts.one(case.request.id).history[-1].reason == "the alert is over"


def test_the_end_of_a_stoppage_proposes_until_voting_there_stops_again(room):
    text = FILE.replace(b'name = "stay-home"', b'name = "after"\nwhen = "over"')
    proposer, texts, board = Proposer(room, parse_texting(text)), TextStore(room), BoardStore(room)
    first, again, false = (
        msgspec.structs.replace(alert("stoppage", site=site), id=f"stoppage:{site}:{n}")
        for n, site in ((1, "s1"), (2, "s1"), (1, "s2"))
    )
    put(room, first, false)
    proposer.look()
    assert texts.cases() == []
    _decide(board, first, "acknowledge", "resolve")  # the model does not know yet
    _decide(board, false, "dismiss")
    put(room, msgspec.structs.replace(false, status="closed", closed_at=NOON))
    proposer.look()
    proposer.look()
    [case] = texts.cases()
    assert case.status == "proposed" and case.request.alert == first.id and case.request.place == "s1"
    put(room, again)
    proposer.look()
    after = texts.one(case.request.id)
    assert after.status == "expired" and after.history[-1].reason == "voting at their site has stopped again"
    put(room, msgspec.structs.replace(again, status="closed", closed_at=NOON))
    proposer.look()
    assert [c.request.alert for c in texts.cases() if c.status == "proposed"] == [again.id]


def test_a_request_lapses_where_the_alert_whose_end_it_answers_was_false(room):
    text = FILE.replace(b'name = "stay-home"', b'name = "after"\nwhen = "over"')
    proposer, texts, board = Proposer(room, parse_texting(text)), TextStore(room), BoardStore(room)
    stoppage = alert("stoppage", site="s1")
    put(room, stoppage)
    _decide(board, stoppage, "acknowledge")
    put(room, msgspec.structs.replace(stoppage, status="closed", closed_at=NOON))
    proposer.look()
    _decide(board, msgspec.structs.replace(stoppage, status="closed"), "dismiss")
    proposer.look()
    [case] = texts.cases()
    assert case.status == "expired" and "was dismissed" in case.history[-1].reason


def _decide(board, alert, *steps):
    at_ms = round(NOON.timestamp() * 1000)
    for what in steps:
        version = board.handlings.one(alert.id).version
        wish = Decision(what=what, by="Ana", at_ms=at_ms, version=version, reason="said by phone")
        board.handlings.decide(alert, wish, Deadlines())


def test_what_waits_too_long_lapses_and_what_a_person_refused_stays_refused(room):
    proposer, texts = Proposer(room, parse_texting(FILE)), TextStore(room)
    put(room, alert(precinct="p1", region="North"), msgspec.structs.replace(alert(precinct="p3"), id="a2"))
    proposer.look()
    texts.decide("stay-home:a2", TextDecision(what="refuse", by="Ana", at_ms=1, version=0, reason="not there"))
    DayClock(room).set(DAY.closes_at, 0.0)
    proposer.look()
    assert {c.request.id: c.status for c in texts.cases()} == {"stay-home:a1": "expired", "stay-home:a2": "refused"}
