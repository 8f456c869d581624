"""A decision carries the account's name; an organiser decides, and sees names, in their own region only."""

import json

import msgspec
import pytest
from fastapi.routing import APIRoute

from warroom.access.audit import Event
from warroom.access.policy import needs
from warroom.access.roles import Grant
from warroom.domain.places import Precinct
from warroom.domain.volunteers import Contact, PlannedShift, Volunteer
from warroom.store.day import Roster, put_day
from warroom.store.people import PeopleStore
from warroom.web.app import MAX_BODY_BYTES

NORTH, SOUTH = "/api/v1/alerts/low_turnout:P0:1", "/api/v1/alerts/low_turnout:P1:1"
ORGANISER, DIRECTOR = Grant("organiser", "North"), Grant("director")


@pytest.fixture
def people(loaded):
    volunteers = [Volunteer(volunteer_id=f"V{n}") for n in range(3)]
    contacts = {f"V{n}": Contact(name=f"Name {n}", phone=f"+1207555010{n}") for n in range(3)}
    shifts = [
        PlannedShift(volunteer_id="V0", site_id="S0", precinct_id="", role="watcher", start_ms=0, end_ms=1),
        PlannedShift(volunteer_id="V1", site_id="S1", precinct_id="", role="watcher", start_ms=0, end_ms=1),
    ]
    PeopleStore(loaded).put(volunteers, contacts, shifts)


def lines(doors):
    return list(doors.audit.newest())[::-1]


def decide(browser, address, what="acknowledge", by="Somebody Else", version=0, **more):
    return browser.post(f"{address}/decide", json={"what": what, "by": by, "version": version, **more})


def test_a_decision_carries_the_accounts_name_whatever_was_typed(signed_in, two_regions):
    ana = signed_in("ana", DIRECTOR)
    assert decide(ana, NORTH).json()["handling"]["owner"] == "Ana"
    assert ana.post(f"{SOUTH}/ack", json={"by": "Mallory"}).json()["owner"] == "Ana"
    shelf = ana.post("/api/v1/sites/S1/shelve", json={"by": "Mallory", "minutes": 5, "reason": "noise"})
    assert shelf.json()["by"] == "Ana"
    items = [{"id": "coverage_gap:S0:1", "version": 0}]
    bulk = ana.post("/api/v1/decide", json={"by": "Mallory", "items": items}).json()["results"]
    assert bulk[0]["handling"]["owner"] == "Ana"
    refusal = {"volunteer": "V0", "precinct": "P0", "by": "Mallory", "reason": "no car"}
    assert ana.post("/api/v1/moves/refuse", json=refusal).json()["by"] == "Ana"


def test_an_organiser_acts_on_their_own_region_only(signed_in, two_regions, people):
    olga = signed_in("olga", ORGANISER)
    assert decide(olga, NORTH).status_code == 200
    assert decide(olga, SOUTH).status_code == 403
    assert olga.post(f"{SOUTH}/ack", json={"by": "x"}).status_code == 403
    assert olga.post("/api/v1/alerts/coverage_gap:S0:1/ack", json={"by": "x"}).status_code == 200
    assert olga.post("/api/v1/alerts/coverage_gap:S1:1/ack", json={"by": "x"}).status_code == 403
    shelf = {"by": "x", "minutes": 5, "reason": "noise"}
    assert olga.post("/api/v1/sites/S0/shelve", json=shelf).status_code == 200
    assert olga.post("/api/v1/sites/S1/shelve", json=shelf).status_code == 403
    assert olga.request("DELETE", "/api/v1/sites/S1/shelve", json={"by": "x"}).status_code == 403
    move = {"volunteer": "V0", "by": "x", "reason": "no"}
    assert olga.post("/api/v1/moves/refuse", json={**move, "precinct": "P0"}).status_code == 200
    assert olga.post("/api/v1/moves/refuse", json={**move, "precinct": "P1"}).status_code == 403
    assert olga.post("/api/v1/moves/refuse", json={**move, "precinct": "nowhere"}).status_code == 403


def test_a_bulk_decision_takes_what_is_in_reach_and_says_what_is_not(signed_in, two_regions):
    olga = signed_in("olga", ORGANISER)
    ids = ("low_turnout:P0:1", "low_turnout:P1:1", "silent:P9:1")
    body = {"by": "x", "items": [{"id": found, "version": 0} for found in ids]}
    results = olga.post("/api/v1/decide", json=body).json()["results"]
    assert [(r["ok"], r.get("reason")) for r in results] == [(True, None), (False, "forbidden"), (False, "unknown")]


def test_an_organiser_sees_the_names_of_their_own_region(signed_in, two_regions, people):
    rows = signed_in("olga", ORGANISER).get("/api/v1/volunteers").json()["volunteers"]
    assert [row.get("name") for row in rows] == ["Name 0", None, None]


def test_a_precinct_without_a_site_opens_no_names_of_another_region(signed_in, two_regions, loaded, small_day):
    """A shift without a site is where its precinct is; one without either is nobody's but a director's."""
    places = {"P0": ("North", "S0"), "P1": ("South", "S1"), "P2": ("North", ""), "P3": ("South", "")}
    precincts = [Precinct(precinct_id=p, region=region, site_id=site) for p, (region, site) in places.items()]
    put_day(loaded, msgspec.structs.replace(small_day, roster=Roster(precincts, small_day.roster.sites)))
    at = {"V0": ("", "P2"), "V1": ("", "P3"), "V2": ("S1", "P2"), "V3": ("", "")}
    shifts = [
        PlannedShift(volunteer_id=v, site_id=site, precinct_id=precinct, start_ms=0, end_ms=1)
        for v, (site, precinct) in at.items()
    ]
    PeopleStore(loaded).put([Volunteer(volunteer_id=v) for v in at], {v: Contact(name=v) for v in at}, shifts)
    rows = signed_in("olga", ORGANISER).get("/api/v1/volunteers").json()["volunteers"]
    assert [row["id"] for row in rows if "name" in row] == ["V0"]


@pytest.mark.parametrize("role", ["viewer", "watcher", "approver", "admin"])
def test_other_roles_see_no_name(signed_in, two_regions, people, role):
    answer = signed_in("vera", Grant(role)).get("/api/v1/volunteers")
    assert len(answer.json()["volunteers"]) == 3
    assert "Name" not in answer.text


def test_every_decision_done_or_refused_is_in_the_log(signed_in, two_regions, doors, audit_file):
    ana, olga = signed_in("ana", DIRECTOR), signed_in("olga", ORGANISER)
    decide(ana, NORTH, "dismiss", reason="known here, call 215-555-0199")
    decide(olga, SOUTH)
    decide(ana, NORTH, "resolve", version=0)
    ana.post(f"{NORTH}/decide", content=b"{not json")
    ana.get("/api/v1/sessions")
    told = [(x.account, x.action, x.outcome, x.status) for x in lines(doors)]
    assert told == [
        ("ana", "decide: dismiss", "done", 200),
        ("olga", "decide: acknowledge", "refused", 403),
        ("ana", "decide: resolve", "refused", 409),
        ("ana", "decide", "refused", 422),
        ("ana", "accounts: look", "refused", 403),
    ]
    first = lines(doors)[0]
    assert first.object == f"POST {NORTH}/decide"
    assert first.role == "director"
    assert first.reason.startswith("known here, call")
    assert "0199" not in audit_file.read_text()
    assert audit_file.read_bytes().splitlines() == list(doors.audit.lines())


def test_what_passes_the_limit_of_a_decision_is_in_the_log_whole_and_what_does_not_is_refused(
    signed_in, two_regions, doors
):
    ana = signed_in("ana", DIRECTOR)
    ana.headers["Content-Type"] = "application/json"
    told = {"what": "dismiss", "version": 0, "reason": "known here"}
    padding = " " * (MAX_BODY_BYTES - 200)
    assert ana.post(f"{NORTH}/decide", content=json.dumps({"pad": padding, "by": "x", **told})).status_code == 200
    in_parts = iter([b'{"pad":"', b" " * MAX_BODY_BYTES, b'"}'])
    for body in (json.dumps({"pad": padding + " " * 300, **told}), in_parts, "[" * 60_000, '{"what":' * 7_000):
        assert ana.post(f"{NORTH}/decide", content=body).status_code in (400, 413, 422)
    assert [(x.action, x.reason, x.status) for x in lines(doors)] == [
        ("decide: dismiss", "known here", 200), *[("decide", "", status) for status in (413, 413, 400, 400)],
    ]  # fmt: skip


def test_a_whole_sheet_is_longer_than_a_decision_may_be(signed_in, two_regions):
    sheet = {"by": "AB", "sheet": "1", "lines": [{"id": f"line-{n:04}", "line": "x" * 400, "typed_ms": 0}
                                                 for n in range(200)]}  # fmt: skip
    assert len(json.dumps(sheet)) > MAX_BODY_BYTES
    answer = signed_in("ana", DIRECTOR).post("/api/v1/entry/sheets", json=sheet)
    assert answer.status_code == 422 and len(answer.json()["bad"]) == 200


def test_who_first_looked_at_names_is_in_the_log_once(signed_in, two_regions, people, doors):
    ana = signed_in("ana", DIRECTOR)
    for _ in range(3):
        ana.get("/api/v1/volunteers")
    signed_in("vera", Grant("viewer")).get("/api/v1/volunteers")
    assert [(x.account, x.action) for x in lines(doors)] == [("ana", "see_people: look")]


@pytest.mark.parametrize(("method", "action"), [("GET", "see"), ("POST", "decide")])
def test_a_failing_handler_is_answered_for_with_the_headers_and_recorded(app, signed_in, doors, method, action):
    @needs(action)
    def broken(_: dict[str, str]):
        raise ZeroDivisionError("planted")

    app.router.routes.insert(0, APIRoute("/api/v1/broken", broken, methods=[method]))
    answer = signed_in("ana", DIRECTOR).request(method, "/api/v1/broken", json={"by": "x", "reason": "a try"})
    assert answer.status_code == 500 and "failed" in answer.json()["detail"] and "planted" not in answer.text
    assert answer.headers["x-frame-options"] == "SAMEORIGIN" and "content-security-policy" in answer.headers
    told = [(x.object, x.reason, x.outcome, x.status) for x in lines(doors)]
    assert told == ([("POST /api/v1/broken", "a try", "failed", 500)] if method == "POST" else [])


def test_what_cannot_be_recorded_is_not_answered_as_done(signed_in, two_regions, doors, monkeypatch):
    import redis

    ana = signed_in("ana", DIRECTOR)

    def lost(*_: object) -> None:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(doors.audit, "write", lost)
    answer = decide(ana, NORTH)
    assert answer.status_code == 503
    assert "recorded" in answer.json()["detail"]


def test_the_log_can_be_read_filtered_and_paged(signed_in, doors):
    for n in range(450):
        doors.audit.write(Event(action="decide: dismiss", object=f"alert {n}", account="ana" if n % 3 else "bo"))
    admin = signed_in("root.admin", Grant("admin"))
    first = admin.get("/api/v1/audit").json()
    assert [line["n"] for line in first["lines"][:2]] == [450, 449]
    assert len(first["lines"]) == 200
    assert first["head"]["n"] == 450
    seen, before = [], None
    while True:
        page = admin.post("/api/v1/audit", json={"who": "bo", "before": before}).json()
        seen += [line["n"] for line in page["lines"]]
        before = page["more_before"]
        if before is None:
            break
    assert seen == [n + 1 for n in range(449, -1, -1) if n % 3 == 0]
    assert [line["n"] for line in admin.post("/api/v1/audit", json={"about": "alert 17"}).json()["lines"]][-1] == 18


def test_a_grant_with_an_end_is_kept_as_it_was_given():
    grant = Grant("organiser", "North", until_ms=5)
    assert msgspec.json.decode(msgspec.json.encode(grant), type=Grant) == grant
