"""The feeds page in a real browser: a feed is paused and goes on, its rejected are mended, a silent one is an alert."""

import csv
import json
import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bench.running import until
from tests.history.conftest import write_small_day
from tests.looks import looks_right_everywhere
from tests.room.conftest import RunningRoom, start_room
from warroom.domain.reports import Checkins
from warroom.store import keys
from warroom.store.day import DayClock, read_day
from warroom.store.feeds import FeedStore, Pulse
from warroom.store.intake import RedisIntake

pytestmark = pytest.mark.browser

NEW_PRECINCT = "P99"


class Drop:
    """A file that a feed follows, and what was written to it."""

    def __init__(self, room: RunningRoom, path: Path) -> None:
        self.path, self.written = path, 0
        self.precincts = room.get("roster")["ids"]
        self.opens = read_day(room.store()).opens_at

    def write(self, number: int, /, **more: object) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            for _ in range(number):
                self.written += 1
                report = {
                    "id": f"d{self.written}", "kind": "checkins", "source": "drop", "count": 1, "at":
                    self.opens.isoformat(), "precinct": self.precincts[self.written % len(self.precincts)], **more,
                }  # fmt: skip
                file.write(json.dumps(report) + "\n")


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A small room without a report."""
    home = tmp_path_factory.mktemp("feeds")
    write_small_day(home / "day", with_reports=False)
    running = start_room(home / "day", home / "data")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def drop(room, tmp_path_factory) -> Drop:
    """A followed file, at ten in the morning."""
    client = room.store()
    DayClock(client).set(read_day(client).opens_at.replace(hour=10), 1.0)
    folder = tmp_path_factory.mktemp("drop")
    found = Drop(room, folder / "drop.jsonl")
    found.write(40)
    found.write(3, precinct=NEW_PRECINCT)
    found.write(1, count="many", text="call Ann Example")
    room.run("feed", f"file://{found.path}?follow=1&name=drop", "--raw", str(folder / "raw"))
    until("the file read", lambda: told(room, "drop")["received"] == 44)
    return found


def told(room: RunningRoom, name: str) -> dict:
    return {row["feed"]: row for row in room.get("feeds")["feeds"]}[name]


def opened(browser, room: RunningRoom, path: str, width: int, height: int, scheme: str) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    page.asked, page.errors = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(f"{room.url}/{path}")
    return page


@pytest.fixture(scope="module")
def laptop(chromium, room, drop):
    page = opened(chromium, room, "feeds", 1366, 768, "dark")
    page.wait_for_selector('[data-feed="drop"]')
    yield page
    assert page.errors == []
    assert {url for url in page.asked if not url.startswith((room.url, "data:", "blob:"))} == set()
    page.context.close()


def card(page: Page, what: str, name: str = "drop") -> str:
    return (page.text_content(f'[data-feed="{name}"] {what}') or "").strip()


def wait_for(page: Page, what: str, words: str, name: str = "drop") -> None:
    page.wait_for_function(
        "([where, words]) => (document.querySelector(where)?.textContent || '').includes(words)",
        arg=[f'[data-feed="{name}"] {what}', words],
    )  # fmt: skip


def test_a_feed_shows_what_it_is_and_what_became_of_its_reports(laptop):
    until("the watch has looked", lambda: card(laptop, ".fd-word") in ("live", "quiet"))
    wait_for(laptop, "summary", "Why: 3 unknown precinct, 1 bad count")
    assert card(laptop, ".fd-note") == "file: a JSONL or CSV file of reports, read once or followed as it grows"
    counts = {key: card(laptop, f'[data-count="{key}"] dd') for key in ("received", "accepted", "rejected", "repeated")}
    assert counts == {"received": "44", "accepted": "40", "rejected": "4", "repeated": "0"}
    assert " ago" in card(laptop, ".fd-pulse")
    assert laptop.get_attribute('[data-feed="drop"] svg', "aria-label").startswith("Reports a minute over the last")


def test_reasons_come_with_a_remedy_and_samples_that_name_nobody(laptop):
    laptop.click('[data-feed="drop"] summary')
    for words in ("add this one to precincts.csv", NEW_PRECINCT, "drop.jsonl:"):
        wait_for(laptop, ".fd-reasons", words)
    assert "Ann" not in laptop.content()
    laptop.click('[data-feed="drop"] summary')


def test_a_paused_feed_stops_and_everything_arrives_when_it_goes_on(laptop, drop, room):
    before = told(room, "drop")["received"]
    laptop.click('[data-feed="drop"] button:has-text("Pause")')
    laptop.fill("#ack-name", "Ana")
    laptop.keyboard.press("Enter")
    wait_for(laptop, ".fd-trouble", "Paused by Ana at 10:")
    wait_for(laptop, ".fd-word", "paused")
    drop.write(450)
    other = Drop(room, drop.path.with_name("other.jsonl"))
    other.write(60, source="other")
    room.run("feed", f"file://{other.path}?name=other")
    until("another feed's reports", lambda: told(room, "other")["received"] == 60)  # time enough for the paused one
    assert told(room, "drop")["received"] == before
    until("the wall shows it", lambda: any(
        row["feed"] == "drop" and row["state"] == "paused" for row in room.get("board")["feeds"]))  # fmt: skip
    laptop.click('[data-feed="drop"] button:has-text("Resume")')
    until("all of it", lambda: told(room, "drop")["received"] == before + 450)
    wait_for(laptop, ".fd-buttons", "Pause")
    until("it is live", lambda: told(room, "drop")["state"] in ("live", "quiet"))


def test_the_rejected_are_replayed_after_the_day_folder_was_mended(laptop, drop, room, tmp_path):
    mended = tmp_path / "day"
    shutil.copytree(room.day, mended)
    with (mended / "precincts.csv").open(newline="", encoding="utf-8") as file:
        names, first = next(reader := csv.reader(file)), next(reader)
    added = [NEW_PRECINCT if name == "precinct_id" else value for name, value in zip(names, first, strict=True)]
    with (mended / "precincts.csv").open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow(added)
    assert room.run("load", str(mended)).wait(timeout=200) == 0
    laptop.click('[data-feed="drop"] button:has-text("Replay the rejected (4)")')
    wait_for(laptop, ".fd-replay", "by Ana: 3 accepted, 1 refused again, 0 could not be found again.")
    wait_for(laptop, "summary", "3 mended since")
    assert told(room, "drop")["mended"] == 3
    until("counted", lambda: told(room, "drop")["accepted"] + told(room, "drop")["suspect"] == drop.written - 1)


def speak(room: RunningRoom, name: str, count: int = 1) -> None:
    intake = RedisIntake(room.store())
    now, precinct = intake.now(), room.get("roster")["ids"][0]
    rows = [
        Checkins(id=f"{name} {now.timestamp()} {n}", source=name, at=now, received=now, precinct=precinct, count=1)
        for n in range(count)
    ]
    intake.put_frame(name, rows)


@pytest.fixture(scope="module")
def quiet(room, drop) -> str:
    """A feed that spoke every minute until twelve minutes ago, as the watch would have learned it."""
    client, wall_ms = room.store(), int(time.time() * 1000)
    speak(room, "vendor", 20)
    seen_ms = wall_ms - 12 * 60_000
    client.hset(keys.PULSE, "vendor", seen_ms)
    until("the watch has seen it", lambda: "vendor" in FeedStore(client).pulses())
    room.kill("watch")  # another one begins, with what is known of the feed by then
    pulse = Pulse(minute=wall_ms // 60_000, counts=[9_000] * 30, seen_ms=seen_ms, gaps_ms=[60_000] * 20)
    FeedStore(client).put_pulses({"vendor": pulse})
    until("its alert", lambda: silent(room))
    return "vendor"


def silent(room: RunningRoom) -> list[dict]:
    return [row for row in room.get("alerts?scope=open") if row["id"].startswith("silent:feed vendor")]


def test_a_silent_feed_is_one_alert_that_names_the_feed(laptop, room, quiet):
    [alert] = silent(room)
    assert (alert["severity"], alert["place"]) == ("high", "Feed vendor")
    assert alert.get("precinct") is None and alert.get("site") is None
    assert "No report by vendor since" in alert["reason"]
    wait_for(laptop, ".fd-word", "silent", "vendor")


def test_the_wall_says_how_far_people_are_and_not_whom_they_sent(chromium, room, quiet):
    page = opened(chromium, room, "wall?rotate=0", 1920, 1080, "dark")
    try:
        page.wait_for_selector('#alerts [data-alert^="silent:feed vendor"]')
        [alert] = silent(room)
        version = alert["handling"]["version"]
        for what, more in (("acknowledge", {}), ("dispatch", {"volunteer": "V0042", "deadline_minutes": 30})):
            answer = page.request.post(f"{room.url}/api/v1/alerts/{alert['id']}/decide", data={
                "what": what, "by": "Ana", "version": version, **more})  # fmt: skip
            assert answer.ok, answer.text()
            version += 1
        row = '#alerts [data-alert^="silent:feed vendor"] .owner'
        page.wait_for_function(
            "where => /Ana sent help, news by \\d\\d:\\d\\d/.test(document.querySelector(where)?.textContent)", arg=row
        )
        assert "V0042" not in json.dumps(room.get("board"))
        assert page.errors == []
    finally:
        page.context.close()


def test_the_alert_clears_itself_when_the_feed_speaks(laptop, room, quiet):
    speak(room, "vendor")
    wait_for(laptop, ".fd-word", "live", "vendor")
    closed = "silent:feed vendor:1"
    until("it is over", lambda: any(a["id"] == closed and a["status"] == "closed" for a in room.get("alerts")))


def counted(room: RunningRoom) -> int:
    return room.get("board")["headline"]["precincts"]["reporting"]


def decide(page: Page, source: str, todo: str, why: str) -> None:
    page.click(f'[data-source="{source}"] button:has-text("{todo}")')
    page.fill("#sources-why", why)
    page.keyboard.press("Enter")


def test_a_held_source_does_not_count_is_shown_with_its_age_and_comes_back(laptop, room):
    """The last test that changes the room: one source stays held, for the pictures of the panel."""
    laptop.evaluate("localStorage.setItem('warroom-name', 'Ana')")
    before = until("its counts", lambda: counted(room))
    until("the watch has looked", lambda: any(row["source"] == "drop" for row in room.get("sources")["sources"]))
    laptop.fill("#sources-find", "dro")
    laptop.wait_for_selector('[data-source="drop"] .fd-said')
    decide(laptop, "drop", "Hold", "its file was copied")
    until("nothing of it counts", lambda: counted(room) < before)
    told = r"/^Held by Ana at 10:.* ago: its file was copied\. [1-9]/"
    laptop.wait_for_function(
        f"where => {told}.test(document.querySelector(where)?.textContent)", arg='[data-source="drop"] .fd-trouble'
    )
    until("its alert", lambda: [a for a in room.get("alerts?scope=open") if a["place"] == "Source drop"])
    laptop.fill("#sources-find", "")  # who is held is shown without being looked for
    laptop.wait_for_function("() => document.querySelectorAll('#sources-rows > li').length === 1")
    decide(laptop, "drop", "Release", "the right file is back")
    until("everything counts again", lambda: counted(room) == before)
    until("its alert is over", lambda: not [a for a in room.get("alerts?scope=open") if a["place"] == "Source drop"])
    laptop.fill("#sources-find", "other")
    laptop.wait_for_selector('[data-source="other"] .fd-said')
    decide(laptop, "other", "Hold", "who sends this?")
    laptop.wait_for_selector("#sources[data-held='yes']")


def test_it_fits_every_screen_and_offends_no_reader(laptop):
    laptop.wait_for_selector('[data-feed="drop"]')
    laptop.eval_on_selector_all("details", "found => found.forEach(one => { one.open = true; })")
    looks_right_everywhere(laptop)


def test_a_dead_server_is_told_and_the_figures_are_greyed(laptop):
    laptop.route("**/api/v1/feeds", lambda route: route.abort())
    laptop.wait_for_selector("#feeds-banner:not([hidden])")
    assert "No answer for" in (laptop.text_content("#feeds-banner") or "")
    laptop.wait_for_selector("#feeds-page[data-link='stale']")
    laptop.unroute("**/api/v1/feeds")
