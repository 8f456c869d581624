"""The phone page's API: nothing without a code, nothing in another's name, nobody else's figures."""

import contextlib
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from warroom.access.shared_keys import Access
from warroom.domain.codes import Coder
from warroom.domain.reports import Checkins, Shift
from warroom.domain.volunteers import Contact, PlannedShift, Volunteer
from warroom.store.codes import CodeStore
from warroom.store.day import DayClock
from warroom.store.events import EventReader
from warroom.store.intake import RedisIntake
from warroom.store.keys import precinct_unit
from warroom.store.people import PeopleStore
from warroom.store.state import StateReader
from warroom.store.tries import PER_ADDRESS
from warroom.store.wire import epoch_ms
from warroom.tally.worker import TallyWorker
from warroom.web.app import ASSETS, create_app
from warroom.web.intake import NotTaken, WebIntake, not_taken
from warroom.web.phone_api import PER_MINUTE, phone_router
from warroom.web.phone_page import page_files, phone_page_router
from warroom.web.phone_reports import MOST_ITEMS, BadBatch, read_batch, wire

KEY = "a code key of the room"
KEYED = Access(wall_key="wall-key-0123456789", director_key="director-key-0123456789", open_room=False)
FIRST_VISIT_BYTES = 40_000


@pytest.fixture
def day(loaded, tuesday, at):
    """The small day at 09:15, V1 at site S0 and V2 at S1: the client of its store."""
    shifts = [
        PlannedShift(volunteer_id=f"V{n}", start_ms=epoch_ms(at(0)), end_ms=epoch_ms(at(420)), site_id=f"S{n - 1}")
        for n in (1, 2)
    ]
    people = [Volunteer(volunteer_id=f"V{n}", languages=("es",)) for n in (1, 2)]
    PeopleStore(loaded).put(people, {"V1": Contact(name="Ann Example", phone="+12075550194")}, shifts)
    DayClock(loaded).set(at(195), 1.0)
    return loaded


@pytest.fixture
def issued(day):
    """{volunteer: their code and link}."""
    return {i.volunteer: i for i in CodeStore(day, Coder(KEY.encode())).issue(["V1", "V2"])}


@pytest.fixture
def web(server, day, monkeypatch):
    """The phones' routes as the room has them, without the room's other pages: quick to build."""
    monkeypatch.setenv("WARROOM_CODE_KEY", KEY)
    app = FastAPI()
    app.state.intake = WebIntake(server.url)
    app.include_router(phone_router(server.url))
    app.include_router(phone_page_router(ASSETS))
    app.add_exception_handler(NotTaken, not_taken)
    with TestClient(app, base_url="http://room", follow_redirects=False) as running:
        yield running


@pytest.fixture
def whole_room(server, day, issued, monkeypatch):
    """V1's phone before the whole room, with its guard."""
    monkeypatch.setenv("WARROOM_CODE_KEY", KEY)
    with TestClient(create_app(server.url, KEYED), base_url="http://room", follow_redirects=False) as running:
        running.headers["Authorization"] = f"Bearer {issued['V1'].token}"
        yield running


@pytest.fixture
def ann(web, issued):
    """V1's phone."""
    web.headers["Authorization"] = f"Bearer {issued['V1'].token}"
    return web


def tallied(store):
    TallyWorker(store, 0, "w").step()
    return StateReader(store)


def send(phone, *reports):
    answer = phone.post("/api/v1/phone/reports", json=list(reports))
    assert answer.status_code == 200, answer.text
    return answer.json()["outcomes"]


def count(n, at, report_id="r1", **more):
    return {"id": report_id, "kind": "checkins", "precinct": "P0", "count": n, "at": at.isoformat(), **more}


@pytest.mark.parametrize("path", ["me", "sites"])
def test_nobody_gets_nothing(web, path):
    assert web.get(f"/api/v1/phone/{path}").status_code == 401
    assert web.get(f"/api/v1/phone/{path}", headers={"Authorization": "Bearer guess.guess"}).status_code == 401
    assert web.post("/api/v1/phone/reports", json=[]).status_code == 401


def test_a_code_opens_the_phones_door_and_nothing_else_in_the_room(whole_room):
    assert whole_room.get("/api/v1/phone/me").status_code == 200
    assert whole_room.get("/api/v1/totals").status_code == 401
    assert whole_room.get("/wall").headers["location"] == "/signin"
    for path in ("/report/", "/report/wall", "/report/../wall", "/report/%2e%2e/wall"):
        assert whole_room.get(path).headers["location"] in ("/report", "/signin")


def test_a_typed_code_gives_what_the_link_holds(web, issued):
    answer = web.post("/api/v1/phone/signin", json={"code": issued["V1"].code.lower()})
    assert answer.json() == {"token": issued["V1"].token}


def test_a_wrong_code_is_refused_and_many_are_slowed_but_links_and_phones_go_on(ann, issued):
    for _ in range(PER_ADDRESS):
        assert ann.post("/api/v1/phone/signin", json={"code": "2222-2222"}).status_code == 401
    held_up = ann.post("/api/v1/phone/signin", json={"code": issued["V2"].code})
    assert held_up.status_code == 429
    assert int(held_up.headers["retry-after"]) > 0
    assert ann.get("/api/v1/phone/me").status_code == 200


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"code": 5}', b"\xff", b"[" * 150, b'{"code":"' + b"x" * 999])
def test_what_is_no_code_is_said_to_be_none(web, body):
    assert web.post("/api/v1/phone/signin", content=body).status_code in (401, 413, 422)


def test_a_phone_knows_its_own_places_the_day_and_its_clock(ann, tuesday, at):
    me = ann.get("/api/v1/phone/me").json()
    assert [place["id"] for place in me["places"]] == ["S0"]
    assert [p["id"] for p in me["places"][0]["precincts"]] == ["P0", "P2"]
    assert me["places"][0]["precincts"][0]["most"] == 900
    assert me["day"]["closes_ms"] == epoch_ms(tuesday.closes_at)
    assert abs(me["now_ms"] - epoch_ms(at(195))) < 60_000 and me["live"] is False
    assert me["languages"] == ["es"]


def test_no_name_or_number_reaches_a_phone(ann):
    for path in ("me", "sites"):
        answer = ann.get(f"/api/v1/phone/{path}")
        assert "Ann" not in answer.text and "555" not in answer.text
        assert "private" in answer.headers["cache-control"]
    assert "V1" not in ann.get("/api/v1/phone/me").json()["source"]


def test_the_long_list_of_sites_is_sent_once_to_a_phone(ann):
    first = ann.get("/api/v1/phone/sites", headers={"Accept-Encoding": "br"})
    assert first.headers["content-encoding"] == "br"
    assert [site["id"] for site in first.json()] == ["S0", "S1"]
    again = ann.get("/api/v1/phone/sites", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_count_counts_once_however_often_it_is_sent(ann, day, at):
    report = count(57, at(190))
    for _ in range(3):
        assert send(ann, report) == [{"id": "r1", "status": "accepted"}]
    state = tallied(day)
    assert state.units()[precinct_unit("P0")].count == 57
    assert (state.totals().accepted, state.totals().repeated) == (1, 2)


def test_the_sender_is_the_code_whatever_the_report_says(ann, day, issued, at):
    shift = {"id": "s1", "kind": "shift", "status": "on_site", "site": "S0", "at": at(1).isoformat()}
    send(ann, count(5, at(190), source="board of elections"), {**shift, "volunteer": "V2", "source": "phone/other"})
    state = tallied(day)
    [reading] = state.readings([precinct_unit("P0")])[precinct_unit("P0")]
    assert reading.source == f"phone/{Coder(KEY.encode()).ref('V1')}"
    [event] = EventReader(day).every(["shift"])
    assert isinstance(event, Shift) and event.volunteer == "V1"


def test_a_phone_can_only_take_back_its_own(ann, day, at):
    intake = RedisIntake(day)
    other = Checkins(id="theirs", source="board", at=at(100), received=at(100), count=40, precinct="P0")
    intake.put_frame("test", [other])
    send(ann, count(57, at(190)))
    void = {"kind": "correction", "void": True, "at": at(191).isoformat()}
    send(
        ann,
        {"id": "c1", "corrects": "r1", **void},
        {"id": "c2", "corrects": "theirs", "corrects_source": "board", **void},
    )
    assert tallied(day).units()[precinct_unit("P0")].count == 40


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("early_vote", {"precinct": "P0", "count": 9, "method": "mail"}),
        ("money", {"amount": 5, "campaign": "x"}),
        ("contact", {"precinct": "P0", "channel": "door", "result": "x"}),
    ],
)
def test_what_is_not_a_phones_to_say_is_refused(ann, kind, more, at):
    [outcome] = send(ann, {"id": "x", "kind": kind, "at": at(5).isoformat(), **more})
    assert outcome["status"] == "rejected"


def test_a_bad_report_is_refused_with_its_remedy_and_the_good_one_beside_it_counts(ann, day, at):
    outcomes = send(
        ann, count(-3, at(100), "bad"), count(7, at(100), "lost", precinct="nowhere"), count(7, at(100), "good")
    )
    assert [o["status"] for o in outcomes] == ["rejected", "rejected", "accepted"]
    assert outcomes[1]["reason"] == "unknown_precinct" and outcomes[1]["remedy"]


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"[5]", b"\xff\xfe", b"[" * 5000, b"[" + b"{}," * 50 + b"{}]", b" " * 70_000]
)
def test_what_is_no_list_of_reports_is_said_to_be_none(ann, body):
    assert ann.post("/api/v1/phone/reports", content=body).status_code in (413, 422)


def test_a_phone_that_floods_is_told_when_to_go_on_and_others_are_not_held_up(ann, issued, at):
    batch = [count(1, at(100), f"r{n}") for n in range(MOST_ITEMS)]
    answers = [ann.post("/api/v1/phone/reports", json=batch) for _ in range(PER_MINUTE // MOST_ITEMS + 2)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    ann.headers["Authorization"] = f"Bearer {issued['V2'].token}"
    assert send(ann, count(1, at(100)))[0]["status"] == "accepted"


def test_the_rooms_number_is_told_to_the_phone(ann, monkeypatch):
    monkeypatch.setenv("WARROOM_HELPLINE", "+1 207 555 0100")
    assert ann.get("/api/v1/phone/me").json()["helpline"] == "+1 207 555 0100"


def test_own_counts_come_back_with_their_judgement_and_nobody_elses(ann, day, issued, at):
    RedisIntake(day).put_frame(
        "test", [Checkins(id="x", source="board", at=at(60), received=at(60), count=20, precinct="P0")]
    )
    send(ann, count(30, at(120), "r1"), count(12, at(180), "r2"))
    tallied(day)
    own = ann.get("/api/v1/phone/me").json()["own"]
    assert [(r["id"], r["count"], r["doubt"]) for r in own] == [("r1", 30, ""), ("r2", 12, "falls")]
    ann.headers["Authorization"] = f"Bearer {issued['V2'].token}"
    assert ann.get("/api/v1/phone/me").json()["own"] == []


def test_a_test_before_the_day_makes_a_volunteer_ready_and_no_turnout(whole_room, day, tuesday):
    before = tuesday.begins_at - timedelta(days=4)
    DayClock(day).set(before, 1.0)
    assert send(whole_room, {"id": "t1", "kind": "test", "at": before.isoformat()}) == [
        {"id": "t1", "status": "accepted"}
    ]
    assert tallied(day).units() == {}
    del whole_room.headers["Authorization"]
    whole_room.post(
        "/signin", content=f"key={KEYED.director_key}", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    week, three, _ = whole_room.get("/api/v1/volunteers").json()["readiness"]
    assert not week["known"]
    assert (three["logged_in"], three["tested"], three["awaited"]) == (["V1"], ["V1"], ["V2"])


def test_on_the_day_a_test_does_not_take_back_an_arrival(ann, day, at):
    arrival = {"id": "s1", "kind": "shift", "status": "on_site", "site": "S0", "at": at(-30).isoformat()}
    outcomes = send(ann, arrival, {"id": "t1", "kind": "test", "at": at(-20).isoformat()})
    assert [o["status"] for o in outcomes] == ["accepted", "rejected"]
    assert outcomes[1]["reason"] == "test_is_over"
    tallied(day)
    assert EventReader(day).newest(["shift"])["shift|V1"].status == "on_site"


def test_without_a_secret_the_page_says_what_to_set(server, day, monkeypatch):
    monkeypatch.delenv("WARROOM_CODE_KEY", raising=False)
    url = re.sub(r":[^:@/]*@", "", server.url)  # the store's address without its password
    app = FastAPI()
    app.include_router(phone_router(url))
    with TestClient(app, base_url="http://room") as bare:
        answer = bare.post("/api/v1/phone/signin", json={"code": "2222-2222"})
    assert answer.status_code == 503
    assert "WARROOM_CODE_KEY" in answer.text


def test_the_first_visit_fits_a_weak_signal(web):
    """Every file of the page, headers and the first answers of the API included, as a browser asks for them."""
    total = 0
    page = web.get("/report", headers={"Accept-Encoding": "br"})
    assert page.status_code == 200
    for path in page_files(Path(ASSETS) / "report"):
        answer = web.get(path, headers={"Accept-Encoding": "br"})
        assert answer.status_code == 200
        total += int(answer.headers["content-length"]) + sum(len(k) + len(v) + 4 for k, v in answer.headers.items())
    assert total < FIRST_VISIT_BYTES * 0.75  # the rest is for the API's answers
    assert web.get("/report", headers={"If-None-Match": page.headers["etag"]}).status_code == 304


def test_the_page_allows_no_inline_script_and_the_worker_reaches_the_page(whole_room):
    page = whole_room.get("/report")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=", page.text)
    assert whole_room.get("/report/sw.js").headers["service-worker-allowed"] == "/report"
    assert "no-cache" in whole_room.get("/report/sw.js").headers["cache-control"]


@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=20), st.lists).map(repr).map(str.encode)
)
def test_no_body_breaks_the_reader_of_batches(body):
    with contextlib.suppress(BadBatch):
        assert read_batch(body)


@given(
    st.dictionaries(
        st.sampled_from(
            ["id", "kind", "at", "count", "precinct", "site", "source", "volunteer", "received", "corrects_source"]
        ),
        st.text(max_size=20)
        | st.integers(-(2**70), 2**70)
        | st.floats(allow_nan=False)
        | st.lists(st.none(), max_size=2),
    )
)
def test_no_item_speaks_in_anothers_name(item):
    told = json.loads(wire(item, "phone/me", "V1"))
    assert told["source"] == "phone/me" and "received" not in told and "corrects_source" not in told
    assert told.get("volunteer", "V1") == "V1"
