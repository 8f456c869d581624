"""Reports by HTTP, on the real store: who may send, what is answered for each, what no sender can do."""

import gzip
import json
import time

import pytest
from starlette.testclient import TestClient

from warroom.access.shared_keys import Access
from warroom.domain.apikeys import kinds_of, sign, webhook_secret
from warroom.store.apikeys import KeyStore, room_secret
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker
from warroom.web.app import create_app
from warroom.web.bodies import MAX_BODY_BYTES

KEYED = Access(wall_key="wall-key-0123456789", director_key="director-key-0123456789", open_room=False)
NOW_MS = int(time.time() * 1000)
URL = "/api/v1/reports"
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def app(server, loaded, at):
    made = create_app(server.url, KEYED)
    made.state.intake._now = lambda _day: at(31)  # the day is in 2025
    return made


@pytest.fixture
def room(app):
    return TestClient(app, base_url="http://room", follow_redirects=False)


@pytest.fixture
def new_key(loaded):
    def make(source="vendor", scopes=("reports",), **options):
        return KeyStore(loaded).make(source, kinds_of(scopes), NOW_MS, **options)

    return make


@pytest.fixture
def bearer(new_key):
    return {"Authorization": f"Bearer {new_key()[1]}"}


@pytest.fixture
def report(at):
    def make(report_id, minute=30.0, **fields):
        return {"id": report_id, "kind": "checkins", "at": at(minute).isoformat(), "source": "vendor",
                "precinct": "P1", "count": 20} | fields  # fmt: skip

    return make


def tallied(client):
    worker = TallyWorker(client, 0, "w")
    while worker.step():
        pass
    return StateReader(client).totals()


def test_one_report_is_in_the_store_when_it_is_answered(room, bearer, report, loaded):
    answer = room.post(URL, json=report("a"), headers=bearer)
    assert answer.status_code == 200
    assert answer.json() == {
        "accepted": 1, "rejected": 0,
        "results": [{"n": 1, "id": "a", "status": "accepted", "reason": "", "field": "", "remedy": ""}],
    }  # fmt: skip
    assert tallied(loaded).accepted == 1
    assert StateReader(loaded).received_by_feed() == {"http:vendor": 1}


def test_an_array_with_a_bad_item_is_207_and_says_how_to_mend_it(room, bearer, report, loaded):
    answer = room.post(URL, json=[report("a"), report("b", precinct="nowhere"), 17], headers=bearer)
    assert answer.status_code == 207
    rows = answer.json()["results"]
    assert [row["status"] for row in rows] == ["accepted", "rejected", "rejected"]
    assert (rows[1]["id"], rows[1]["reason"], rows[1]["field"]) == ("b", "unknown_precinct", "precinct")
    assert rows[1]["remedy"] and rows[2]["reason"] == "not_an_object"
    assert (tallied(loaded).accepted, tallied(loaded).rejected) == (1, 2)


def test_lines_fail_one_by_one(room, bearer, report):
    body = "\n".join([json.dumps(report("a")), "{broken", "", json.dumps(report("b", 31, count=21)) + "\r"])
    answer = room.post(URL, content=body, headers={**bearer, **NDJSON})
    assert [row["status"] for row in answer.json()["results"]] == ["accepted", "rejected", "accepted"]


def test_nothing_that_can_be_taken_is_422(room, bearer, report):
    assert room.post(URL, json=report("a", count=-3), headers=bearer).status_code == 422


def test_what_is_sent_three_times_counts_once(room, bearer, report, loaded):
    for _ in range(3):
        assert room.post(URL, json=report("a"), headers=bearer).status_code == 200
    totals = tallied(loaded)
    assert (totals.accepted, totals.repeated) == (1, 2)


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wr_0123456789_guess"},
        {"Authorization": "Basic dXNlcjpwYXNz"}, {"X-Api-Key": "wr__"}, {"Cookie": "warroom=director.9.x"},
        {"Authorization": "Bearer \xff\xfe"},
    ],
)  # fmt: skip
def test_without_a_key_nothing_is_read_and_the_way_to_one_is_told(room, headers, report, loaded):
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = room.post(URL, json=report("a"), headers=raw)
    assert answer.status_code == 401
    assert answer.json()["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"
    assert tallied(loaded).received == 0


def test_a_signed_in_director_still_needs_a_key(room, report):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    room.post("/signin", content=f"key={KEYED.director_key}", headers=form)
    assert "warroom key new" in room.post(URL, json=report("a")).json()["detail"]


def test_a_revoked_key_opens_nothing(room, new_key, loaded, report):
    key, token = new_key()
    KeyStore(loaded).revoke(key.id, NOW_MS)
    answer = room.post(URL, json=report("a"), headers={"X-Api-Key": token})
    assert (answer.status_code, answer.json()["detail"]) == (401, "this key was revoked")


def test_an_expired_key_opens_nothing(room, new_key, report):
    _, token = new_key(expires_ms=NOW_MS - 1)
    answer = room.post(URL, json=report("a"), headers={"X-Api-Key": token})
    assert (answer.status_code, answer.json()["detail"]) == (401, "this key has expired")


def test_the_store_keeps_no_key(new_key, loaded):
    _, token = new_key()
    kept = json.dumps([v.decode() for v in loaded.hvals("wr:api_keys")])
    assert token.split("_", 2)[2] not in kept


def test_a_key_speaks_for_its_source_and_of_its_kinds_only(room, bearer, report):
    bodies = [report("a", source="rival"), report("b", source="vendor/east"),
              {"id": "c", "kind": "early_vote", "at": report("x")["at"], "source": "vendor", "precinct": "P1",
               "count": 3, "method": "mail"}]  # fmt: skip
    rows = room.post(URL, json=bodies, headers=bearer).json()["results"]
    assert [row["reason"] for row in rows] == ["wrong_source", "", "kind_not_allowed"]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", {"Content-Type": "application/json"}, 400),
        (b"[{", {"Content-Type": "application/json"}, 400),
        (b"[" * 100_000, {"Content-Type": "application/json"}, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {}, 415),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415),
        (b"{}", {"Content-Type": "application/json", "Content-Encoding": "br"}, 415),
        (b"not gzip", {"Content-Type": "application/json", "Content-Encoding": "gzip"}, 400),
        (gzip.compress(b"{}", mtime=0)[:-6], {"Content-Type": "application/json", "Content-Encoding": "gzip"}, 400),
        (b" " * (MAX_BODY_BYTES + 1), {"Content-Type": "application/json"}, 413),
        (json.dumps([1] * 1_001).encode(), {"Content-Type": "application/json"}, 413),
        (b"\n".join([b"1"] * 1_001), NDJSON, 413),
    ],
)
def test_a_body_that_cannot_be_cut_is_refused_whole(room, bearer, content, headers, status, loaded):
    answer = room.post(URL, content=content, headers={**bearer, **headers})
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert tallied(loaded).received == 0


def test_gzip_is_read_in_several_members_and_a_bomb_is_not_unpacked(room, bearer, report):
    packed = {**bearer, **NDJSON, "Content-Encoding": "gzip"}
    lines = [json.dumps(report(name, 30 + n, count=20 + n)).encode() + b"\n" for n, name in enumerate("ab")]
    answer = room.post(URL, content=b"".join(map(gzip.compress, lines)), headers=packed)
    assert answer.json()["accepted"] == 2
    bomb = gzip.compress(b"0" * 200_000_000, 9)
    assert len(bomb) < MAX_BODY_BYTES
    assert room.post(URL, content=bomb, headers=packed).status_code == 413


def test_an_endless_body_is_cut_off(room, bearer):
    def endless():
        sent = 0
        while sent < 50:
            sent += 1
            yield b" " * 65_536

    answer = room.post(URL, content=endless(), headers={**bearer, "Content-Type": "application/json"})
    assert answer.status_code == 413


def test_a_flood_is_told_when_to_come_back_and_harms_no_other(room, new_key, report, loaded):
    flood = {"X-Api-Key": new_key("flood", per_minute=60)[1]}
    calm = {"X-Api-Key": new_key("calm")[1]}
    statuses = [room.post(URL, json=[report(f"{n}-{i}", source="flood", count=0) for i in range(20)],
                          headers=flood).status_code for n in range(10)]  # fmt: skip
    assert statuses[:3] == [200, 200, 200]
    assert statuses[3:] == [429] * 7
    late = room.post(URL, json=[report(f"x-{i}", source="flood") for i in range(60)], headers=flood)  # a minute's
    assert 1 <= int(late.headers["retry-after"]) <= 60
    assert room.post(URL, json=report("a", source="calm"), headers=calm).status_code == 200
    assert tallied(loaded).received == 61


def test_a_signed_webhook_is_taken_and_its_replay_changes_nothing(room, new_key, report, loaded, server):
    key, _ = new_key()
    secret = webhook_secret(room_secret(server.url), key.id)
    body = json.dumps(report("a")).encode()
    headers = {"Content-Type": "application/json", "X-Warroom-Key": key.id,
               "X-Warroom-Signature": sign(secret, int(time.time()), body)}  # fmt: skip
    for _ in range(2):
        assert room.post(URL, content=body, headers=headers).status_code == 200
    by_address = {name: value for name, value in headers.items() if name != "X-Warroom-Key"}
    assert room.post(f"{URL}?key={key.id}", content=body, headers=by_address).status_code == 200
    totals = tallied(loaded)
    assert (totals.accepted, totals.repeated) == (1, 2)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s, b: (sign(s, int(time.time()), b + b" "), b), "does not fit"),
        (lambda s, b: (sign(s, int(time.time()) - 301, b), b), "clock"),
        (lambda s, b: (sign(s, int(time.time()) + 400, b), b), "clock"),
        (lambda s, b: (sign("whsec_" + "0" * 64, int(time.time()), b), b), "does not fit"),
        (lambda s, b: (sign(s, int(time.time()), b).replace("v1=", "v0="), b), "not t=SECONDS"),
        (lambda s, b: ("", b), "not t=SECONDS"),
        (lambda s, b: (sign(s, int(time.time()) - 1, b).replace("t=", "t=0"), b), "does not fit"),
    ],
)
def test_a_signature_that_does_not_hold_is_refused_in_words(room, new_key, report, server, change, says):
    key, _ = new_key()
    secret = webhook_secret(room_secret(server.url), key.id)
    signature, body = change(secret, json.dumps(report("a")).encode())
    headers = {"Content-Type": "application/json", "X-Warroom-Key": key.id, "X-Warroom-Signature": signature}
    answer = room.post(URL, content=body, headers=headers)
    assert answer.status_code == 401
    assert says in answer.json()["detail"]


def test_a_page_of_another_site_cannot_post_here(room, bearer, report):
    answer = room.post(URL, json=report("a"), headers={**bearer, "Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_a_store_that_is_away_is_one_clear_503(report):
    away = TestClient(create_app("redis://:0123456789abcdef0123@127.0.0.1:1/0", KEYED), base_url="http://room")
    answer = away.post(URL, json=report("a"), headers={"X-Api-Key": "wr_0123456789_x"})
    assert answer.status_code == 503
    assert "send it again" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0


def test_the_docs_page_names_every_kind_and_loads_nothing(app):
    director = TestClient(app, base_url="http://room")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    director.post("/signin", content=f"key={KEYED.director_key}", headers=form)
    page = director.get("/docs").text
    for kind in ("checkins", "correction", "wait", "incident", "early_vote", "contact", "shift", "money", "ad"):
        assert f"kind {kind}" in page
    assert "POST /api/v1/reports" in page
    assert "src=" not in page and "@import" not in page and "http://" not in page.replace("http://room", "")
