"""Cookies that open nothing: forged, of another room, of another person, over, or ended in the store."""

import msgspec
import pytest

from warroom.access.sessions import IDLE_MS, LASTS_MS, SEEN_EVERY_MS, Session, SessionStore, hidden, seal, unseal
from warroom.store import keys

T = 1_800_000_000_000


def session(**more):
    told = {"door": "password", "account": "ana", "started_ms": T, "seen_ms": T, "ends_ms": T + LASTS_MS, **more}
    return Session(**told)


@pytest.fixture
def sessions(store):
    return SessionStore(store)


def test_a_cookie_leads_to_its_session(sessions):
    digest, found = sessions.of_cookie(sessions.open(session()), T)
    assert found.account == "ana"
    assert sessions.one(digest) == found


def test_an_account_with_dots_in_its_name_is_read_back():
    cookie = seal(b"k", "ana.ruiz@example.org", "id", T + 1)
    assert unseal(b"k", cookie, T) == ("ana.ruiz@example.org", "id")
    assert unseal(b"k", cookie, T + 1) is None
    assert unseal(b"other", cookie, T) is None


@pytest.mark.parametrize(
    "forged", ["", "s", "s....", "s.x.9.-." + "0" * 64, "director.9999999999.00", "s.é.1.é.é", "x" * 9_999]
)
def test_a_forged_cookie_is_nobody(sessions, forged):
    assert sessions.of_cookie(forged, T) is None


def test_a_changed_cookie_is_nobody(sessions):
    cookie = sessions.open(session())
    for place in range(len(cookie)):
        changed = cookie[:place] + ("a" if cookie[place] != "a" else "b") + cookie[place + 1 :]
        assert sessions.of_cookie(changed, T) is None, changed


def test_another_account_cannot_use_a_session_id(sessions):
    _, session_id, until, _, _ = sessions.open(session()).split(".")
    assert sessions.of_cookie(seal(sessions.key, "eve", session_id, int(until)), T) is None


def test_a_session_ends_at_its_time_and_when_nobody_uses_it(sessions):
    used = sessions.open(session(ends_ms=T + 3 * IDLE_MS))
    assert sessions.of_cookie(used, T + IDLE_MS - 1)
    assert sessions.of_cookie(used, T + 2 * IDLE_MS - 2)  # it was used meanwhile
    assert sessions.of_cookie(used, T + 3 * IDLE_MS) is None
    left = sessions.open(session())
    assert sessions.of_cookie(left, T + IDLE_MS) is None


def test_a_wall_that_nobody_touches_stays_signed_in(sessions):
    cookie = sessions.open(session(account="", wall="north", ends_ms=T + 5 * IDLE_MS))
    assert sessions.of_cookie(cookie, T + 4 * IDLE_MS)


def test_an_ended_session_is_over_at_once_and_stays_so(sessions, store):
    cookie = sessions.open(session())
    digest, _ = sessions.of_cookie(cookie, T)
    assert sessions.end(digest)
    assert sessions.of_cookie(cookie, T + SEEN_EVERY_MS) is None
    assert not store.hexists(keys.SESSIONS, digest)


def test_the_store_holds_no_session_id(sessions, store):
    cookie = sessions.open(session())
    session_id = cookie.split(".")[1]
    assert session_id not in str(store.hgetall(keys.SESSIONS))
    assert store.hexists(keys.SESSIONS, hidden(session_id))


def test_ended_sessions_are_cleared_away(sessions, store):
    sessions.open(session())
    sessions.open(session(account="bo", ends_ms=T + 1))
    assert [s.account for _, s in sessions.all(T + 2)] == ["ana"]
    assert store.hlen(keys.SESSIONS) == 1


def test_every_process_signs_with_the_same_key(store):
    assert SessionStore(store).key == SessionStore(store).key
    assert len(SessionStore(store).key) == 32


def test_a_session_keeps_its_shape():
    held = msgspec.json.decode(msgspec.json.encode(session()), type=Session)
    assert held == session()
