"""Every route tried by who may not: nobody, forged and foreign credentials, another site's page."""

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.access.conftest import KEYED
from tests.security.routes import CHANGING, GUARDED, HTTP, SOCKETS, filled, is_own
from warroom.access.roles import Grant
from warroom.access.sessions import LASTS_MS, Session, SessionStore, now, seal
from warroom.access.shared_keys import COOKIE, Access
from warroom.store.apikeys import KeyStore

DIRECTOR = Grant("director")
EVIL = "http://evil.example"


def codes(client, routes, **more):
    """{"POST /path": status} of each route."""
    return {f"{method} {rule.path}": client.request(method, filled(rule.path), json={}, **more).status_code
            for method, rule in routes}  # fmt: skip


def refused(found):
    return {route: code for route, code in found.items() if code not in (303, 401)}


@pytest.fixture
def cookies(doors, invited, accounts, loaded):
    """Cookies that must open nothing, by what is wrong with them."""
    invited("ana", DIRECTOR)
    session = Session(door="password", account="ana", started_ms=now(), seen_ms=now(), ends_ms=now() + LASTS_MS)
    good = doors.sessions.open(session)
    session_id = good.split(".")[1]
    other_room = Access(wall_key="w" * 16, director_key="d" * 16, open_room=False)
    ended = doors.sessions.open(session)
    doors.sessions.end(doors.sessions.of_cookie(ended, now())[0])
    _, token = KeyStore(loaded).make("vendor", ["checkins"], now(), None, 60)
    return {
        "empty": "",
        "words": "director",
        "unsigned": f"s.{session_id}.{session.ends_ms}.ana.",
        "signed with another secret": seal(b"x" * 32, "ana", session_id, session.ends_ms),
        "signed with the room's keys": seal(KEYED.director_key.encode(), "ana", session_id, session.ends_ms),
        "another account": seal(doors.sessions.key, "root.admin", session_id, session.ends_ms),
        "an invented session": seal(doors.sessions.key, "ana", "A" * 32, session.ends_ms),
        "over": seal(doors.sessions.key, "ana", session_id, now() - 1),
        "ended": ended,
        "another room's ticket": other_room.ticket("director"),
        "an old ticket": KEYED.ticket("director", now_s=1_000),
        "a wall token": accounts.new_wall("north", now()),
        "an invitation": accounts.invite("ana", now()),
        "a break-glass code": accounts.new_break_glass(now()),
        "an API key": token,
        "the director key itself": KEYED.director_key,
    }


def test_no_false_cookie_opens_any_route(browser, cookies):
    for name, cookie in cookies.items():
        client = browser()
        client.headers["cookie"] = f'{COOKIE}="{cookie}"'
        assert refused(codes(client, GUARDED)) == {}, name


def test_credentials_in_other_places_open_nothing(browser, doors, signed_in, cookies):
    """A session is a cookie: as a bearer token, in the address or in a header it is nothing."""
    cookie = signed_in("bo", DIRECTOR).cookies[COOKIE]
    for more in (
        {"headers": {"Authorization": f"Bearer {cookie}"}},
        {"headers": {"X-Forwarded-User": "bo", "X-Role": "admin", "Authorization": f"Bearer {KEYED.director_key}"}},
        {"params": {COOKIE: cookie, "key": KEYED.director_key}},
    ):
        assert refused(codes(browser(), GUARDED, **more)) == {}


def test_a_session_cookie_is_no_api_key_and_an_api_key_no_volunteers_code(browser, signed_in, cookies):
    report = {
        "kind": "checkins",
        "id": "1",
        "at": "2025-06-24T09:00:00-04:00",
        "source": "x",
        "precinct": "P0",
        "count": 5,
    }
    cookie = signed_in("bo", DIRECTOR).cookies[COOKIE]
    for token in (cookie, cookies["a wall token"], cookies["a break-glass code"], KEYED.director_key):
        answer = browser().post("/api/v1/reports", json=report, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in (401, 403)
    for code in (cookies["an API key"], cookie):
        assert browser().post("/api/v1/phone/signin", json={"code": code}).status_code in (401, 403, 422)


ELSEWHERE = (
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": "http://room.evil.example"},
    {"Origin": "http://room:1"},
    {"Origin": "http://room@evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
)


def test_another_sites_page_changes_nothing_with_a_directors_cookie(signed_in):
    ana = signed_in("ana", DIRECTOR, Grant("admin"), Grant("approver"))
    for headers in ELSEWHERE:
        found = codes(ana, CHANGING, headers=headers)
        assert {route: code for route, code in found.items() if code != 403} == {}, headers


def test_our_own_page_is_let_through(signed_in):
    ours = [(method, rule) for method, rule in CHANGING if not is_own(rule.path)]
    ana = signed_in("ana", DIRECTOR, Grant("admin"), Grant("approver"))
    found = codes(ana, ours, headers={"Origin": "http://room"})
    assert not {route for route, code in found.items() if code in (401, 403)}


def test_methods_that_no_route_has_do_nothing(signed_in):
    viewer = signed_in("vera", Grant("viewer"))
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        assert viewer.request(method, "/api/v1/board", json={}).status_code == 403
    assert viewer.post("/api/v1/board", headers={"X-HTTP-Method-Override": "GET"}).status_code == 403


ODD = (
    "/api/v1/decide/",
    "/API/v1/decide",
    "//api/v1/decide",
    "/api/v1/./decide",
    "/api/v1/x/../decide",
    "/api/v1/decide%00",
    "/api/v1/decide;x",
    "/signin/../api/v1/decide",
    "/report/../api/v1/decide",
    "/signin%2f..%2fapi/v1/decide",
    "/report/..%2f..%2fapi/v1/decide",
    "/assets/../api/v1/audit",
)


def test_an_oddly_written_address_is_no_way_around(app, signed_in):
    viewer = signed_in("vera", Grant("viewer"))
    raw = TestClient(app, base_url="http://room", follow_redirects=False, raise_server_exceptions=False)
    raw.cookies = viewer.cookies
    for path in ODD:
        answer = raw.post(path, json={"by": "x", "items": [{"id": "a", "version": 0}]})
        assert answer.status_code in (303, 307, 401, 403, 404, 405), path
        assert "results" not in answer.text, path


FILES = (
    "/assets/../../pyproject.toml",
    "/assets/%2e%2e/%2e%2e/pyproject.toml",
    "/assets/..%2f..%2fpyproject.toml",
    "/report/../../pyproject.toml",
    "/report/%2e%2e%2fphone_api.py",
    "/signin/page.html",
    "/signin/page.../x",
    "/_dash-component-suites/dash/../../../../etc/passwd",
)


def test_no_file_is_reached_by_its_path(app, signed_in):
    ana = signed_in("ana", DIRECTOR)
    raw = TestClient(app, base_url="http://room", follow_redirects=False, raise_server_exceptions=False)
    raw.cookies = ana.cookies
    for path in FILES:
        answer = raw.get(path)
        assert answer.status_code in (303, 307, 400, 403, 404, 500), path
        for secret in ("hatchling", "root:x", "import APIRouter", "{{ title }}"):
            assert secret not in answer.text, path


def connect(client, rule, **headers):
    with client.websocket_connect(filled(rule.path), headers=headers) as socket:
        socket.receive_text()


@pytest.mark.parametrize("rule", SOCKETS, ids=lambda r: r.path)
def test_a_websocket_from_another_site_is_refused_whoever_asks(browser, signed_in, rule):
    for client in (browser(), signed_in("ana", DIRECTOR, Grant("admin"))):
        for headers in ({"origin": EVIL}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
            with pytest.raises(WebSocketDisconnect) as closed:
                connect(client, rule, **headers)
            assert closed.value.code == 1008


@pytest.mark.parametrize("rule", [rule for rule in SOCKETS if not is_own(rule.path)], ids=lambda r: r.path)
def test_a_websocket_without_or_with_a_false_cookie_is_refused(browser, cookies, rule):
    for cookie in cookies.values():
        with pytest.raises(WebSocketDisconnect) as closed:
            connect(browser(), rule, cookie=f'{COOKIE}="{cookie}"')
        assert closed.value.code == 1008


def test_every_answer_carries_the_headers_that_keep_a_page_shut(browser, signed_in):
    for client in (browser(), signed_in("ana", DIRECTOR)):
        for method, rule in HTTP:
            if rule.path == "/api/v1/stream":
                continue  # goes on for ever; the same guard stands before it
            answer = client.request(method, filled(rule.path), json={})
            policy = answer.headers["content-security-policy"]
            script = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
            assert "unsafe" not in script, rule.path
            assert "frame-ancestors" in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"]
            assert "strict-transport-security" not in answer.headers  # not over plain HTTP


def test_a_body_of_nine_megabytes_is_refused(signed_in):
    ana = signed_in("ana", DIRECTOR, Grant("admin"))
    body, head = b'{"by":"' + b"x" * 9_000_000 + b'"}', {"Content-Type": "application/json"}
    for method, rule in CHANGING:
        if rule.path != "/signin/out":  # it reads no body
            answer = ana.request(method, filled(rule.path), content=body, headers=head)
            assert answer.status_code in (400, 401, 403, 404, 413, 422), f"{method} {rule.path}"


def test_the_key_that_signs_is_not_in_any_answer(signed_in, doors, store):
    ana = signed_in("ana", DIRECTOR, Grant("admin"))
    secret = SessionStore(store).key
    held = {KEYED.director_key.encode(), KEYED.wall_key.encode(), secret, secret.hex().encode(), b"$argon2"}
    for method, rule in HTTP:
        if method == "GET" and rule.path != "/api/v1/stream":
            body = ana.get(filled(rule.path)).content
            assert not [s for s in held if s in body], rule.path
