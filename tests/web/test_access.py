"""Two keys, two roles: who may look, who may act, and what a network may never do."""

import pytest
from starlette.testclient import TestClient

from warroom.access.shared_keys import COOKIE, LIFETIME_S, Access, AccessError
from warroom.web.app import create_app

WALL, DIRECTOR = "wall-key-0123456789", "director-key-0123456789"
KEYED = Access(wall_key=WALL, director_key=DIRECTOR, open_room=False)
ACK = "/api/v1/alerts/low_turnout:P1:1/ack"


@pytest.fixture
def room(server, loaded):
    return TestClient(create_app(server.url, KEYED), base_url="http://room", follow_redirects=False)


def signed_in(room, key):
    answer = room.post("/signin", content=f"key={key}", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 303
    return room


def test_nobody_sees_nothing(room):
    assert room.get("/api/v1/totals").status_code == 401
    assert room.get("/wall").headers["location"] == "/signin"
    assert room.post("/_dash-update-component", json={}).status_code == 401


def test_a_wrong_key_opens_nothing(room):
    answer = room.post("/signin", content="key=guess-guess-guess-guess")
    assert answer.status_code == 401
    assert COOKIE not in answer.cookies


def test_a_wall_may_look_but_not_act(room):
    signed_in(room, WALL)
    assert room.get("/api/v1/totals").status_code == 200
    assert room.post(ACK, json={"by": "Ana"}).status_code == 403


def test_a_director_may_act(room):
    signed_in(room, DIRECTOR)
    assert room.post(ACK, json={"by": "Ana"}).status_code == 404  # allowed; there is no such alert


def test_another_site_cannot_act_for_a_director(room):
    signed_in(room, DIRECTOR)
    assert room.post(ACK, json={"by": "Ana"}, headers={"Origin": "http://evil.example"}).status_code == 403


def test_a_form_larger_than_a_key_is_refused(room):
    assert room.post("/signin", content="key=" + "x" * 5_000).status_code == 413


@pytest.mark.parametrize(
    "ticket",
    [
        "",
        "director",
        "director.9999999999.00",
        "admin.9999999999." + "0" * 64,
        "director.1e9.x",
        "é.1.é",
        "..",
        "x" * 9_999,
    ],
)
def test_a_forged_ticket_is_nobody(ticket):
    assert KEYED.role_of_ticket(ticket) is None


def test_a_ticket_ends_by_itself():
    ticket = KEYED.ticket("director", now_s=1_000)
    assert KEYED.role_of_ticket(ticket, now_s=1_000 + LIFETIME_S - 1) == "director"
    assert KEYED.role_of_ticket(ticket, now_s=1_000 + LIFETIME_S + 1) is None


def test_a_ticket_of_another_room_is_nobody():
    other = Access(wall_key=WALL, director_key="another-key-0123456789", open_room=False)
    assert KEYED.role_of_ticket(other.ticket("director")) is None


def test_a_network_needs_keys():
    with pytest.raises(AccessError, match="WARROOM_DIRECTOR_KEY"):
        Access.from_environment({}, "0.0.0.0")
    with pytest.raises(AccessError, match="16 characters"):
        Access.from_environment({"WARROOM_DIRECTOR_KEY": "short"}, "127.0.0.1")
    assert Access.from_environment({}, "127.0.0.1").open_room


def test_every_answer_forbids_other_hosts(room):
    policy = room.get("/signin").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
