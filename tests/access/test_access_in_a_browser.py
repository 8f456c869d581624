"""The door in a real browser: invited, locked out, let in by break-glass, its trace found. For every screen."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from bench.running import free_port, until
from tests.access.conftest import PASSWORD
from tests.looks import looks_right_everywhere
from warroom.access.accounts import Account, AccountStore
from warroom.access.audit import faults
from warroom.access.audit_log import AuditLog
from warroom.access.roles import Grant
from warroom.access.sessions import now

pytestmark = pytest.mark.browser


@pytest.fixture
def room(server, loaded, tmp_path) -> Iterator[str]:
    """The web server by itself, on the small day; its address."""
    port = free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith("WARROOM_")}
    env |= {"REDIS_URL": server.url, "WARROOM_AUDIT_FILE": str(tmp_path / "audit.jsonl")}
    env["WARROOM_PASSKEY_ROLES"] = "approver"
    process = subprocess.Popen([sys.executable, "-m", "warroom", "web", "--port", str(port)], env=env)
    url = f"http://127.0.0.1:{port}"
    try:
        until("the door", lambda: urllib.request.urlopen(f"{url}/signin", timeout=60).status == 200)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


@pytest.fixture
def invitation(loaded) -> str:
    """Ana's invitation: director and admin."""
    store = AccountStore(loaded)
    grants = (Grant("director"), Grant("admin"))
    store.add(Account(id="ana", name="Ana Ruiz", made_ms=now(), grants=grants))
    return store.invite("ana", now())


def opened(chromium: Browser, width=1366, height=768, scheme="dark", **more) -> Page:
    page = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=False, **more
    ).new_page()
    page.asked, page.faults = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    return page


def settle(page: Page, room: str, code: str) -> None:
    page.goto(f"{room}/signin#invite-{code}")
    page.wait_for_selector("#invite")
    page.fill("#new", PASSWORD)
    page.click("#invite button")
    page.wait_for_url("**/wall")


def test_locked_out_on_the_day(chromium, room, invitation, loaded, tmp_path):
    """Invited, signed out, locked out by guesses, let in by the sealed code; the audit page shows it."""
    glass = AccountStore(loaded).new_break_glass(now())
    ana = opened(chromium)
    settle(ana, room, invitation)
    assert not any(invitation in url.partition("#")[0] for url in ana.asked)  # the code stands in no address
    ana.goto(f"{room}/field")
    ana.wait_for_selector(".me b")
    assert ana.text_content(".me b") == "Ana Ruiz"
    ana.wait_for_selector("#field-me", state="hidden")
    ana.click(".me button")
    ana.wait_for_url("**/signin")

    def is_locked_out() -> bool:
        ana.fill("#account", "ana")
        ana.fill("#password", "not the password")
        with ana.expect_navigation():
            ana.click("#person button")
        return "Too many wrong tries" in (ana.text_content("#said") or "")

    until("she is locked out", is_locked_out)  # a slow hand outlasts the first, short waits

    ana.click("text=Locked out?")
    ana.fill("#glass-code", glass)
    ana.fill("#glass-who", "Ana Ruiz")
    ana.fill("#glass-why", "locked out at 07:10, polls open")
    ana.click("#glass button")
    ana.wait_for_url("**/wall")
    ana.goto(f"{room}/audit")
    ana.wait_for_selector("#audit-lines li[data-loud]")
    assert "locked out at 07:10" in ana.text_content("#audit-lines li[data-loud]")
    assert ana.text_content(".me span") == "break-glass"
    assert ana.faults == []
    assert {url for url in ana.asked if not url.startswith((room, "data:", "blob:"))} == set()

    def written() -> list[bytes]:  # the file follows the store by a moment
        return (tmp_path / "audit.jsonl").read_bytes().splitlines()

    until("the log in the file is whole", lambda: faults(written(), AuditLog(loaded).head()) == [])
    assert len(written()) > 5
    ana.context.close()


def test_behind_a_proxy_with_tls_answers_say_so(room):
    """gunicorn believes X-Forwarded-Proto from this machine, where the proxy is; nobody else is asked here."""
    plain = urllib.request.urlopen(f"{room}/signin", timeout=60)
    assert plain.headers["Strict-Transport-Security"] is None
    request = urllib.request.Request(f"{room}/signin", headers={"X-Forwarded-Proto": "https"})
    assert "max-age" in urllib.request.urlopen(request, timeout=60).headers["Strict-Transport-Security"]


def test_the_filters_find_a_line(chromium, room, invitation):
    ana = opened(chromium)
    settle(ana, room, invitation)
    ana.goto(f"{room}/audit")
    ana.wait_for_selector("#audit-lines li")
    ana.wait_for_selector("#audit-who:not([hidden])")
    ana.wait_for_selector("#audit-signed-in:text-is('Signed in now: 1')")
    ana.fill("#audit-by-action", "set password")
    ana.wait_for_selector("#audit-lines li:only-child")
    ana.wait_for_selector("#audit-lines li:has-text('invitation')")
    ana.fill("#audit-by-who", "nobody at all")
    ana.wait_for_selector("#audit-empty:not([hidden])")
    assert "No entry fits" in ana.text_content("#audit-empty")
    ana.context.close()


def test_an_admin_ends_a_session_from_the_page(chromium, room, invitation, loaded):
    ana = opened(chromium)
    settle(ana, room, invitation)
    vera = AccountStore(loaded)
    vera.add(Account(id="vera", name="Vera", made_ms=now(), grants=(Grant("viewer"),)))
    lost = opened(chromium)
    settle(lost, room, vera.invite("vera", now()))
    ana.goto(f"{room}/audit")
    ana.click("#audit-signed-in")
    ana.click("button[aria-label='End the session of vera']")
    ana.wait_for_selector("#audit-sessions li:only-child")
    lost.wait_for_selector("#banner:has-text('This screen is signed out')")
    until("Vera is signed out", lambda: "/signin" in (lost.goto(f"{room}/wall") and lost.url))
    ana.context.close()
    lost.context.close()


def test_who_may_not_read_the_log_is_told_so(chromium, room, loaded):
    store = AccountStore(loaded)
    store.add(Account(id="vera", name="Vera", made_ms=now(), grants=(Grant("viewer"),)))
    vera = opened(chromium)
    settle(vera, room, store.invite("vera", now()))
    vera.goto(f"{room}/audit")
    vera.wait_for_selector("#audit-banner:not([hidden])")
    assert "Only directors and admins" in vera.text_content("#audit-banner")
    assert vera.locator("#audit-lines li").count() == 0
    vera.context.close()


def test_door_and_log_fit_every_screen_and_offend_no_reader(chromium, room, invitation):
    page = opened(chromium)
    for path in ("signin", "signin/invite"):
        page.goto(f"{room}/{path}")
        page.wait_for_selector("form")
        looks_right_everywhere(page)
    settle(page, room, invitation)
    page.goto(f"{room}/audit")
    page.wait_for_selector("#audit-lines li")
    page.click("#audit-signed-in")
    looks_right_everywhere(page, scrolls=True)
    page.context.close()
