"""Coming in as people do: invited, by password, locked out, by break-glass, by a wall's token, and out again."""

import re

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.access.conftest import KEYED, PASSWORD
from warroom.access.accounts import INVITED_MS, Account, AccountError
from warroom.access.roles import Grant
from warroom.access.sessions import now
from warroom.access.shared_keys import COOKIE, Access, AccessError
from warroom.store import keys
from warroom.web.app import create_app
from warroom.web.here import is_here

DIRECTOR = Grant("director")


def post(browser, **fields):
    return browser.post("/signin", data=fields)


def by_password(browser, account="ana", password=PASSWORD):
    return post(browser, way="password", account=account, password=password)


def said(answer):
    return (re.search(r'id="said">([^<]*)<', answer.text) or ["", ""])[1]


@pytest.fixture
def ana(invited, accounts):
    """Ana is a director and has set her password."""
    invited("ana", DIRECTOR)
    return accounts.accept(accounts.invite("ana", now()), PASSWORD, now())


def log_of(doors):
    return [(line.action, line.account, line.outcome) for line in doors.audit.newest()][::-1]


def test_an_invitation_sets_a_password_and_signs_in(browser, invited, accounts, doors):
    invited("ana", DIRECTOR)
    code = accounts.invite("ana", now())
    guest = browser()
    assert guest.get("/signin/invite").status_code == 200
    answer = post(guest, way="invite", code=f"invite-{code}", password=PASSWORD)
    assert answer.status_code == 303
    assert guest.get("/api/v1/me").json()["account"] == "ana"
    assert ("set password", "ana", "done") in log_of(doors)


def test_an_invitation_is_good_once_and_for_three_days(browser, invited, accounts):
    invited("ana", DIRECTOR)
    code = accounts.invite("ana", now())
    assert accounts.invited(code, now() + INVITED_MS) is None
    assert post(browser(), way="invite", code=code, password=PASSWORD).status_code == 303
    again = post(browser(), way="invite", code=code, password="another long password")
    assert again.status_code == 401
    assert "ask an admin" in said(again)
    assert by_password(browser(), password="another long password").status_code == 401


def test_a_new_invitation_ends_the_one_before(browser, invited, accounts):
    invited("ana", DIRECTOR)
    first = accounts.invite("ana", now())
    accounts.invite("ana", now())
    assert post(browser(), way="invite", code=first, password=PASSWORD).status_code == 401


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "ana-ana-ana-ana", ""])
def test_a_guessable_password_is_refused_and_the_invitation_still_holds(browser, invited, accounts, password):
    invited("ana", DIRECTOR)
    code = accounts.invite("ana", now())
    assert post(browser(), way="invite", code=code, password=password).status_code == 401
    assert post(browser(), way="invite", code=code, password=PASSWORD).status_code == 303


def test_the_right_password_opens_and_its_cookie_is_closed_to_script(browser, ana):
    guest = browser()
    answer = by_password(guest, account=" ANA ")
    assert answer.status_code == 303
    [cookie] = [c for c in answer.headers.get_list("set-cookie") if c.startswith(f"{COOKIE}=")]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert guest.get("/api/v1/me").json()["roles"] == ["director"]


def test_over_tls_cookies_stay_on_tls(app, ana):
    secure = TestClient(app, base_url="https://room", follow_redirects=False)
    answer = by_password(secure)
    assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))
    assert "max-age" in answer.headers["strict-transport-security"]


def test_a_wrong_name_and_a_wrong_password_sound_the_same(browser, ana, doors):
    name, word = by_password(browser(), account="nobody"), by_password(browser(), password="wrong wrong wrong")
    assert (name.status_code, said(name)) == (word.status_code, said(word)) == (401, "Name or password is wrong.")
    assert ("sign in", "ana", "refused") in log_of(doors)
    assert not any(account == "nobody" for _, account, _ in log_of(doors))  # a flood of names fills no log


def test_nobody_signs_in_without_a_password(browser, invited):
    invited("ana", DIRECTOR)
    assert by_password(browser(), password="").status_code == 401


def test_the_store_holds_no_password_and_no_code(store, browser, ana, accounts):
    code, token, glass = (
        accounts.invite("ana", now()),
        accounts.new_wall("north", now()),
        accounts.new_break_glass(now()),
    )
    held = b"".join(
        str(store.hgetall(k)).encode() for k in (keys.ACCOUNTS, keys.INVITES, keys.WALL_TOKENS, keys.BREAK_GLASS)
    )
    for secret in (PASSWORD, code, token, glass):
        assert secret.encode() not in held
    assert b"$argon2id$" in held


def test_a_disabled_account_is_out_and_stays_out(browser, ana, accounts, doors):
    guest = browser()
    by_password(guest)

    accounts.change("ana", lambda a: msgspec.structs.replace(a, disabled=True))
    doors.forget()
    assert guest.get("/api/v1/totals").status_code == 401
    assert by_password(browser()).status_code == 401


def test_a_role_that_ended_no_longer_opens(signed_in, doors):
    guest = signed_in("ana", Grant("viewer"), Grant("director", until_ms=now() + 60_000))
    assert "decide" in guest.get("/api/v1/me").json()["may"]

    doors.accounts.change("ana", lambda a: msgspec.structs.replace(
        a, grants=(Grant("viewer"), Grant("director", until_ms=now() - 1))))  # fmt: skip
    assert guest.post("/api/v1/decide", json={"by": "x", "items": [{"id": "a", "version": 0}]}).status_code == 403
    doors.forget()
    assert guest.get("/api/v1/me").json()["may"] == ["see"]


def test_with_no_role_left_nobody_is_signed_in(signed_in):
    assert signed_in("ana", Grant("director", until_ms=now() - 1)).get("/api/v1/totals").status_code == 401


def test_signing_out_ends_the_session_in_the_store(browser, ana, store):
    guest = browser()
    by_password(guest)
    stolen = guest.cookies[COOKIE]
    assert store.hlen(keys.SESSIONS) == 1
    assert guest.post("/signin/out").status_code == 303
    assert store.hlen(keys.SESSIONS) == 0
    thief = browser()
    thief.cookies.set(COOKIE, stolen)
    assert thief.get("/api/v1/totals").status_code == 401


def test_a_signed_out_person_cannot_act_for_a_moment_longer(app, signed_in, doors):
    """Reading may lag two seconds behind the end of a session; acting does not."""
    guest = signed_in("ana", DIRECTOR)
    assert guest.get("/api/v1/totals").status_code == 200
    doors.sessions.end_all("ana")
    assert guest.post("/api/v1/decide", json={"by": "x", "items": [{"id": "a", "version": 0}]}).status_code == 401


def test_an_admin_ends_a_session(signed_in, doors):
    admin, ana = signed_in("root.admin", Grant("admin")), signed_in("ana", DIRECTOR)
    [row] = [row for row in admin.get("/api/v1/sessions").json() if row["who"] == "ana"]
    assert admin.delete(f"/api/v1/sessions/{row['id']}").status_code == 200
    assert ana.get("/api/v1/totals").status_code == 401
    assert admin.delete(f"/api/v1/sessions/{row['id']}").status_code == 404


def test_many_wrong_passwords_lock_and_break_glass_opens(browser, ana, accounts, doors, caplog):
    guest, code = browser(), accounts.new_break_glass(now())
    answers = [by_password(guest, password=f"wrong wrong {n}") for n in range(8)]
    assert answers[-1].status_code == 429
    assert "break-glass" in said(answers[-1])
    assert by_password(guest).status_code == 429  # the right one too, for some seconds

    opened = post(guest, way="glass", code=code, name="Ana", reason="locked out, <b>polls open</b>")
    assert opened.status_code == 303
    me = guest.get("/api/v1/me").json()
    assert me["door"] == "break-glass"
    assert {"decide", "accounts", "read_audit"} <= set(me["may"])
    [line] = [line for line in doors.audit.newest() if line.action == "BREAK-GLASS"]
    assert (line.said, line.reason) == ("Ana", "locked out, <b>polls open</b>")
    assert any("BREAK-GLASS" in r.getMessage() and r.levelname == "CRITICAL" for r in caplog.records)
    assert post(browser(), way="glass", code=code, name="Eve", reason="again").status_code == 401


def test_break_glass_asks_who_and_why(browser, accounts):
    code = accounts.new_break_glass(now())
    assert post(browser(), way="glass", code=code, name="", reason="x").status_code == 422
    assert accounts.glasses() == 1  # and is not used up


def test_a_wall_looks_and_a_revoked_wall_does_not(browser, accounts, doors):
    wall = browser()
    assert post(wall, key=accounts.new_wall("north", now())).status_code == 303
    assert wall.get("/api/v1/totals").status_code == 200
    assert wall.get("/api/v1/me").json()["may"] == ["see"]
    assert wall.post("/api/v1/decide", json={"by": "x", "items": []}).status_code == 403
    accounts.drop_wall("north")
    doors.forget()
    assert wall.get("/api/v1/totals").status_code == 401


def test_a_second_token_for_a_screen_replaces_the_first(browser, accounts):
    first = accounts.new_wall("north", now())
    accounts.new_wall("north", now())
    assert post(browser(), key=first).status_code == 401


def test_shared_keys_still_open(browser):
    for key, may in ((KEYED.wall_key, False), (KEYED.director_key, True)):
        guest = browser()
        assert post(guest, key=key).status_code == 303
        assert ("decide" in guest.get("/api/v1/me").json()["may"]) is may


def test_guessing_keys_is_slowed(browser):
    guest = browser()
    answers = [post(guest, key=f"guess-{n}").status_code for n in range(60)]
    assert answers[0] == 401
    assert answers[-1] == 429


def test_the_open_room_closes_with_its_first_account(server, loaded, invited):
    app = create_app(server.url, Access(wall_key="", director_key="", open_room=True))
    here = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 9), follow_redirects=False)
    assert here.get("/api/v1/totals").status_code == 200
    invited("ana", DIRECTOR)
    app.state.doors.forget()
    assert here.get("/api/v1/totals").status_code == 401
    assert "Sign-in name" in here.get("/signin").text


@pytest.mark.parametrize(
    ("name", "peer", "more", "opens"),
    [
        ("localhost:8050", "127.0.0.1", {}, True),
        ("[::1]:8050", "::1", {}, True),
        ("evil.example", "127.0.0.1", {}, False),  # a page elsewhere can point its own name at us (DNS rebinding)
        ("localhost:8050", "10.0.0.7", {}, False),  # a proxy on another machine that sets the name of its upstream
        ("localhost:8050", "127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, False),
        ("localhost:8050", "127.0.0.1", {"X-Real-IP": "10.0.0.7"}, False),
        ("localhost:8050", "127.0.0.1", {"Forwarded": "for=10.0.0.7"}, False),
        ("localhost:8050", "127.0.0.1", {"Via": "1.1 proxy"}, False),
    ],
)
def test_an_open_room_answers_whoever_sits_at_its_machine_and_no_proxy(server, loaded, name, peer, more, opens):
    app = create_app(server.url, Access(wall_key="", director_key="", open_room=True))
    client = TestClient(app, base_url=f"http://{name}", client=(peer, 9), headers=more)
    assert client.get("/api/v1/totals").status_code == (200 if opens else 401)


def test_an_open_room_is_closed_to_a_proxy_that_says_nothing_of_itself():
    """nginx as it comes: the name of its upstream, no header about the visitor, HTTP/1.0."""
    scope = {"type": "http", "headers": [(b"host", b"127.0.0.1:8050")], "client": ("127.0.0.1", 9)}
    assert is_here({**scope, "http_version": "1.1"})
    assert not is_here({**scope, "http_version": "1.0"})
    assert not is_here({**scope, "http_version": "1.1", "client": None})  # a proxy before a socket in a folder


def test_a_network_needs_keys_or_accounts():
    with pytest.raises(AccessError, match="WARROOM_ACCOUNTS"):
        Access.from_environment({}, "0.0.0.0")
    access = Access.from_environment({"WARROOM_ACCOUNTS": "on"}, "0.0.0.0")
    assert not access.open_room


def test_without_keys_no_ticket_can_be_computed():
    """The signature of a room without keys has no secret in it, so it must open nothing."""
    keyless = Access(wall_key="", director_key="", open_room=False, accounts=True)
    assert keyless.role_of_ticket(keyless.ticket("director")) is None
    wall_only = Access(wall_key="w" * 16, director_key="", open_room=False)
    assert wall_only.role_of_ticket(wall_only.ticket("director")) is None
    assert wall_only.role_of_ticket(wall_only.ticket("viewer")) == "viewer"


def test_two_people_never_sign_with_one_name(accounts, invited):
    invited("ana", DIRECTOR)
    with pytest.raises(AccountError, match="--shown"):
        accounts.add(Account(id="ana2", name="ANA", made_ms=now()))
    with pytest.raises(AccountError, match="exists already"):
        accounts.add(Account(id="ana", name="Ana", made_ms=now()))


def test_two_changes_of_an_account_both_count(accounts, invited):
    invited("ana")

    def add(role):
        return lambda a: msgspec.structs.replace(a, grants=(*a.grants, Grant(role)))

    inner = []

    def slow(account):
        if not inner:  # somebody else changes it in between
            inner.append(accounts.change("ana", add("viewer")))
        return add("director")(account)

    assert {g.role for g in accounts.change("ana", slow).grants} == {"viewer", "director"}
    with pytest.raises(AccountError, match="account list"):
        accounts.change("eve", add("admin"))
