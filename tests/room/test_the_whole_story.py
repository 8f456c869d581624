"""The story that the product exists for, from the first long line to the report of the morning after."""

import csv
import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from bench.running import until
from tests.room.conftest import RunningRoom
from tests.room.field_pages import open_field, press, says, state
from tests.room.phones import Phone
from warroom.domain.reports import Wait
from warroom.store.day import DayClock, read_day, read_roster
from warroom.store.intake import RedisIntake

pytestmark = pytest.mark.browser

SITE_MINUTES = (95, 150, 180)  # what three watchers tell of one line


def tell(room: RunningRoom, site: str, *minutes: int) -> None:
    """Watchers at one site tell how long its line is."""
    intake = RedisIntake(room.store())
    now = intake.now()
    intake.put_frame(
        "story",
        [
            Wait(id=f"{site}-{n}-{m}", source=f"watcher {n}", at=now, received=now, site=site, minutes=m)
            for n, m in enumerate(minutes)
        ],
    )


def long_waits(room: RunningRoom) -> list[dict]:
    return [a for a in room.get("alerts?scope=open") if a["kind"] == "long_wait"]


def send_the_first_suggestion(page: Page, alert: str) -> str:
    """Take the best of the suggested moves; the volunteer it names."""
    press(page, alert, "dispatch")
    first = page.locator('.f-dialog input[name="suggested"]').first
    first.wait_for()
    words = page.locator(".f-dialog .f-choice").first.text_content()
    first.check()
    page.click(".f-dialog button[type=submit]")
    return re.search(r"V\d{3}", words).group()


def test_a_line_is_seen_owned_answered_and_gone_and_the_report_tells_it(chromium, room, tmp_path):
    client = room.store()
    DayClock(client).set(read_day(client).opens_at + timedelta(hours=3), 1.0)
    site = next(s for s in read_roster(client).sites if s.lat is not None)

    # a site breaks: three reports, one alert
    tell(room, site.site_id, *SITE_MINUTES)
    [alert] = until("one alert for the site", lambda: long_waits(room))
    assert alert["site"] == site.site_id and alert["severity"] == "high"

    # one director takes it, the other is told
    ana, ben = open_field(chromium, room, "Ana"), open_field(chromium, room, "Ben")
    press(ana, alert["id"], "acknowledge")
    says(ana, "yours")
    state(ben, alert["id"], "Ana · Acknowledged")
    assert len(long_waits(room)) == 1

    # a suggestion is accepted
    until("a suggestion", lambda: [m for m in room.get("moves")["moves"] if m["alert"] == alert["id"]])
    helper = send_the_first_suggestion(ana, alert["id"])
    state(ben, alert["id"], f"On the way ({helper})")

    # who was sent taps "I am here" on the phone, and nobody needs to note it
    out = tmp_path / "codes.csv"
    assert room.run("codes", "--out", str(out), "--address", room.url).wait(timeout=200) == 0
    with out.open(encoding="utf-8") as rows:
        link = next(row["link"] for row in csv.DictReader(rows) if row["volunteer_id"] == helper)
    phone = Phone(chromium, room, link).home()
    phone.page.click("#change-place")
    phone.page.fill("#search", site.name)
    phone.page.click(f"#found button:has-text('{site.name}') >> nth=0")
    phone.page.click("#tile-presence")
    phone.page.click('[data-status="on_site"]')
    phone.wait_states("arrived")
    state(ben, alert["id"], "On site")

    # the line falls, the alert closes by itself and says so to its owner
    DayClock(client).set(DayClock(client).now() + timedelta(minutes=25), 1.0)
    tell(room, site.site_id, 5)
    until("the alert is over", lambda: [a["status"] for a in long_waits(room)] == ["closed"])
    state(ana, alert["id"], "Closed by itself")

    # the morning after
    report = tmp_path / "report.html"
    assert room.run("report", str(room.day), "--out", str(report)).wait(timeout=200) == 0
    told = report.read_text(encoding="utf-8")
    missing = [words for words in (site.name, helper, "long wait") if words not in told]
    assert missing == []
    for page in (ana, ben, phone.page):
        page.context.close()
