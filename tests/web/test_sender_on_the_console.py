"""The console says how the sender does, and what is known of each wording."""

import time

import pytest
from starlette.testclient import TestClient

from tests.texting.made_room import Recorder, finished, run
from tests.texting.test_wordings_in_use import ID, two_wordings
from tests.web.test_texting_api import room  # noqa: F401
from warroom.access.shared_keys import Access
from warroom.domain.texts import TextDecision
from warroom.store import keys
from warroom.store.sender_state import SenderState, put_sender_state
from warroom.store.texts import TextStore
from warroom.texting.contacts import ContactStore
from warroom.web.app import create_app


@pytest.fixture
def client(server, room):  # noqa: F811
    return TestClient(
        create_app(server.url, Access("", "", True)), base_url="http://127.0.0.1", client=("127.0.0.1", 9)
    )


def test_a_sender_that_rests_says_why_and_for_how_long(client, room):  # noqa: F811
    assert client.get("/api/v1/texts").json()["sender_state"] is None  # none has run
    now_ms = round(time.time() * 1_000)
    put_sender_state(
        room, SenderState(state="rests", at_ms=now_ms, until_ms=now_ms + 600_000, failures=5, reason="HTTP 500")
    )
    told = client.get("/api/v1/texts").json()["sender_state"]
    assert (told["state"], told["failures"], told["reason"]) == ("rests", 5, "HTTP 500")
    assert 500 < told["rests_s"] <= 600 and told["silent_s"] < 100


def test_how_many_wait_for_the_hour_where_they_are_is_said_while_a_request_is_sent(client, room):  # noqa: F811
    put_sender_state(room, SenderState(state="works", at_ms=0, waits={ID: 7}))
    assert client.get("/api/v1/texts").json()["requests"][0]["reasons"] == []
    for version, what in enumerate(("approve", "start")):
        TextStore(room).decide(ID, TextDecision(what=what, by="Ana", at_ms=1, version=version))
    [row] = client.get("/api/v1/texts").json()["requests"]
    assert row["reasons"] == [{"why": "wait until it is the hour where they are", "messages": 7}]


def test_each_wording_has_its_interval_and_count(client, room):  # noqa: F811
    from tests.texting.made_room import KEY, alert, person
    from warroom.store.board import BoardStore

    room.delete(keys.TEXT_CASES)
    BoardStore(room).put_alerts([alert(precinct="p1", region="North")])
    ContactStore(room, KEY).load([person(n, f"+120755501{n:02d}") for n in range(10)])
    run(room, Recorder(), finished(two_wordings(room)))
    found = client.get(f"/api/v1/texts/one/{ID}").json()["wordings"]
    assert sum(one["messages"] for one in found) == 10 and {one["variant"] for one in found} == {"plain", "asks"}
    assert all(0 <= one["low"] < one["mean"] < one["high"] <= 1 for one in found)
