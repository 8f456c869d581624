"""WARROOM_PASSKEY_ROLES: a session opened without a passkey looks, adds one, and takes none of those roles' actions."""

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.access.conftest import KEYED
from warroom.access.accounts import Passkey
from warroom.access.roles import ACTIONS, MAY, Grant
from warroom.access.sessions import LASTS_MS, Session, now
from warroom.access.shared_keys import COOKIE, Access, AccessError
from warroom.web.app import create_app

APPROVE = "/api/v1/texts/approve/none"
GRANTS = Grant("approver"), Grant("admin"), Grant("watcher")


@pytest.fixture
def app(server, loaded, audit_file):
    """The room of these tests, with the setting."""
    return create_app(server.url, msgspec.structs.replace(KEYED, passkey_roles=frozenset({"approver", "admin"})))


@pytest.fixture
def enter(app, invited, doors):
    """enter(door, grants) is a browser whose account's session was opened by that door."""

    def do(door, *grants):
        if doors.accounts.one("ana") is None:
            invited("ana", *grants)
        session = Session(door=door, account="ana", started_ms=now(), seen_ms=now(), ends_ms=now() + LASTS_MS)
        client = TestClient(app, base_url="http://room", follow_redirects=False)
        client.cookies.set(COOKIE, doors.sessions.open(session), domain="room.local")
        return client

    return do


@pytest.mark.parametrize("door", ["password", "single sign-on"])
def test_without_a_passkey_the_named_roles_wait_and_the_others_work(enter, door):
    ana = enter(door, *GRANTS)
    me = ana.get("/api/v1/me").json()
    assert me["may"] == [action for action in ACTIONS if "watcher" in MAY[action]]
    assert (me["roles"], me["waiting"]) == (["watcher"], ["approver", "admin"])
    for refused in (ana.post(APPROVE, json={}), ana.get("/api/v1/sessions"), ana.get("/api/v1/audit")):
        assert refused.status_code == 403 and "add it beside your name" in refused.json()["detail"]
    assert ana.get("/api/v1/entry").status_code == 200
    assert "passkey" not in ana.post("/api/v1/decide", json={}).json()["detail"]  # a passkey would not help


def test_with_a_passkey_they_act(enter):
    ana = enter("passkey", *GRANTS)
    assert ana.get("/api/v1/sessions").status_code == 200
    assert ana.post(APPROVE, json={}).status_code not in (401, 403)
    assert ana.get("/api/v1/me").json()["waiting"] == []


def test_who_has_nothing_else_may_look_and_add_the_first_passkey_but_not_a_second(enter, doors):
    ana = enter("password", Grant("approver"))
    assert ana.get("/api/v1/me").json()["may"] == ["see"]
    assert ana.post("/api/v1/passkeys/begin").status_code == 200
    key = Passkey("abc", "def", 0, "localhost")
    doors.accounts.change("ana", lambda a: msgspec.structs.replace(a, passkeys=(key,)))
    for path in ("/api/v1/passkeys/begin", "/api/v1/passkeys"):  # whoever has the password alone gets no further
        assert ana.post(path, json={}).status_code == 403
    assert enter("passkey", Grant("approver")).post("/api/v1/passkeys/begin").status_code == 200


def test_a_role_that_ends_leaves_nothing_to_look_with(enter):
    assert enter("password", Grant("approver", until_ms=now() - 1)).get("/api/v1/me").status_code == 401


def test_a_sealed_code_still_opens_the_room(app, accounts, enter):
    enter("password", Grant("admin"))
    here = TestClient(app, base_url="http://room", follow_redirects=False)
    told = {"way": "glass", "code": accounts.new_break_glass(now()), "name": "Bo", "reason": "phone lost"}
    assert here.post("/signin", data=told).status_code == 303
    assert here.get("/api/v1/sessions").status_code == 200


def test_the_setting_is_off_unless_it_names_roles():
    assert Access.from_environment({}, "127.0.0.1").passkey_roles == frozenset()
    named = Access.from_environment({"WARROOM_PASSKEY_ROLES": " approver, admin,"}, "127.0.0.1")
    assert named.passkey_roles == {"approver", "admin"}
    with pytest.raises(AccessError, match="'chief' is no role"):
        Access.from_environment({"WARROOM_PASSKEY_ROLES": "chief"}, "127.0.0.1")
