"""The volunteers page in a real browser: somebody does not come, and the room sees where."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from bench.running import until
from tests.looks import looks_right_everywhere
from tests.room.conftest import RunningRoom
from warroom.domain.reports import Shift
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake
from warroom.store.people import PeopleStore

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def morning(room: RunningRoom) -> dict[str, str]:
    """At 07:30 every watcher of the first shift has come, but one: {"volunteer", "site"}."""
    client = room.store()
    intake, people = RedisIntake(client), PeopleStore(client)
    opens = intake.day().opens_at
    first = [s for s in people.shifts() if s.covers and s.start_ms < opens.timestamp() * 1000]
    alone = [s for s in first if sum(o.site_id == s.site_id for o in first) == 1]
    absent = alone[0]
    came = opens - timedelta(minutes=20)
    intake.put_frame(
        "test",
        [
            Shift(id=f"in {s.volunteer_id}", source="browser test", at=came, received=came, volunteer=s.volunteer_id,
                  status="on_site", site=s.site_id)
            for s in first if s is not absent
        ],
    )  # fmt: skip
    DayClock(client).set(opens + timedelta(minutes=30), 1.0)
    until("the gap", lambda: [a for a in room.get("alerts") if a["kind"] == "coverage_gap" and a["site"]])
    until("the table", lambda: room.get("coverage")["heard"])
    names = {s["site"]: s["name"] for s in room.get("coverage")["sites"]}
    return {"volunteer": absent.volunteer_id, "site": names[absent.site_id], "site_id": absent.site_id}


def opened(browser, room: RunningRoom, width: int, height: int, scheme: str) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme).new_page()
    page.asked, page.errors = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(f"{room.url}/volunteers")
    page.wait_for_selector("#crew-matrix tbody tr")
    page.wait_for_function("document.getElementById('crew')?.dataset.role")
    return page


@pytest.fixture
def laptop(chromium, room, morning):
    page = opened(chromium, room, 1366, 768, "dark")
    yield page
    page.context.close()


def test_who_has_not_come_is_on_top_by_name_and_place(laptop, morning, room):
    laptop.wait_for_function("document.getElementById('crew-noshows')?.textContent === '1'")
    until("its place", lambda: laptop.text_content("#crew-matrix tbody th") == morning["site"])
    until("the gap", lambda: morning["site"] in (laptop.text_content("#crew-gaps li") or ""))
    gap = laptop.text_content("#crew-gaps li") or ""
    assert f"({morning['volunteer']}) has not come" in gap  # this machine's user is a director: with the name
    laptop.wait_for_function(
        "document.getElementById('crew-ready')?.textContent.includes('Nothing was heard by then.')"
    )
    assert laptop.errors == []
    assert {url for url in laptop.asked if not url.startswith((room.url, "data:", "blob:"))} == set()


def test_every_cell_says_in_words_what_its_texture_means(laptop):
    laptop.set_viewport_size({"width": 1920, "height": 1080})  # a desk's monitor: the list goes on, and scrolls
    while laptop.is_visible("#crew-more"):
        laptop.click("#crew-more")
    cells = laptop.evaluate(
        """[...document.querySelectorAll('#crew-matrix tbody td')]
        .map(td => [td.dataset.c, td.querySelector('.unseen').textContent])"""
    )
    assert {state for state, _ in cells} >= {"here", "missing", "none", "planned"}
    assert all(words for _, words in cells)
    legend = laptop.evaluate("[...document.querySelectorAll('.crew-legend .crew-cell')].map(c => c.dataset.c)")
    assert {state for state, _ in cells} <= set(legend)


def test_the_filters_work_from_the_keyboard(laptop):
    everything = laptop.text_content("#crew-sites-note")
    laptop.focus("#crew-region")
    laptop.keyboard.press("ArrowDown")
    assert laptop.text_content("#crew-sites-note") != everything
    laptop.keyboard.press("ArrowUp")
    assert laptop.text_content("#crew-sites-note") == everything
    laptop.focus('#crew-kinds [data-kind="here"]')
    laptop.keyboard.press("Enter")
    assert laptop.get_attribute('#crew-kinds [data-kind="here"]', "aria-pressed") == "true"
    assert "poll watcher" in (laptop.text_content("#crew-people li") or "")


def test_an_arrival_fills_the_gap_without_a_reload(laptop, morning, room):
    started = laptop.evaluate("performance.timeOrigin")
    intake = RedisIntake(room.store())
    now = intake.now()
    late = Shift(
        id="late", source="browser test", at=now, received=now, volunteer=morning["volunteer"], status="on_site",
        site=morning["site_id"],
    )  # fmt: skip
    intake.put_frame("test", [late])
    laptop.wait_for_function("document.getElementById('crew-noshows')?.textContent === '0'")
    until("the alert closes", lambda: not [
        a for a in room.get("alerts") if a["kind"] == "coverage_gap" and a["site"] and a["status"] != "closed"
    ])  # fmt: skip
    assert laptop.evaluate("performance.timeOrigin") == started


def test_it_fits_every_screen_and_offends_no_reader(laptop):
    looks_right_everywhere(laptop)


def test_a_dead_server_is_told(laptop, room):
    laptop.clock.install()
    laptop.reload()
    laptop.wait_for_selector("#crew-matrix tbody tr")
    laptop.route("**/api/v1/**", lambda route: route.abort())
    laptop.clock.fast_forward(20_000)
    laptop.wait_for_selector("#crew-banner:not([hidden])")
    assert "No answer for" in (laptop.text_content("#crew-banner") or "")
