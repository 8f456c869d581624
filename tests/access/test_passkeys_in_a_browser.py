"""Passkeys with Chromium's own virtual authenticator: made, used, and of no use to whoever copies what was sent."""

import json
import urllib.error
import urllib.request

import msgspec
import pytest
from webauthn.helpers import bytes_to_base64url

from tests.access.test_access_in_a_browser import opened, room, settle  # noqa: F401
from warroom.access.accounts import Account, AccountError, AccountStore, Passkey
from warroom.access.audit_log import AuditLog
from warroom.access.passkeys import Passkeys
from warroom.access.roles import Grant
from warroom.access.sessions import now

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def again(url: str, path: str, body: str, **headers: str) -> int:
    """Send what a browser sent once more, from elsewhere."""
    told = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(f"{url}{path}", body.encode(), told, method="POST")
    try:
        return urllib.request.urlopen(request, timeout=60).status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def admin(loaded):
    store = AccountStore(loaded)
    store.add(Account(id="ana", name="Ana", made_ms=now(), grants=(Grant("approver"), Grant("director"))))
    return store


def test_a_passkey_is_added_used_and_cannot_be_replayed(chromium, room, admin, loaded):  # noqa: F811
    url = room.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to a number
    page = opened(chromium)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    authenticator = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    sent = {}
    page.on("request", lambda r: sent.update({r.url.removeprefix(url): r.post_data}) if r.method == "POST" else None)

    settle(page, url, admin.invite("ana", now()))
    page.goto(f"{url}/field")
    page.click("#add-passkey")
    page.wait_for_selector(".me [role=status]:has-text('sign in with it')")
    assert page.text_content(".me .waiting") == "approver: needs a passkey"
    [key] = admin.one("ana").passkeys
    assert key.host == "localhost"
    page.click(".me button:last-child")
    page.wait_for_url("**/signin")

    page.click("#passkey")
    page.wait_for_url("**/wall")
    page.goto(f"{url}/field")
    page.wait_for_selector(".me b")
    assert page.locator("#add-passkey, .me .waiting").count() == 0
    assert "approver" in page.text_content(".me span")
    actions = [(line.action, line.account, line.door) for line in AuditLog(loaded).newest()]
    assert ("sign in", "ana", "passkey") in actions
    assert admin.one("ana").passkeys[0].count > 0

    used = sent["/signin/passkey"]
    assert again(url, "/signin/passkey", used) == 401  # its challenge is used up
    assert again(url, "/signin/passkey", sent["/api/v1/passkeys"]) == 401  # one for adding is none for using
    altered = json.loads(used)
    altered["id"] = altered["rawId"] = "AAAA"
    assert again(url, "/signin/passkey", json.dumps(altered)) == 401
    for junk in ("{}", "[]", "null", '{"response": {"clientDataJSON": "e30"}}', "x" * 20_000):
        assert again(url, "/signin/passkey", junk) in (401, 422)

    # the same device with a person who is not verified (a stolen phone that stays locked)
    device.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.context.clear_cookies()
    page.goto(f"{url}/signin")
    page.click("#passkey")
    page.wait_for_selector("#said:not(:empty)")
    assert "/signin" in page.url
    page.context.close()


def answer_to(asked: dict) -> dict:
    """An answer to a challenge with no signature in it."""
    told = {"challenge": asked["challenge"], "type": "webauthn.get", "origin": "http://localhost"}
    return {"id": "abc", "response": {"clientDataJSON": bytes_to_base64url(json.dumps(told).encode())}}


def test_a_challenge_is_good_once_whatever_came_of_it(admin, loaded):
    admin.change("ana", lambda a: msgspec.structs.replace(a, passkeys=(Passkey("abc", "def", 0, "localhost"),)))
    passkeys = Passkeys(loaded, admin)
    unsigned = answer_to(passkeys.ask_to_use("localhost"))
    with pytest.raises(AccountError, match="opens nothing"):
        passkeys.use(unsigned, "localhost", "http://localhost")
    with pytest.raises(AccountError, match="too long"):
        passkeys.use(unsigned, "localhost", "http://localhost")


def test_another_host_and_a_disabled_account_are_refused_before_the_signature(admin, loaded):
    admin.change("ana", lambda a: msgspec.structs.replace(a, passkeys=(Passkey("abc", "def", 0, "localhost"),)))
    passkeys = Passkeys(loaded, admin)
    with pytest.raises(AccountError):
        passkeys.use(answer_to(passkeys.ask_to_use("evil.example")), "evil.example", "http://evil.example")
    admin.change("ana", lambda a: msgspec.structs.replace(a, disabled=True))
    with pytest.raises(AccountError):
        passkeys.use(answer_to(passkeys.ask_to_use("localhost")), "localhost", "http://localhost")
