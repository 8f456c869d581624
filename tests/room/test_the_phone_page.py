"""What volunteers' phones send reaches a running room once: signal lost, typos, wrong site, wrong clock, two tabs."""

import csv
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page

from bench.running import until
from tests.room.conftest import RunningRoom
from tests.room.phones import PHONE, Phone, counts_of, events_of, phones_of, source_of, watchers_of
from warroom.store import keys
from warroom.store.day import DayClock, read_day, read_roster
from warroom.store.people import PeopleStore
from warroom.store.state import StateReader

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def codes(room: RunningRoom, tmp_path_factory) -> dict[str, dict[str, str]]:
    """{volunteer: row of codes.csv}, as the coordinator hands them out."""
    out = tmp_path_factory.mktemp("codes") / "codes.csv"
    assert room.run("codes", "--out", str(out), "--address", room.url).wait(timeout=200) == 0
    with out.open(encoding="utf-8") as rows:
        return {row["volunteer_id"]: row for row in csv.DictReader(rows)}


@pytest.fixture(scope="module")
def watchers(room: RunningRoom) -> list[str]:
    """Volunteers with one shift at a site of several precincts; each test takes one of its own."""
    return watchers_of(room.store())


@pytest.fixture(scope="module", autouse=True)
def quarter_past_nine(room: RunningRoom) -> None:
    client = room.store()
    DayClock(client).set(read_day(client).opens_at + timedelta(minutes=135), 1.0)


@pytest.fixture
def volunteer(watchers) -> str:
    return watchers.pop()


@pytest.fixture
def hold(chromium, room, codes):
    with phones_of(chromium, room, codes) as held:
        yield held


def test_offline_reported_reloaded_back_and_all_arrived_once(hold, volunteer, room):
    phone = hold(volunteer).kept()
    phone.context.set_offline(True)
    phone.count(57)
    phone.page.click("#tile-line")
    phone.page.click('.chip:text-is("30 min")')
    phone.page.click("#send")
    phone.page.click("#tile-problem")
    phone.page.click("text=Voting machine")
    phone.page.fill("#details", "one of two scanners jams")
    phone.page.click('[data-severity="medium"]')
    phone.wait_states("unsent", "unsent", "unsent")
    until("it says so", lambda: re.search(r"3 unsent, oldest \d+ min .*No signal", phone.page.text_content("#signal")))

    phone.page.reload()  # from the phone's own shelf: there is no signal
    phone.page.wait_for_selector("#tile-count")
    phone.wait_states("unsent", "unsent", "unsent")
    assert counts_of(room, volunteer) == []

    phone.context.set_offline(False)
    phone.wait_states("arrived", "arrived", "arrived")
    until("all in the store", lambda: len(events_of(room, volunteer, "wait", "incident")) == 2)
    until("the count", lambda: counts_of(room, volunteer) == [(57, False)])
    assert [e.text for e in events_of(room, volunteer, "incident")] == ["one of two scanners jams"]
    until("all is sent", lambda: "All sent" in phone.page.text_content("#signal"))


def test_a_report_of_a_closed_page_is_sent_once_by_background_sync(hold, volunteer, room):
    phone = hold(volunteer).kept()
    empty = phone.context.new_page()  # the worker is reached by it when no page of ours is open
    devtools = phone.context.new_cdp_session(empty)
    workers = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda told: workers.extend(told["registrations"]))
    devtools.send("ServiceWorker.enable")
    until("the worker", lambda: empty.wait_for_timeout(20) or workers)
    phone.page.bring_to_front()
    before = StateReader(room.store()).totals().repeated
    phone.context.set_offline(True)
    phone.count(26)
    phone.wait_states("unsent")
    tags = "navigator.serviceWorker.ready.then(worker => worker.sync.getTags())"
    until("the page asks for it", lambda: phone.page.evaluate(tags) == ["outbox"])
    phone.page.close()
    assert counts_of(room, volunteer) == []
    phone.context.set_offline(False)
    sync = {"origin": room.url, "registrationId": workers[-1]["registrationId"], "tag": "outbox", "lastChance": False}
    for _ in range(2):  # Chromium tries again after minutes: it is told to at once, and then once too often
        devtools.send("ServiceWorker.dispatchSyncEvent", sync)
        until("the count", lambda: counts_of(room, volunteer) == [(26, False)])
    phone.page = phone.open(f"{room.url}/report")
    phone.home().wait_states("arrived")
    assert counts_of(room, volunteer) == [(26, False)]
    assert StateReader(room.store()).totals().repeated == before


def test_an_answer_that_is_lost_does_not_count_twice(hold, volunteer, room):
    phone = hold(volunteer)
    lost = []

    def lose_first(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)  # it arrived; the phone never hears so
        route.abort()

    phone.page.route("**/api/v1/phone/reports", lose_first)
    before = StateReader(room.store()).totals().repeated
    phone.count(40)
    phone.wait_states("arrived")
    assert lost == [200]
    until("the second copy", lambda: StateReader(room.store()).totals().repeated == before + 1)
    until("the count", lambda: counts_of(room, volunteer) == [(40, False)])


def test_two_tabs_of_one_phone_send_each_report_once(hold, codes, volunteer, room):
    phone = hold(volunteer).kept()
    other = phone.open(f"{room.url}/report")
    other.wait_for_selector("#tile-count")
    phone.context.set_offline(True)
    phone.count(21)
    phone.wait_states("unsent")
    until("the other tab shows it", lambda: phone.states(other) == ["unsent"])
    posts = []
    phone.context.on("request", lambda r: posts.append(r.url) if r.url.endswith("/phone/reports") else None)
    phone.context.set_offline(False)
    phone.wait_states("arrived")
    until("the other tab knows", lambda: phone.states(other) == ["arrived"])
    until("the count", lambda: counts_of(room, volunteer) == [(21, False)])


def test_a_count_below_the_last_is_asked_about_and_can_be_sent_all_the_same(hold, volunteer, room):
    phone = hold(volunteer)
    phone.count(57)
    phone.wait_states("arrived")
    phone.count(5)
    asked = phone.page.wait_for_selector("dialog")
    assert "57" in asked.text_content() and "never falls" in asked.text_content()
    phone.page.click("dialog button:text-is('Change it')")
    phone.page.wait_for_selector("#digits:text-is('5')")
    phone.page.click("#send")
    phone.page.click("dialog button:text-is('It is right: send')")
    phone.wait_states("arrived", "arrived")
    until("both in the store", lambda: [c for c, _ in counts_of(room, volunteer)] == [57, 5])
    phone.page.wait_for_selector("text=doubted")  # the room's judgement comes back


def test_a_count_no_place_can_reach_is_asked_about(hold, volunteer, room):
    phone = hold(volunteer)
    phone.count(57000)
    assert re.search(r"Only [\d]+ voters|More than", phone.page.wait_for_selector("dialog").text_content())
    phone.page.keyboard.press("Escape")
    phone.page.wait_for_selector("#digits")
    assert counts_of(room, volunteer) == []


def test_a_phone_far_from_its_site_is_asked_and_its_location_is_not_sent(chromium, room, codes, volunteer):
    bodies = []
    far = {"latitude": 0.0, "longitude": 0.0, "accuracy": 20}
    phone = Phone(chromium, room, codes[volunteer]["link"], geolocation=far, permissions=["geolocation"])
    phone.context.on("request", lambda r: bodies.append(r.post_data or ""))
    phone.page.click("button:text-is('Yes')")
    phone.count(10)
    assert "This phone is" in phone.page.wait_for_selector("dialog").text_content()
    phone.page.click("dialog button:text-is('It is right: send')")
    phone.wait_states("arrived")
    assert not [b for b in bodies if "lat" in b or "lon" in b]

    site = next(s.site_id for s in PeopleStore(room.store()).shifts() if s.volunteer_id == volunteer)
    home = next(s for s in read_roster(room.store()).sites if s.site_id == site)
    phone.context.set_geolocation({"latitude": home.lat, "longitude": home.lon, "accuracy": 20})
    phone.page.evaluate("navigator.geolocation.getCurrentPosition(() => {}, () => {}, {maximumAge: 0})")
    phone.page.reload()
    phone.home().count(11)
    phone.wait_states("arrived", "arrived")
    phone.context.close()


def test_a_report_taken_back_is_void(hold, volunteer, room):
    phone = hold(volunteer)
    phone.count(33)
    phone.wait_states("arrived")
    phone.page.click("#list button:text-is('Take back')")
    phone.wait_states("back")
    until("void", lambda: counts_of(room, volunteer) == [(0, True)])


def test_what_was_never_on_its_way_is_simply_deleted(hold, volunteer, room):
    phone = hold(volunteer).kept()
    phone.page.route("**/api/v1/phone/reports", lambda route: None)  # the first hangs, so the second is not tried
    phone.count(12)
    phone.wait_states("unsent")
    phone.count(13)
    phone.wait_states("unsent", "unsent")
    phone.page.click("#list li >> nth=0 >> button:text-is('Delete')")
    phone.wait_states("unsent")
    assert counts_of(room, volunteer) == []


def test_a_reading_can_be_dated_back_by_minutes(hold, volunteer, room):
    phone = hold(volunteer)
    phone.counter()
    phone.page.keyboard.type("44")  # a keyboard does as well
    phone.page.click("[aria-label='5 minutes earlier']")
    now = DayClock(room.store()).now()
    phone.page.click("#send")
    phone.wait_states("arrived")
    units = [keys.precinct_unit(p.precinct_id) for p in read_roster(room.store()).precincts]

    def found():
        rows = StateReader(room.store()).readings(units).values()
        return [r for row in rows for r in row if r.source == source_of(room, volunteer)]

    [reading] = until("the reading", found)
    assert 4.5 * 60_000 < now.timestamp() * 1000 - reading.at_ms < 8 * 60_000


def test_here_is_known_to_the_room_as_soon_as_it_is_tapped(hold, volunteer, room):
    site = next(s.site_id for s in PeopleStore(room.store()).shifts() if s.volunteer_id == volunteer)
    phone = hold(volunteer)
    phone.page.click("#tile-presence")
    phone.page.click('[data-status="on_site"]')
    phone.wait_states("arrived")
    until("the room sees who is here", lambda: [
        s for s in room.get("coverage")["sites"] if s["site"] == site and (s.get("here") or 0) >= 1
    ])  # fmt: skip


def test_who_was_sent_and_taps_i_am_here_is_on_site_for_the_directors(hold, watchers, volunteer, room):
    """A problem by one phone becomes an alert; a second volunteer is sent there, finds the site, and arrives."""
    helper = watchers.pop()
    reporter, sent = hold(volunteer), hold(helper)
    site = next(s.site_id for s in PeopleStore(room.store()).shifts() if s.volunteer_id == volunteer)
    reporter.page.click("#tile-problem")
    reporter.page.click("text=Poll book")
    reporter.page.click('[data-severity="high"]')
    [alert] = until("the alert", lambda: [
        a for a in room.get("alerts?scope=open") if a["kind"] == "incident" and a["site"] == site
    ])  # fmt: skip
    for version, step in enumerate(({"what": "acknowledge"}, {"what": "dispatch", "volunteer": helper})):
        answer = sent.context.request.post(
            f"{room.url}/api/v1/alerts/{alert['id']}/decide", data={"by": "Dana", "version": version, **step}
        )
        assert answer.ok, answer.text()
    name = next(s.name for s in read_roster(room.store()).sites if s.site_id == site)
    sent.page.click("#change-place")
    sent.page.fill("#search", name)
    sent.page.click(f"#found button:has-text('{name}') >> nth=0")
    sent.page.click("#tile-presence")
    sent.page.click('[data-status="on_site"]')
    sent.wait_states("arrived")
    until("on site", lambda: room.get(f"alerts/{alert['id']}")["handling"]["status"] == "on_site")


def test_a_renewed_code_keeps_what_is_unsent_and_sends_it(hold, volunteer, room, capfd):
    phone = hold(volunteer).kept()
    phone.context.set_offline(True)
    phone.count(19)
    phone.wait_states("unsent")
    assert room.run("codes", "renew", volunteer, "--address", room.url).wait(timeout=200) == 0
    link = re.search(rf"{re.escape(volunteer)}: \S+  (\S+)", capfd.readouterr().out)[1]
    phone.context.set_offline(False)
    phone.page.wait_for_selector("#code")
    phone.page.wait_for_selector(".trouble:has-text('no longer works')")
    assert counts_of(room, volunteer) == []
    phone.page = phone.open(link)
    phone.home()
    phone.wait_states("arrived")
    until("the count", lambda: counts_of(room, volunteer) == [(19, False)])


def test_another_site_is_found_by_name_and_used(hold, volunteer, room):
    target = next(s for s in read_roster(room.store()).sites if "School" in s.name)
    phone = hold(volunteer)
    phone.page.click("#change-place")
    phone.page.fill("#search", target.name.lower())
    phone.page.click(f"#found button:has-text('{target.name}')")
    phone.page.click("#tile-line")
    phone.page.click('.chip:text-is("No line")')
    phone.page.click("#send")
    phone.wait_states("arrived")
    assert [e.site for e in until("the line", lambda: events_of(room, volunteer, "wait"))] == [target.site_id]


def opened_until(page: Page, shown: str) -> None:
    """Open the page again until it shows something: the web server looks at the day's clock once a second."""

    def again() -> bool:
        page.wait_for_selector("#tile-count")
        found = page.locator(shown).count() > 0
        if not found:
            page.reload()
        return found

    until(shown, again)


def test_days_before_everything_can_be_tried_and_nothing_counts(hold, volunteer, room):
    client = room.store()
    day = read_day(client)
    DayClock(client).set(day.begins_at - timedelta(days=2), 1.0)
    try:
        phone = hold(volunteer)
        opened_until(phone.page, "#send-test")
        phone.count(57)
        phone.wait_states("arrived")
        phone.page.wait_for_selector("text=the room knows that your phone works")
        assert counts_of(room, volunteer) == []
        [test] = until("the test", lambda: events_of(room, volunteer, "shift"))
        assert (test.volunteer, test.status) == (volunteer, "scheduled")
        until("the room knows", lambda: all(
            volunteer in room.get("volunteers")["readiness"][2][sign] for sign in ("tested", "logged_in")))  # fmt: skip
    finally:
        DayClock(client).set(day.opens_at + timedelta(minutes=135), 1.0)


def test_a_wrong_clock_is_said_and_mended_and_a_refusal_has_its_reason(chromium, room, codes, volunteer):
    """On a live clock this day is not today: the phone is told why its report is not taken."""
    client = room.store()
    day = read_day(client)
    client.delete(keys.CLOCK)
    context = chromium.new_context(viewport=PHONE)
    try:
        page = context.new_page()
        page.clock.install(time=datetime.now(UTC) - timedelta(minutes=7))
        page.goto(codes[volunteer]["link"])
        opened_until(page, "text=This phone's clock is 7 min slow")
        page.click("#tile-line")
        page.click('.chip:text-is("No line")')
        page.click("#send")
        page.wait_for_selector("#list [data-state='refused'] >> text=not of election day")
        [refused] = until("the reject list", lambda: [
            r for r in StateReader(client).rejects() if source_of(room, volunteer) in r["sample"]
        ])  # fmt: skip
        said_at = datetime.fromisoformat(re.search(r'"at":"([^"]+)"', refused["sample"])[1])
        assert abs((said_at - datetime.now(UTC)).total_seconds()) < 200  # the right time, not the phone's
    finally:
        context.close()
        DayClock(client).set(day.opens_at + timedelta(minutes=135), 1.0)
