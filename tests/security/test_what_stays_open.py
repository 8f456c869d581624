"""Event streams and sockets go on for hours; each ends, and says why, soon after the right to it has."""

import anyio
import msgspec
import pytest
from starlette.websockets import WebSocketDisconnect

from tests.run_async import run_async
from warroom.access.policy import Policy
from warroom.access.roles import Grant
from warroom.access.sessions import now
from warroom.store.apikeys import KeyStore
from warroom.web import look_again
from warroom.web.guard import Guard


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(look_again, "LOOK_AGAIN_S", 0.05)


def session_ended(doors):
    doors.sessions.end_all("vera")


def grant_over(doors):
    doors.accounts.change("vera", lambda a: msgspec.structs.replace(a, grants=(Grant("viewer", until_ms=now() - 1),)))


def account_disabled(doors):
    doors.accounts.change("vera", lambda a: msgspec.structs.replace(a, disabled=True))


BEGUN = {
    "http": {"type": "http.response.start", "status": 200, "headers": []},
    "websocket": {"type": "websocket.accept"},
}
ENDED = {
    "http": {"type": "http.response.body", "body": b"", "more_body": False},
    "websocket": {"type": "websocket.close", "code": 1008, "reason": "your session is over: sign in again"},
}


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("change", [session_ended, grant_over, account_disabled])
def test_what_is_open_and_still_ends_with_its_session(signed_in, doors, kind, change):
    cookie = signed_in("vera", Grant("viewer")).cookies["warroom"]
    sent = []

    async def silent(_scope, _receive, send):
        await send(BEGUN[kind])
        await anyio.sleep(0.2)  # some looks pass, and all is well
        sent.append("still open")
        change(doors)
        doors.forget()
        await anyio.sleep_forever()

    async def send(message):
        sent.append(message)

    async def run():
        scope = {"type": kind, "method": "GET", "path": "/api/v1/stream", "headers": [
            (b"host", b"room"), (b"cookie", f"warroom={cookie}".encode())]}  # fmt: skip
        with anyio.fail_after(90):
            await Guard(silent, doors, Policy([]))(scope, None, send)

    run_async(run())
    assert sent[1:] == ["still open", ENDED[kind]]


def test_a_silent_sender_is_told_that_its_key_was_revoked(browser, loaded):
    keys = KeyStore(loaded)
    key, token = keys.make("vendor", ["checkins"], now(), None, 60)
    with browser().websocket_connect("/api/v1/reports/stream", headers={"Authorization": f"Bearer {token}"}) as socket:
        assert socket.receive_json()["ready"] is True
        keys.revoke(key.id, now())
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert (closed.value.code, closed.value.reason) == (1008, "this key was revoked")


def test_a_socket_whose_right_cannot_be_asked_about_is_closed(browser, loaded, monkeypatch):
    async def broken(self, token):
        raise RuntimeError("planted")

    _, token = KeyStore(loaded).make("vendor", ["checkins"], now(), None, 60)
    with browser().websocket_connect("/api/v1/reports/stream", headers={"Authorization": f"Bearer {token}"}) as socket:
        assert socket.receive_json()["ready"] is True
        monkeypatch.setattr("warroom.web.credentials.Doorkeeper.by_token", broken)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 1008
