"""SQL, Lua, shell, CSV, template and path strings in every field that a person or a sender fills: data, or refused.

The store before and after holds the same keys, whatever was sent; no answer is a server fault.
"""

import json
from datetime import timedelta
from urllib.parse import quote

import pytest

from warroom.access.roles import Grant
from warroom.domain.reports import Incident
from warroom.store import keys
from warroom.store.intake import RedisIntake
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker

NORTH = "/api/v1/alerts/low_turnout:P0:1"
NASTY = (
    "'; DROP TABLE alerts; --",
    '" OR 1=1 --',
    "redis.call('FLUSHALL')",
    "]] return redis.call('FLUSHALL') --[[",
    "x\r\nFLUSHALL\r\n",
    "*1\r\n$8\r\nFLUSHALL\r\n",
    "nul\x00nul",
    "$(touch planted)",
    "`id`",
    '=HYPERLINK("http://evil","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "{{7*7}}",
    "${7*7}",
    "{0.__class__}",
    "%s%s%s%n",
    "../../../../etc/passwd",
    "..\\..\\x",
    "<script>x()</script>",
    "\u202eevil",
    "💩",
    "A" * 390,
    "wr:accounts",
    "*",
    "P0\x1fP1",
)
LONE = "\ud800 half a character"  # JSON can write it, UTF-8 cannot
OWN = (b"wr:audit", b"wr:handlings", b"wr:decisions", b"wr:shelves", b"wr:refused", b"wr:sessions", b"wr:accounts",
       b"wr:access_secret", b"wr:failed", b"wr:feed", b"wr:entry", b"wr:looks", b"wr:text")  # fmt: skip


def held(store):
    return {key for key in store.keys("*") if not key.startswith(OWN)}


@pytest.fixture
def ana(signed_in, two_regions):
    return signed_in("ana", Grant("director"), Grant("admin"), Grant("approver"))


def test_in_every_field_of_a_decision(ana, loaded, store):
    before = held(store)
    for nasty in (*NASTY, LONE):
        for fields in ({"reason": nasty}, {"volunteer": nasty}, {"move": nasty}, {"by": nasty}, {"what": nasty}):
            body = {"what": "dismiss", "by": "Ana", "version": 0, **fields}
            answer = ana.post(f"{NORTH}/decide", content=json.dumps(body))
            assert answer.status_code in (200, 409, 422), (fields, answer.status_code)
            assert answer.headers["content-type"].startswith("application/json")
        shelf = {"by": nasty[:60], "minutes": 5, "reason": nasty}
        assert ana.post("/api/v1/sites/S0/shelve", content=json.dumps(shelf)).status_code in (200, 422)
        refusal = {"volunteer": nasty, "precinct": nasty, "by": "Ana", "reason": nasty}
        assert ana.post("/api/v1/moves/refuse", content=json.dumps(refusal)).status_code in (200, 422)
    assert held(store) == before
    assert loaded.get(keys.DAY)


def test_in_every_place_of_an_address(ana, store):
    before = held(store)
    for nasty in NASTY:
        for path in ("alerts/{}", "precincts/{}", "replay/{}", "sessions/{}", "alerts/{}/ack", "sites/{}/shelve"):
            method = "POST" if path.endswith(("ack", "shelve")) else "GET"
            body = {"by": "Ana", "minutes": 5, "reason": "x"} if method == "POST" else None
            answer = ana.request(method, f"/api/v1/{path.format(quote(nasty, safe=''))}", json=body)
            assert answer.status_code in (403, 404, 405, 422), (path, nasty, answer.status_code)
        for query in ("audit?who={}", "audit?before={}", "audit?outcome={}", "alerts?scope={}", "audit?about={}"):
            answer = ana.get(f"/api/v1/{query.format(quote(nasty, safe=''))}")
            assert answer.status_code in (200, 422), (query, nasty)
    assert held(store) == before


def test_in_every_field_of_the_door(browser, ana, store):
    before = held(store)
    for nasty in NASTY:
        for fields in (
            {"way": "password", "account": nasty, "password": "x"},
            {"way": "invite", "code": nasty, "password": nasty},
            {"way": "glass", "code": nasty, "name": nasty, "reason": nasty},
            {"way": nasty, "key": nasty},
        ):
            answer = browser().post("/signin", data=fields)
            assert answer.status_code in (401, 413, 422, 429), (fields, answer.status_code)
            assert "<script>x()" not in answer.text  # said back in a page: as text
    assert held(store) == before


def test_what_a_sender_writes_comes_back_as_it_was_and_as_json(ana, loaded, at):
    intake, when = RedisIntake(loaded), at(60)
    reports = [
        Incident(id=f"i{n}", source=f"s {nasty}"[:90], at=when, received=when + timedelta(seconds=n), site="S0",
                 category=nasty[:60], severity="low", text=nasty)
        for n, nasty in enumerate(NASTY)
    ]  # fmt: skip
    intake.put_frame("attack", reports)
    while TallyWorker(loaded, 0, "test").step(block_ms=1):
        pass
    assert StateReader(loaded).totals().accepted == len(reports)
    for path in ("rejects", "totals", "alerts", "roster"):
        answer = ana.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_audit_log_keeps_one_line_for_a_reason_with_line_breaks(ana, audit_file, doors):
    reason = 'x\n{"n":99,"action":"forged"}\n'
    ana.post(f"{NORTH}/decide", json={"what": "dismiss", "by": "Ana", "version": 0, "reason": reason})
    lines = audit_file.read_bytes().splitlines()
    assert len(lines) == doors.audit.head()[0]
    assert "forged" in json.loads(lines[-1])["reason"]
