"""The wall in a real browser: a report changes what people see, and faults show as faults."""

import csv
import json
import os
import shutil
import signal

import pytest
from playwright.sync_api import Page

from bench.running import until
from tests.room.conftest import RunningRoom
from warroom.domain.reports import Checkins
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake

pytestmark = pytest.mark.browser

WALL = {"width": 1920, "height": 1080}


@pytest.fixture
def wall(chromium, room: RunningRoom):
    """The wall, open and drawn; every request it makes is noted."""
    page = chromium.new_page(viewport=WALL)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(f"{room.url}/wall")
    page.wait_for_function("document.body?.dataset.link === 'live' && window.warroom !== undefined")
    yield page
    page.close()


@pytest.fixture
def intake(room: RunningRoom) -> RedisIntake:
    """The room's intake, with the day's clock at noon."""
    client = room.store()
    clock = DayClock(client)
    if clock.anchor() is None:
        noon = RedisIntake(client).day().opens_at.replace(hour=12)
        clock.set(noon, 1.0)
    return RedisIntake(client)


def report(intake: RedisIntake, precinct: str, count: int, hour: int, number: int) -> Checkins:
    at = intake.day().opens_at.replace(hour=hour)
    name = f"{precinct}-{number}"
    return Checkins(id=name, source="browser test", at=at, received=at, precinct=precinct, count=count)


def number_in(page: Page, selector: str) -> int:
    text = page.text_content(selector) or ""
    digits = "".join(c for c in text if c.isdigit())
    return int(digits) if digits else -1


def colour(page: Page, precinct: str):
    return json.dumps(page.evaluate("id => window.warroom.colorAt(id)", precinct))


def test_a_report_changes_its_precinct_and_the_totals_without_a_reload(wall, room, intake):
    precinct = sorted(intake.precinct_ids())[100]
    page_before = wall.evaluate("performance.timeOrigin")
    before = colour(wall, precinct)
    heard = number_in(wall, "#precincts-range")
    intake.put_frame("test", [report(intake, precinct, 3, 9, 1), report(intake, precinct, 4, 11, 2)])
    until("the precinct's colour", lambda: wall.wait_for_timeout(50) or colour(wall, precinct) != before)
    until("the totals", lambda: wall.wait_for_timeout(50) or number_in(wall, "#precincts-range") != heard)
    assert wall.evaluate("performance.timeOrigin") == page_before
    assert wall.errors == []


def test_no_request_leaves_the_host(wall, room):
    assert wall.asked
    assert {url for url in wall.asked if not url.startswith((room.url, "data:", "blob:"))} == set()


def is_deaf(room: RunningRoom) -> bool:
    try:
        return not room.get("board")
    except OSError:
        return True


def test_a_dead_web_process_shows_and_the_next_one_is_found(wall, room):
    os.kill(room.process.pid, signal.SIGSTOP)  # nobody starts it again, until we have looked
    try:
        room.kill("gunicorn")
        until("it is gone", lambda: is_deaf(room))
        shown = wall.text_content("#votes-value")
        wall.wait_for_function("document.body?.dataset.link === 'stale'")
        assert wall.text_content("#votes-value") == shown  # the last figures stay, marked as old
    finally:
        os.kill(room.process.pid, signal.SIGCONT)
    wall.wait_for_function("document.body?.dataset.link === 'live'")
    wall.wait_for_selector("#banner", state="hidden")


def test_a_tapped_precinct_shows_its_reports_against_its_band(wall, room, intake):
    precinct = sorted(intake.precinct_ids())[200]
    intake.put_frame("test", [report(intake, precinct, 20, 9, 1), report(intake, precinct, 31, 11, 2)])
    until("the tally", lambda: room.get(f"precincts/{precinct}")["reported"] == 31)
    until("the map is there", lambda: colour(wall, precinct) != "null")
    wall.evaluate("id => window.warroom.zoomTo(id)", precinct)
    colour(wall, precinct)  # answered in turn: the map stands where it was told to
    wall.click("#wall-map")  # its middle, where the precinct now is
    wall.wait_for_selector("#wall-detail .js-plotly-plot")
    name = room.get(f"precincts/{precinct}")["name"]
    until("its name", lambda: name in (wall.text_content("#wall-detail") or ""))


def test_a_precinct_added_on_the_day_is_on_the_wall_and_counts(wall, room, intake, tmp_path):
    """Last of this file: from here on the room's day is another."""
    mended = tmp_path / "day"
    shutil.copytree(room.day, mended)
    with (mended / "precincts.csv").open(newline="", encoding="utf-8") as file:
        [*_, last] = rows = list(csv.DictReader(file))
    with (mended / "precincts.csv").open("a", newline="", encoding="utf-8") as file:
        csv.DictWriter(file, last).writerow(last | {"precinct_id": "NEW1", "name": "New One"})
    assert room.run("load", str(mended)).wait(timeout=200) == 0
    wall.wait_for_function("n => window.Wall?.roster?.ids?.length === n", arg=len(rows) + 1)
    wall.wait_for_function("document.body?.dataset.link === 'live'")
    intake.put_frame("test", [report(intake, "NEW1", 7, 9, 1)])
    until("the report", lambda: room.get("precincts/NEW1")["reported"] == 7)
    until("the board", lambda: room.get("board")["headline"]["precincts"]["total"] == len(rows) + 1)
