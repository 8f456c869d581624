"""The field page in two real browsers: one director takes an alert, the other is told, and it is seen through."""

import json

import pytest
from playwright.sync_api import Page

from bench.running import until
from tests.looks import looks_right_everywhere
from tests.room.conftest import RunningRoom
from tests.room.field_pages import EVERY, LAPTOP, open_field, press, row, says, state
from warroom.domain.reports import Incident
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake

pytestmark = pytest.mark.browser
ON_ROW = "id => document.activeElement?.dataset.alert === id"  # the cursor is on this alert


@pytest.fixture(scope="module")
def broken(room: RunningRoom) -> list[str]:
    """Three sites report trouble at noon; their alerts, as the API tells them."""
    client = room.store()
    intake = RedisIntake(client)
    noon = intake.day().opens_at.replace(hour=12)
    DayClock(client).set(noon, 1.0)
    sites = sorted(intake.site_ids())[:3]
    intake.put_frame(
        "test",
        [
            Incident(id=f"i{site}", source="browser test", at=noon, received=noon, category="machine", severity="high",
                     site=site, text="<b>both</b> machines are down")
            for site in sites
        ],
    )  # fmt: skip

    def told() -> list[str]:
        found = [
            row["id"] for row in room.get("alerts?scope=open") if row["site"] in sites and row["kind"] == "incident"
        ]
        return found if len(found) == len(sites) else []

    return list(until("three alerts", told))


@pytest.fixture
def ana(chromium, room, broken):
    page = open_field(chromium, room, "Ana")
    yield page
    assert page.errors == []
    page.context.close()


@pytest.fixture
def ben(chromium, room, broken):
    page = open_field(chromium, room, "Ben")
    yield page
    page.context.close()


def test_one_takes_it_the_other_is_told_and_it_is_seen_through(ana, ben, room, broken):
    alert = broken[0]
    ben.route("**/api/v1/alerts?*", lambda route: route.abort())  # Ben's list stands still, as on a bad line
    press(ana, alert, "acknowledge")
    says(ana, "yours")
    state(ana, alert, "Ana · Acknowledged")
    press(ben, alert, "acknowledge")
    says(ben, "Ana has it already")
    ben.unroute("**/api/v1/alerts?*")
    state(ben, alert, "Ana · Acknowledged")  # his list follows by the stream

    press(ana, alert, "dispatch")
    ana.fill("#f-ask-volunteer", "V007")
    ana.fill("#f-ask-move", "Bring the spare machine")
    ana.click(".f-dialog button[type=submit]")
    state(ben, alert, "On the way (V007)")
    press(ana, alert, "arrive")
    state(ben, alert, "On site")
    press(ana, alert, "resolve")
    says(ana, "resolved")
    row(ben, alert).wait_for(state="detached")
    ana.click("#field-undo")
    says(ana, "undone")
    state(ben, alert, "On site")
    history = room.get(f"alerts/{alert}")["history"]
    assert [step["what"] for step in history] == ["undo", "resolve", "arrive", "dispatch", "acknowledge"]
    assert {step["by"] for step in history} == {"Ana"}


def test_the_wall_hears_of_it(chromium, ana, room, broken):
    wall = chromium.new_page()
    wall.goto(f"{room.url}/wall")
    press(ana, broken[2], "acknowledge")
    until("the wall's board", lambda: any(
        a["id"] == broken[2] and a["owner"] == "Ana" for a in room.get("board")["alerts"]))  # fmt: skip
    wall.close()


def test_everything_goes_by_keyboard(ana, broken):
    ana.focus(f'{EVERY}[tabindex="0"]')
    ana.keyboard.press("End")
    ana.keyboard.press("Home")
    first = until("the first row", lambda: ana.evaluate(
        "every => [document.querySelector(every), document.activeElement].map(e => e?.dataset.alert)"
        ".reduce((top, here) => top === here && here)", EVERY))  # fmt: skip
    ana.keyboard.press("?")
    ana.wait_for_selector(".f-keys")
    ana.keyboard.press("Escape")
    ana.wait_for_selector(".f-keys", state="detached")
    ana.wait_for_function(ON_ROW, arg=first)
    ana.keyboard.press("Enter")
    ana.wait_for_selector("#field-panel h3")
    ana.wait_for_function("document.activeElement?.id === 'field-panel'")
    ana.keyboard.press("Escape")
    ana.wait_for_function(ON_ROW, arg=first)
    until("its row", lambda: ana.evaluate(ON_ROW, broken[1]) or ana.keyboard.press("ArrowDown"))
    ana.keyboard.press("a")
    state(ana, broken[1], "Ana · Acknowledged")
    ana.keyboard.press("x")
    ana.keyboard.press("Enter")  # no reason is chosen for her
    ana.wait_for_selector(".f-wrong:text-is('Say why.')")
    ana.keyboard.press("Space")  # the first reason of the list
    ana.keyboard.press("Enter")
    says(ana, "dismissed")
    ana.focus(f'{EVERY}[tabindex="0"]')
    ana.keyboard.press("u")
    state(ana, broken[1], "Ana · Acknowledged")
    ana.focus(f'li[data-alert="{broken[1]}"]')
    ana.keyboard.press("u")
    says(ana, "nothing of yours")


def test_many_are_taken_at_once_and_given_back(ana, room):
    free = [r["id"] for r in room.get("alerts?scope=open") if "acknowledge" in r["handling"]["steps"]]
    for alert in free[:2]:
        row(ana, alert).locator("input[type=checkbox]").check()
    mine = ana.locator(".f-tick:has-text('Mine')")
    mine.click()
    ana.wait_for_selector("#field-bulk", state="hidden")  # what the filter hides is not taken
    mine.click()
    ana.wait_for_selector("#field-bulk:not([hidden])")
    ana.click("#field-bulk .f-first")
    says(ana, f"{len(free[:2])} of {len(free[:2])} are yours")
    ana.click("#field-undo")
    says(ana, "undone")


def test_a_decision_that_is_never_answered_is_said_to_be_unknown_and_can_be_left(ana, broken):
    ana.evaluate("AbortSignal.timeout = (real => () => real.call(AbortSignal, 500))(AbortSignal.timeout)")
    ana.route("**/decide", lambda route: None)
    ana.focus(f'li[data-alert="{broken[1]}"]')
    ana.keyboard.press("x")
    ana.click(".f-choice >> nth=0")
    ana.click(".f-dialog button[type=submit]")
    ana.wait_for_selector(".f-wrong:has-text('not known whether it was done')")
    ana.click(".f-dialog button:text-is('Cancel')")
    ana.wait_for_selector(".f-dialog", state="detached")


def test_a_site_is_shelved_with_an_end_and_brought_back(ana, room, broken):
    site = room.get(f"alerts/{broken[2]}")["site"]
    ana.focus(f'li[data-alert="{broken[2]}"]')
    ana.keyboard.press("h")
    ana.fill("#f-ask-reason", "a new machine is on its way")
    ana.click(".f-dialog button[type=submit]")
    row(ana, broken[2]).wait_for(state="detached")
    assert [s["site"] for s in room.get("alarms")["shelved"]] == [site]
    ana.click("#field-undo")
    row(ana, broken[2]).wait_for()


def test_what_a_reporter_wrote_stands_in_the_panel_alone_and_as_text(ana, room, broken):
    row(ana, broken[0]).locator(".f-place").click()
    ana.wait_for_selector("#field-panel .f-said")
    assert "<b>both</b> machines are down" in ana.locator("#field-panel .f-said").text_content()
    assert ana.locator("#field-panel b:text-is('both')").count() == 0
    assert "both" not in ana.locator("#field-list").text_content()
    assert "machines are down" not in json.dumps(room.get("board"))
    ana.wait_for_selector("#field-panel :text('No contacts reported.'), #field-panel :text('Contacts today')")


def test_a_watch_that_stands_still_is_told_and_forgotten_when_it_looks_again(ana):
    ana.wait_for_function("""() => {
      if (window.warroomField?.link) window.warroomField.link.boardAt = performance.now() - 30000;
      return document.getElementById('field-banner')?.textContent.startsWith('The watch has not answered for');
    }""")
    ana.wait_for_selector("#field-banner", state="hidden")


def test_no_request_leaves_the_host(ana, room):
    assert {url for url in ana.asked if not url.startswith((room.url, "data:", "blob:"))} == set()


def test_it_fits_every_screen_and_offends_no_reader(ana, broken):
    looks_right_everywhere(ana, scrolls=True)
    fits_a_finger(ana)
    row(ana, broken[0]).locator(".f-place").click()
    ana.wait_for_selector("#field-panel h3")
    looks_right_everywhere(ana, scrolls=True)
    fits_a_finger(ana)
    ana.click("#field-panel [data-step=dismiss]")
    ana.wait_for_selector(".f-dialog")
    looks_right_everywhere(ana, scrolls=True)
    fits_a_finger(ana)


def fits_a_finger(page: Page) -> None:
    """On a phone every target is big enough."""
    page.set_viewport_size({"width": 390, "height": 844})
    small = page.evaluate("""() => [...document.querySelectorAll('.field button, .field select, .field a, .f-check')]
        .filter((e) => e.checkVisibility()).map((e) => [e.textContent, e.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.height < 43.5 || box.width < 43.5)).map(([text]) => text)""")
    assert small == []
    page.set_viewport_size(LAPTOP)
