"""Alerts on the board become requests; what is over or too late lapses by itself."""

from datetime import UTC, datetime

import msgspec
import pytest

from tests.texting.made_room import COUNTS, DAY, FILE, PRECINCTS, alert
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


def test_what_waits_too_long_lapses_and_what_a_person_refused_stays_refused(room):
    proposer, texts = Proposer(room, parse_texting(FILE)), TextStore(room)
    put(room, alert(precinct="p1", region="North"), msgspec.structs.replace(alert(precinct="p3"), id="a2"))
    proposer.look()
    texts.decide("stay-home:a2", TextDecision(what="refuse", by="Ana", at_ms=1, version=0, reason="not there"))
    DayClock(room).set(DAY.closes_at, 0.0)
    proposer.look()
    assert {c.request.id: c.status for c in texts.cases()} == {"stay-home:a1": "expired", "stay-home:a2": "refused"}
