"""The replay page in a real browser: the slider moves the day, by hand, by key and by itself."""

import pytest

from bench.running import until
from tests.history.conftest import LOW, write_small_day
from tests.looks import looks_right_everywhere
from tests.room.conftest import start_room

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A room in which a small day has been played to its end."""
    home = tmp_path_factory.mktemp("replay")
    write_small_day(home / "day")
    running = start_room(home / "day", home / "data")
    assert running.run("replay", "--drill", str(home / "day"), "--speed", "20000").wait(timeout=200) == 0
    until("the whole day computed", lambda: running.get("replay")["minutes"][-1] == 960)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def replay(room, chromium):
    """The page over that day."""
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((room.url, "blob:", "data:")) else page.wrong.append(r.url))
    page.goto(f"{room.url}/replay")
    page.wait_for_selector("#replay-alerts li")
    yield page
    assert page.wrong == []
    page.close()


def clock(page) -> str:
    return page.inner_text("#replay-clock")


def press(page, key: str, expected: str) -> None:
    page.keyboard.press(key)
    page.wait_for_function("time => document.getElementById('replay-clock')?.textContent === time", arg=expected)


def test_the_page_opens_at_the_newest_minute(replay):
    until("the newest minute", lambda: clock(replay) == "22:00")
    until("the whole day", lambda: "The whole day" in replay.inner_text("#replay-state"))


def test_keys_move_the_day(replay):
    replay.focus("#replay-slider")
    press(replay, "Home", "06:00")
    press(replay, "PageUp", "07:00")
    press(replay, "ArrowRight", "07:05")
    press(replay, "ArrowLeft", "07:00")
    press(replay, "PageDown", "06:00")
    press(replay, "End", "22:00")
    replay.wait_for_selector("#replay-slider[aria-valuetext='22:00']")
    until("the address", lambda: replay.url.endswith("#22:00"))


def test_the_map_shows_the_minute_looked_at(replay):
    press(replay, "Home", "06:00")
    opening = replay.evaluate("id => window.replay.ask('cell', id)", LOW)
    press(replay, "End", "22:00")
    replay.wait_for_function(
        "([id, before]) => window.replay.ask('cell', id).then((now) => now && now.class !== before.class)",
        arg=[LOW, opening],
    )
    assert opening["class"] == 9  # nothing reported yet


def test_the_slider_shows_alerts_of_its_minute_and_what_became_of_them(replay, room):
    press(replay, "End", "22:00")
    index = room.get("replay")
    over = next(a for a in index["alerts"] if a["closed_ms"])  # one that closed: at its raising it was open
    now_ms, minute = over["raised_ms"], (over["raised_ms"] - index["day"]["opens_ms"]) // 60_000
    replay.evaluate(
        """minute => { const slider = document.getElementById('replay-slider');
                       slider.value = minute; slider.dispatchEvent(new Event('input')); }""",
        minute,
    )
    replay.wait_for_function("minute => window.replay.minute() === minute", arg=minute)
    open_then = [
        a for a in index["alerts"] if a["raised_ms"] <= now_ms and not (a["closed_ms"] or now_ms + 1) <= now_ms
    ]
    until("its alerts", lambda: replay.locator("#replay-alerts li").count() == len(open_then))
    assert open_then
    assert room.get(f"replay/{minute}")["headline"]["alerts_open"] == len(open_then)
    assert any(words.startswith("Over at") for words in replay.locator(".r-fate").all_inner_texts())


def test_play_runs_and_stops(replay):
    press(replay, "Home", "06:00")
    replay.select_option("#replay-speed", "60")
    replay.click("#replay-play")
    replay.wait_for_function("() => document.getElementById('replay-clock')?.textContent >= '08:00'")
    replay.click("#replay-play")
    replay.wait_for_selector("#replay-play[aria-pressed='false']")


def test_it_fits_every_screen_and_offends_no_reader(replay):
    assert replay.evaluate("document.documentElement.scrollHeight") <= 768  # a laptop needs no scroll bar either
    looks_right_everywhere(replay)
