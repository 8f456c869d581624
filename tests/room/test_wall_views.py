"""The wall as a kiosk: views that take turns, regions in figures, sound that waits for a hand, signs for all kinds."""

import base64
from pathlib import Path
from typing import get_args

import pytest
from playwright.sync_api import Page

from bench.running import until
from tests.looks import offends_no_reader
from tests.room.conftest import RunningRoom
from warroom.domain.alerts import AlertKind
from warroom.domain.reports import Checkins
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake

pytestmark = pytest.mark.browser

ASSETS = Path(__file__).resolve().parents[2] / "assets"
WALL = {"width": 1920, "height": 1080}
VIEWS = ("city", "regions", "worst", "volunteers", "feeds")
FIT_JS = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"


@pytest.fixture(scope="module")
def heard(room: RunningRoom) -> RunningRoom:
    """The demo city at noon: a few hundred precincts heard, one region's all low, one precinct nearly still."""
    client = room.store()
    intake = RedisIntake(client)
    at = intake.day().opens_at.replace(hour=11)
    DayClock(client).set(at.replace(hour=12), 1.0)
    precincts = [pid for pid in sorted(intake.precinct_ids()) if int(pid[-3:]) % 3 == 0]
    frame = [
        Checkins(id=pid, source="views", at=at, received=at, precinct=pid, count=40 if pid.startswith("08") else 90)
        for pid in precincts
    ]
    intake.put_frame("test", frame)
    until("the tally", lambda: room.get("board")["headline"]["precincts"]["reporting"] == len(precincts))
    return room


def opened(chromium, room: RunningRoom, address: str = "", size=None) -> Page:
    page = chromium.new_page()
    page.set_viewport_size(size or WALL)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(f"{room.url}/wall{address}")
    page.wait_for_function(
        "document.body?.dataset.link === 'live' && Boolean(document.getElementById('wall')?.dataset.view)"
    )
    page.wait_for_function("document.getElementById('feeds')?.childElementCount > 0")
    return page


@pytest.fixture
def open_wall(chromium, heard):
    """Opens walls at an address, and closes them."""
    pages: list[Page] = []

    def open_one(address: str = "", size=None) -> Page:
        pages.append(opened(chromium, heard, address, size))
        return pages[-1]

    yield open_one
    faults = [fault for page in pages for fault in page.faults]
    for page in pages:
        page.close()
    assert faults == []


def view(page: Page) -> str:
    return page.evaluate("document.getElementById('wall').dataset.view")


def test_a_kiosk_goes_round_every_view_that_has_something_to_show(open_wall, heard):
    page = open_wall("?kiosk=1&times=1,1,1,1,1")
    until("it turns by itself", lambda: page.wait_for_timeout(20) or view(page) != "city")
    found = page.evaluate(
        """() => {  // what is there and what is shown, at one moment: alerts come and go
            const began = performance.now();
            const shown = Array.from({length: 60}, (_, s) => {
                Wall.views.tick(began + 1000 * s);
                return Wall.views.now();
            });
            return { shown, worst: Wall.worst.count() > 0, volunteers: Boolean(Wall.volunteers.hasNews()) };
        }"""
    )
    shown = found["shown"]
    filled = {"city", "regions", "feeds"} | {name for name in ("worst", "volunteers") if found[name]}
    turns = [now["view"] for i, now in enumerate(shown) if i == 0 or shown[i - 1]["view"] != now["view"]]
    seen = turns[turns.index("city") :]
    regions = {now["region"] for now in shown}
    assert set(seen) == filled
    assert len(regions - {""}) >= 2  # region after region
    order = [VIEWS.index(name) for name in seen[: len(filled)]]
    assert order == sorted(order)


def test_without_a_kiosk_nothing_moves_and_rotate_0_stays(open_wall):
    for address in ("", "?kiosk=1&rotate=0&times=1,1,1,1,1"):
        page = open_wall(address)
        page.evaluate("for (let s = 1; s < 200; s++) Wall.views.tick(performance.now() + 1000 * s)")
        assert view(page) == "city"
        assert page.get_attribute("#views", "data-rotation") == "off"


def test_each_view_stands_for_its_own_time(open_wall):
    page = open_wall("?kiosk=1")
    steps = page.evaluate(
        """() => {
            Wall.views.choose('city');  // begins now, and a hand holds it for a minute
            const began = performance.now();
            const stays = [];
            for (let s = 1; s < 150; s++) {
                Wall.views.tick(began + 1000 * s);
                if (s >= 60) stays.push(Wall.views.now().view + Wall.views.now().region);
            }
            return stays;
        }"""
    )
    city = steps.count("city")
    first = next(step for step in steps if step != "city")
    assert 38 <= city <= 41
    assert 14 <= steps.count(first) <= 16


def test_a_hand_holds_the_rotation_for_a_minute_and_the_space_bar_until_pressed_again(open_wall):
    page = open_wall("?kiosk=1")
    page.keyboard.press("5")
    assert view(page) == "feeds"
    page.wait_for_function("document.getElementById('views')?.dataset.rotation === 'held'")
    run_on = """s => {
        window.from ||= performance.now();
        for (let i = 0; i < s; i++) Wall.views.tick(window.from += 1000);
    }"""
    page.evaluate(run_on, 45)  # of sixty: some have passed since the key
    assert view(page) == "feeds"
    page.evaluate(run_on, 43)
    assert view(page) == "city"  # the feeds' time ran on, the city's stands
    page.keyboard.press(" ")
    page.evaluate(run_on, 600)
    assert view(page) == "city"
    assert page.text_content("#views-state") == "paused"


def test_keys_and_dots_choose_a_view_and_the_present_one_is_told(open_wall):
    page = open_wall()
    for key, name in enumerate(VIEWS, start=1):
        page.keyboard.press(str(key))
        assert view(page) == name
    page.click("#views button[data-view='worst']")
    assert view(page) == "worst"
    assert page.get_attribute("#views button[data-view='worst']", "aria-current") == "true"
    assert page.locator("#views [aria-current]").count() == 1


@pytest.mark.parametrize("name", ["worst", "volunteers"])
def test_a_view_with_nothing_to_show_says_what_is_awaited(open_wall, name):
    page = open_wall(f"?view={name}")
    empty = {"worst": "worst-empty", "volunteers": "people-empty"}[name]
    words = page.evaluate(  # at one moment: the next update brings alerts again
        """id => {
            Wall.worst.setAlerts([]); Wall.volunteers.setAlerts([]); Wall.volunteers.setHeadline({});
            const empty = document.getElementById(id);
            return empty.checkVisibility() ? empty.textContent : '';
        }""",
        empty,
    )
    assert len(words) > 40


def test_the_region_table_says_what_the_board_says(open_wall, heard):
    page = open_wall("?view=regions")
    read = """() => [...document.querySelectorAll('#regions-table tr')].map((row) =>
        [row.dataset.name, ...['votes', 'final', 'band', 'reporting', 'apart'].map((name) =>
            row.querySelector(`[data-column="${name}"]`).textContent)])"""

    def told() -> list[list[str]]:
        rows = sorted(heard.get("board")["regions"]["rows"], key=lambda row: (row["vs_history"], row["name"]))
        return [
            [
                row["name"],
                f"{row['votes']:,}",
                f"{row['final']:,}",
                f"{row['low']:,} – {row['high']:,}",
                f"{100 * row['reporting'] / row['total']:.0f} %",
                apart(row["vs_history"]),
            ]
            for row in rows
        ]

    def same() -> bool:
        page.wait_for_timeout(50)
        shown, board = page.evaluate(read), told()
        return [row[:-1] for row in shown] == [row[:-1] for row in board] and all(
            near(mine[-1], theirs[-1]) for mine, theirs in zip(shown, board, strict=True)
        )

    until("the same figures", same)
    assert len(told()) > 5
    name = page.evaluate("Wall.views.now().region")
    assert page.text_content("#region-name") == name
    assert page.locator("#regions-table tr[data-now]").get_attribute("data-name") == name


def near(shown: str, told: str) -> bool:
    """Whole per cent: a half may be rounded either way."""
    mine, theirs = (int(text.replace("−", "-").replace("%", "").strip()) for text in (shown, told))
    return abs(mine - theirs) <= 1


def apart(share: float) -> str:
    text = f"{abs(round(share - 1, 3)) * 100:.0f} %"
    return text if text == "0 %" else f"{'−' if share < 1 else '+'}{text}"


def test_sound_is_off_waits_for_a_hand_is_remembered_and_tells_an_alert_once(chromium, heard):
    context = chromium.new_context()
    try:
        page = opened(context, heard)
        assert page.get_attribute("#sound", "aria-pressed") == "false"
        loud = "ids => Wall.sound.hear(ids.map((id) => ({ id, severity: 'high' })))"
        page.evaluate(loud, ["a"])
        assert page.evaluate("Wall.sound.state()") == {"isOn": False, "isReady": False, "played": 0}
        page.click("#sound")
        assert page.get_attribute("#sound", "aria-pressed") == "true"
        trial = page.evaluate("Wall.sound.state().played")
        page.evaluate(loud, ["a", "b"])
        page.evaluate(loud, ["a", "b"])  # an update of the same alerts
        assert page.evaluate("Wall.sound.state().played") == trial + 1
        assert page.evaluate("localStorage.getItem('warroom-sound')") == "on"
        again = opened(context, heard)
        assert again.get_attribute("#sound", "data-state") == "waiting"
        assert again.evaluate("Wall.sound.state().isReady") is False
        again.keyboard.press("1")
        assert again.get_attribute("#sound", "data-state") == "on"
    finally:
        context.close()


def test_every_kind_of_alert_has_a_shape_and_a_word_of_its_own(open_wall):
    page = open_wall()
    kinds = page.evaluate("names => names.map((name) => WarroomSigns.kind(name))", list(get_args(AlertKind)))
    assert len({kind["shape"] for kind in kinds}) == len(kinds)
    assert len({kind["word"] for kind in kinds}) == len(kinds)
    assert set(page.evaluate("Object.keys(WarroomSigns.SHAPES)")) >= {kind["shape"] for kind in kinds}


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160), (390, 844)])
def test_no_view_overflows_its_screen_or_offends_a_reader(open_wall, width, height):
    page = open_wall("?rotate=0", {"width": width, "height": height})
    for name in VIEWS:
        page.evaluate("name => Wall.views.choose(name)", name)
        wide, high = page.evaluate(FIT_JS)
        assert wide <= width, name
        if width > 1000:
            assert high <= height, name
        if width < 3840:  # the big wall is the small one, enlarged
            offends_no_reader(page, name)


def test_what_is_read_across_the_room_is_28_mm_high(open_wall):
    """Capitals of Inter are 0.727 of the font size; 28 mm on a 55-inch 16:9 screen (685 mm high) are 4.09 % of it."""
    page = open_wall()
    sizes = page.evaluate(
        """() => ['votes-value', 'expected-value', 'final-value', 'clock', 'to-close', 'alerts-count'].map((id) =>
            parseFloat(getComputedStyle(document.getElementById(id)).fontSize))"""
    )
    assert min(sizes) * 0.727 >= 0.0409 * WALL["height"]


def test_a_region_without_another_place_is_placed_and_framed(chromium):
    page = chromium.new_page()
    try:
        for script in ("signs", "board-worker", "view-worker"):
            page.add_script_tag(content=(ASSETS / f"map/{script}.js").read_text())
        found = page.evaluate(
            """() => {
                const board = new WarroomBoard();
                board.setRoster({ ids: ['a', 'b', 'c'], regions: ['West', 'East'], region_of: [0, 0, 1] });
                board.setAlerts([
                    { kind: 'low_turnout', region: 'East' }, { kind: 'stoppage', precinct: 'a', region: 'West' },
                ]);
                const shape = {
                    innerX: [100, 200, 900], innerY: [100, 300, 500], extent: 100, width: 1000, height: 1000,
                    box: [50, 50, 150, 150, 150, 250, 250, 350, 850, 450, 950, 550],
                };
                const view = new WarroomView();
                Object.assign(view, { w: 800, h: 600 });
                const [left, top, right, bottom] = board.regionBox(shape, 'East');
                view.frame([left, top, right, bottom], shape);
                const x = (value) => value * view.scale + view.x, y = (value) => value * view.scale + view.y;
                return { alerts: board.alerts, corners: [x(left), y(top), x(right), y(bottom)], fitted: view.fitted };
            }"""
        )
    finally:
        page.close()
    assert [alert["region"] for alert in found["alerts"]] == ["East", None]
    left, top, right, bottom = found["corners"]
    assert left >= 0 and top >= 0 and right <= 800 and bottom <= 600
    assert bottom - top > 500  # it fills the map
    assert found["fitted"] is False


def test_signs_that_crowd_become_one_with_a_count(chromium):
    page = chromium.new_page()
    try:
        for script in ("signs", "geometry-worker", "paint-worker", "board-worker", "view-worker", "marks-worker"):
            page.add_script_tag(content=(ASSETS / f"map/{script}.js").read_text())
        texts = page.evaluate(
            """flags => {
                const count = 400;
                const board = new WarroomBoard();
                const each = (value) => Array.from({ length: count }, (_, i) => value(i));
                board.setRoster({ ids: each((i) => `p${i}`), regions: [''], region_of: each(() => 0) });
                board.setCells(flags);
                board.setAlerts([{ kind: 'low_turnout', precinct: 'p0' }, { kind: 'slowdown', precinct: 'p0' }]);
                const shape = {
                    count, extent: 1, width: 200, height: 200, box: new Float32Array(4 * count),
                    innerX: each((i) => (i % 20) * 10 + 5), innerY: each((i) => Math.floor(i / 20) * 10 + 5),
                };
                const view = new WarroomView();
                Object.assign(view, { w: 600, h: 600, dpr: 1 });
                view.fit(shape);
                const texts = [];
                const ctx = new OffscreenCanvas(600, 600).getContext('2d');
                ctx.fillText = (text) => texts.push(text);
                WarroomMarks.draw(ctx, shape, view, board);
                return texts;
            }""",
            base64.b64encode(bytes([64] * 400)).decode(),
        )
    finally:
        page.close()
    assert texts.count("1") == 1 and "2" not in texts  # both alerts of one place are one sign
    counted = [int(text[1:]) for text in texts if text[0] in "×+"]
    assert len(counted) <= 40
    assert sum(counted) >= 300
