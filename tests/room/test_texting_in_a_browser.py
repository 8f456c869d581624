"""Texts in a real browser: an alert proposes, people decide, a dry run delivers, a STOP is heard; all on record."""

import csv
import json
import os
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from twilio.request_validator import RequestValidator

from bench.running import free_port, until
from tests.looks import looks_right_everywhere
from tests.room.conftest import RunningRoom
from warroom.access.accounts import Account, AccountStore
from warroom.access.roles import Grant
from warroom.access.sessions import LASTS_MS, Session, SessionStore, now
from warroom.access.shared_keys import COOKIE
from warroom.demo.texting import TEXTING_TOML
from warroom.domain.texts import TextCase
from warroom.store.outbox import Outbox
from warroom.store.texts import TextStore
from warroom.texting.contacts import ContactStore
from warroom.texting.vault import KEY, new_key, wrapping_key

pytestmark = pytest.mark.browser

PEOPLE = {"ana": "approver", "ben": "approver", "dora": "director"}
TOKEN = "twilio-token-of-the-test"
GOOD = "{campaign_name}: {site_name} is open until {polls_close}. Reply STOP to end"


class TextingRoom(RunningRoom):
    """A room where people sign in by name, texts wait for approval, and the dry run is the sender."""

    key: str
    cookies: dict[str, str]

    def get(self, path: str):
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", headers={"Cookie": f"{COOKIE}={self.of('dora')}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def of(self, name: str) -> str:
        """The cookie of somebody who has signed in."""
        if name not in self.cookies:
            store, at = self.store(), now()
            account = Account(id=name, name=f"{name.title()} Ruiz", made_ms=at, grants=(Grant(PEOPLE[name]),))
            AccountStore(store).add(account)
            session = Session(door="password", account=name, started_ms=at, seen_ms=at, ends_ms=at + LASTS_MS)
            self.cookies[name] = SessionStore(store).open(session)
        return self.cookies[name]

    def cases(self, rule: str) -> list[TextCase]:
        """Requests of a rule that wait and need two people, the fewest people first."""
        found = [c for c in TextStore(self.store()).cases() if c.request.rule == rule and c.status == "proposed"]
        return sorted((c for c in found if c.request.two_person), key=lambda c: c.request.audience.people)

    def case(self, request_id: str) -> TextCase:
        case = TextStore(self.store()).one(request_id)
        assert case is not None
        return case

    def tally(self, request_id: str) -> dict[str, int]:
        return Outbox(self.store()).tally(request_id)

    def contacts(self) -> ContactStore:
        return ContactStore(self.store(), wrapping_key({KEY: self.key}))

    def says(self, phone: str, text: str) -> int:
        """A message to the campaign's number, as Twilio delivers it."""
        form = {"MessageSid": f"SM{abs(hash((phone, text)))}", "From": phone, "To": "+12015550100", "Body": text}
        url = f"{self.url}/api/v1/sms/twilio"
        signature = RequestValidator(TOKEN).compute_signature(url, form)
        body = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(
            urllib.request.Request(url, body, {"X-Twilio-Signature": signature}), timeout=60
        ) as answer:
            return answer.status


@pytest.fixture(scope="module")
def texting_day(demo_day: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo day with a second rule for the same alerts, more alerts that propose, small sizes, a quick sender."""
    day = tmp_path_factory.mktemp("texting") / "day"
    shutil.copytree(demo_day, day)
    rules = TEXTING_TOML.replace("two_person_over = 100", "two_person_over = 10\nper_person = 2")
    rules = rules.replace('kinds = ["low_turnout"]', 'kinds = ["low_turnout", "incident"]')
    rules = rules.replace('severity = "medium"', 'severity = "low"').replace("min_shortfall = 15\n", "")
    rules = rules.replace("messages_per_second = 12", "messages_per_second = 200")
    first = rules[rules.index("[[rule]]") : rules.index('[[rule]]\nname = "after-a-stoppage"')]
    again = first.replace('"stays-home"', '"reminder"')
    (day / "texting.toml").write_text(f"{rules}\n{again}", encoding="utf-8")
    return day


@pytest.fixture(scope="module")
def room(texting_day: Path, tmp_path_factory: pytest.TempPathFactory):
    """That day at two in the afternoon, everything of the morning told, the clock going as real clocks do."""
    port = free_port()
    data, key = tmp_path_factory.mktemp("room"), new_key()
    env = {k: v for k, v in os.environ.items() if k != "REDIS_URL" and not k.startswith("WARROOM_")}
    env |= {"WARROOM_ACCOUNTS": "on", KEY: key, "WARROOM_TWILIO_TOKEN": TOKEN}
    command = [sys.executable, "-m", "warroom", "up", str(texting_day), "--data", str(data), "--port", str(port)]
    process = subprocess.Popen(command, env=env, start_new_session=True)
    running = TextingRoom(texting_day, data, port, process)
    running.key, running.cookies = key, {}
    try:
        until("the door", lambda: urllib.request.urlopen(f"{running.url}/signin", timeout=5).status == 200)
        until("the first board", lambda: running.get("board")["seq"] >= 1)
        running.run("replay", "--drill", str(texting_day), "--from", "14:00", "--speed", "1")
        for rule in ("stays-home", "reminder"):  # a few precincts, and last a region of thousands
            until(f"what {rule} proposes", lambda rule=rule: _is_enough(running.cases(rule)), 200)
        yield running
    finally:
        running.stop()


def _is_enough(cases: list[TextCase]) -> bool:
    return sum(c.request.kind == "incident" for c in cases) >= 3 and cases[-1].request.audience.people > 1_000


@pytest.fixture
def desk(chromium: Browser, room: TextingRoom):
    """desk("ana") opens the page as Ana."""
    contexts = []

    def open_page(name: str) -> Page:
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, color_scheme="dark")
        contexts.append(context)
        context.add_cookies([{"name": COOKIE, "value": room.of(name), "url": room.url}])
        page = context.new_page()
        page.errors, page.room = [], room
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(f"{room.url}/texting")
        page.wait_for_selector("#texting-rows li .tx-text")
        return page

    yield open_page
    for context in contexts:
        context.close()


def press(page: Page, case: TextCase, what: str, why: str = "", submit: str = "") -> None:
    """Press a button of a request's card once the page shows how it stands, and answer its question."""
    card = page.locator(f"li[data-request='{case.request.id}']")
    now_at = lambda: str(page.room.case(case.request.id).version)  # noqa: E731
    until("the page is up to date", lambda: card.get_attribute("data-version") == now_at())
    card.get_by_role("button", name=what, exact=False).click()
    if why:
        page.fill("#tx-reason", why)
        page.click(f".tx-dialog button:text-is('{submit or what}')")
        page.wait_for_selector(".tx-dialog", state="detached")


def said(page: Page, words: str) -> None:
    until(f"the page says: {words}", lambda: words in page.inner_text("#texting-say"))


def shows(page: Page, case: TextCase, words: str) -> None:
    """Wait until a request's card says this."""
    card = page.locator(f"li[data-request='{case.request.id}']")
    until(f"the card says: {words}", lambda: words in card.inner_text())


def approved_by_two(ana: Page, ben: Page, case: TextCase) -> None:
    press(ana, case, "Approve")
    said(ana, "approved by you; 1 more must approve")
    shows(ben, case, "waits for approval of a second person")
    press(ben, case, "Approve")
    said(ben, ": approved.")


def reword(page: Page, case: TextCase, words: str, share: str) -> None:
    """Open the wording of a request, and send other words."""
    if not page.locator(".tx-dialog").count():
        press(page, case, "Edit")
        page.wait_for_selector(".tx-dialog textarea")
    for n in range(page.locator(".tx-dialog textarea").count()):
        page.fill(f"#tx-words-{n}", words)
    page.fill("#tx-share", share)
    page.click(".tx-dialog button:text-is('Save')")


def somebody_texted(room: TextingRoom, request_id: str) -> tuple[str, str]:
    """(reference, number) of somebody whose message was delivered."""
    vault, states = room.contacts().vault, Outbox(room.store()).states(request_id)
    with (room.day / "contacts.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if states.get(ref := vault.ref(row["contact_id"])) == "delivered":
                return ref, row["phone"]
    raise AssertionError("nobody's message was delivered")


def test_an_alert_is_answered_by_text(desk, room, tmp_path):
    ana, ben, dora = desk("ana"), desk("ben"), desk("dora")
    wrong, first = [c for c in room.cases("stays-home") if c.request.kind == "incident"][:2]
    again = next(c for c in room.cases("reminder") if c.request.alert == first.request.alert)
    region = room.cases("stays-home")[-1]

    an_approver_refuses(ana, ben, wrong)
    a_director_edits(ana, dora, first)
    assert room.case(first.request.id).approved_by == ()
    two_approve_and_it_is_delivered(room, ana, ben, first)
    somebody_says_stop(room, ana, ben, dora, first, again)
    everything_is_stopped(room, ana, ben, dora, region)
    it_is_all_on_record(room, tmp_path)
    assert [p.errors for p in (ana, ben, dora)] == [[], [], []]


def an_approver_refuses(ana: Page, ben: Page, case: TextCase) -> None:
    press(ana, case, "Refuse")
    ana.click(".tx-dialog button:text-is('Refuse')")
    until("it is asked for", lambda: ana.inner_text(".tx-wrong") == "Say why, in a few words.")
    ana.fill("#tx-reason", "their site moved this morning")
    ana.keyboard.press("Enter")
    said(ana, ": refused.")
    where = "id => document.activeElement?.closest('li')?.dataset.request === id"
    ana.wait_for_function(where, arg=case.request.id)  # not lost
    shows(ben, case, "refused")


def a_director_edits(ana: Page, dora: Page, case: TextCase) -> None:
    press(ana, case, "Approve")
    said(ana, "1 more must approve")
    shows(dora, case, "waits for approval of a second person")
    press(dora, case, "Approve")
    said(dora, "your role does not allow this: approve or refuse a text request")
    reword(dora, case, "{campaign_name}: vote by 8 PM. Reply STOP to end", "10")
    until("it is refused in words", lambda: "a number" in dora.inner_text(".tx-wrong"))
    assert "8 PM" in dora.input_value("#tx-words-0")  # what was typed is still there
    reword(dora, case, GOOD, "10")
    said(dora, "changed; approvals start over")
    shows(ana, case, "waits for approval of two people")
    shows(ana, case, "is open until 8:00 PM")


def two_approve_and_it_is_delivered(room: TextingRoom, ana: Page, ben: Page, case: TextCase) -> None:
    press(ana, case, "Approve")
    said(ana, "approved by you; 1 more must approve")
    press(ana, case, "Approve")
    said(ana, "a second person must approve")
    assert room.case(case.request.id).status == "proposed" and room.tally(case.request.id) == {}
    shows(ben, case, "waits for approval of a second person")
    press(ben, case, "Approve")
    until("it is sent", lambda: room.case(case.request.id).status == "sent")
    until("all have ended", lambda: set(room.tally(case.request.id)) <= {"delivered", "kept_back"})
    told = room.tally(case.request.id)
    assert sum(told.values()) >= case.request.audience.people
    until("the figure", lambda: ben.inner_text("#texting-delivered") == str(told["delivered"]))
    shows(ben, case, f"{told['delivered']} delivered")
    assert ben.inner_text("#texting-sender") == "Dry run: nothing is sent"


def somebody_says_stop(room: TextingRoom, ana: Page, ben: Page, dora: Page, first: TextCase, again: TextCase) -> None:
    """The next request to the same people leaves out who said STOP, and tells how many that were."""
    ref, phone = somebody_texted(room, first.request.id)
    outs = sum(state == "kept_back" for state in Outbox(room.store()).states(first.request.id).values())
    assert room.says(phone, "Stop please") == 200
    shows(ana, first, "1 said STOP")
    reword(dora, again, GOOD, "0")
    said(dora, "approvals start over")
    shows(ana, again, "is open until 8:00 PM")
    approved_by_two(ana, ben, again)
    until("it is sent", lambda: room.case(again.request.id).status == "sent")
    states = Outbox(room.store()).states(again.request.id)
    assert states[ref] == "kept_back" and outs >= 1
    shows(ben, again, f"{room.tally(again.request.id)['kept_back']} asked not to be texted")


def everything_is_stopped(room: TextingRoom, ana: Page, ben: Page, dora: Page, case: TextCase) -> None:
    """A stop in the middle of a large request: what was not begun is not sent until somebody says so."""
    dora.click("#texting-stop:has-text('Stop all')")
    dora.fill("#tx-reason", "the county moved two sites")
    approved_by_two(ana, ben, case)
    until("it is going", lambda: room.tally(case.request.id).get("delivered", 0) > 20)
    dora.click(".tx-dialog button:text-is('Stop now')")
    said(dora, "no further text is begun")
    until("what was under way has ended", lambda: not room.tally(case.request.id).get("sending"))
    stopped = room.tally(case.request.id)
    until("all see it", lambda: "stopped by Dora Ruiz" in ben.inner_text("#texting-banner"))
    dora.click("#texting-stop:has-text('Go on')")  # each page sees the stop in its own time
    dora.fill("#tx-reason", "go")
    dora.click(".tx-dialog button:text-is('Go on')")
    until("not by a director", lambda: "your role" in dora.inner_text(".tx-wrong"))
    dora.keyboard.press("Escape")
    assert room.tally(case.request.id) == stopped and stopped["queued"] > 0
    ana.click("#texting-stop:has-text('Go on')")
    ana.fill("#tx-reason", "sites checked")
    ana.click(".tx-dialog button:text-is('Go on')")
    until("it goes on", lambda: room.tally(case.request.id)["delivered"] > stopped["delivered"])
    press(dora, case, "Cancel", "enough for today", "Cancel it")
    shows(dora, case, "cancelled")


def it_is_all_on_record(room: TextingRoom, tmp_path: Path) -> None:
    """Who decided what and why is in the log; it verifies, and one changed word is found."""
    log = room.data / "audit.jsonl"
    verify = [sys.executable, "-m", "warroom", "audit", "verify"]

    def is_whole() -> bool:  # the file follows the store by a moment
        found = subprocess.run([*verify, "--data", str(room.data)], capture_output=True, text=True)
        return found.returncode == 0 and "unbroken" in found.stdout

    until("the log in the file is whole", is_whole)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    told = {(line["account"], line["action"], line["reason"], line["outcome"]) for line in lines}
    assert ("ana", "text_approve", "their site moved this morning", "done") in told
    assert ("dora", "text_stop", "the county moved two sites", "done") in told
    assert ("dora", "text_approve", "", "refused") in told and ("ben", "text_approve", "", "done") in told
    changed = tmp_path / "audit.jsonl"
    changed.write_text(log.read_text(encoding="utf-8").replace("their site moved", "they said nothing"))
    found = subprocess.run([*verify, str(changed), "--data", str(room.data)], capture_output=True, text=True)
    assert found.returncode == 1 and "changed after it was written" in found.stdout


def test_keyboard_alone_approves(desk, room):
    ben = desk("ben")
    case = next(c for c in reversed(room.cases("reminder")[:-1]) if not c.approved_by)
    reached: dict[str, Any] = {}
    for _ in range(120):
        ben.keyboard.press("Tab")
        reached = ben.evaluate(
            "({name: document.activeElement.getAttribute('aria-label'),"
            " id: document.activeElement.closest('li')?.dataset.request,"
            " ring: getComputedStyle(document.activeElement).outlineStyle})"
        )
        if reached["id"] == case.request.id and (reached["name"] or "").startswith("Approve"):
            break
    assert reached["id"] == case.request.id and reached["ring"] == "solid"
    ben.keyboard.press("Enter")
    said(ben, "approved by you; 1 more must approve")
    assert room.case(case.request.id).approved_by == ("Ben Ruiz",)
    ben.wait_for_function("name => document.activeElement?.getAttribute('aria-label') === name", arg=reached["name"])


def test_it_fits_every_screen_and_offends_no_reader(desk):
    page = desk("ana")
    looks_right_everywhere(page, unclipped="#texting-page")
    page.locator("#texting-rows li[data-status='proposed'] button:text-is('Edit')").first.click()
    page.wait_for_selector(".tx-dialog textarea")
    looks_right_everywhere(page, unclipped="#texting-page")
    page.keyboard.press("Escape")
    page.wait_for_selector(".tx-dialog", state="detached")
    page.wait_for_function("document.activeElement?.textContent === 'Edit'")
