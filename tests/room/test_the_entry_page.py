"""The entry page in a real browser: a typist's lines by keyboard alone, each in the store exactly once."""

from datetime import timedelta
from functools import partial
from itertools import islice

import pytest
from playwright.sync_api import Browser, Page, Route

from bench.running import until
from tests.looks import looks_right_everywhere
from tests.room.conftest import RunningRoom
from warroom.store.day import DayClock, read_day, read_roster
from warroom.store.keys import precinct_unit
from warroom.store.state import StateReader

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def precincts(room: RunningRoom):
    """Precincts that no test has used yet, three hours after the polls opened; each is given once."""
    client = room.store()
    DayClock(client).set(read_day(client).opens_at + timedelta(hours=3), 1.0)
    unused = iter([p.precinct_id for p in read_roster(client).precincts])
    return lambda number: list(islice(unused, number))


@pytest.fixture
def desk(chromium: Browser, room: RunningRoom, precincts):
    """desk(initials) opens the page as one typist's laptop; the cursor is in the line."""
    contexts = []

    def open_page(by: str, width: int = 1366, height: int = 768, scheme: str = "dark") -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.errors, page.asked = [], []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(f"{room.url}/entry")
        page.wait_for_selector("#entry[data-link='live']")
        page.keyboard.type(by)
        page.keyboard.press("Enter")
        until("the cursor", lambda: page.evaluate("document.activeElement.id") == "entry-line")
        return page

    yield open_page
    for context in contexts:
        context.close()


def enter(page: Page, *lines: str) -> None:
    for line in lines:
        page.keyboard.type(line)
        page.keyboard.press("Enter")


def readings(room: RunningRoom, places, by: str):
    """{precinct: counts of this typist's readings, None where voided}."""
    found = StateReader(room.store()).readings([precinct_unit(p) for p in places])
    return {
        place: [None if r.void else r.count for r in found[precinct_unit(place)] if r.source == f"entry/{by}"]
        for place in places
    }


def told(page: Page, begins: str) -> bool:
    return page.inner_text("#entry-told").startswith(begins)


def ends(page: Page) -> list[str]:
    return page.locator("#entry-lines .e-end").all_inner_texts()


def test_thirty_lines_typed_by_keyboard_alone_arrive_once_and_the_cursor_never_leaves(desk, room, precincts):
    page, places = desk("kb"), precincts(30)
    page.evaluate("window.left = 0; document.getElementById('entry-line').addEventListener('blur', () => left += 1)")
    enter(page, *(f"{place} {n + 5}" for n, place in enumerate(places)))
    expected = {place: [n + 5] for n, place in enumerate(places)}
    until("all thirty, once", lambda: readings(room, places, "KB") == expected)
    until("all is sent", lambda: page.inner_text("#entry-outbox") == "All sent")
    until("the last twenty", lambda: ends(page) == ["sent"] * 20)
    assert page.evaluate("document.documentElement.scrollHeight") <= 768  # all twenty without scrolling
    assert page.evaluate("left") == 0 and page.errors == []
    assert {url for url in page.asked if not url.startswith((room.url, "data:", "blob:"))} == set()


def test_the_echo_says_place_last_count_and_doubt_before_enter(desk, room, precincts):
    page, [place] = desk("kb"), precincts(1)
    enter(page, f"{place} 40")
    until("the count", lambda: readings(room, [place], "KB") == {place: [40]})
    until("it is folded", lambda: StateReader(room.store()).unit_states([precinct_unit(place)]))
    page.keyboard.type(f"{place} 12")
    page.wait_for_selector("#entry-echo[data-tone='doubt']")
    said = page.inner_text("#entry-echo")
    assert f"{place}: 12 checked in" in said and "Last 40" in said and "lower than an earlier reading" in said
    page.keyboard.press("Escape")
    page.keyboard.type("nowhere 12")
    page.wait_for_selector("#entry-echo[data-tone='bad']")
    assert not [url for url in page.asked if "nowhere" in url or place in url]


def test_words_about_a_problem_stand_in_no_address(desk, room, precincts):
    page, [place] = desk("kb"), precincts(1)
    enter(page, f"i {place} Rosa Secret fell")
    until("it is sent", lambda: ends(page)[:1] == ["sent"])
    assert "Secret" not in " ".join(page.asked)


def test_control_z_takes_the_last_line_back_and_the_one_before_counts(desk, room, precincts):
    page, [place] = desk("kb"), precincts(1)
    enter(page, f"{place} 30", f"{place} 75")
    until("both", lambda: sorted(readings(room, [place], "KB")[place]) == [30, 75])
    page.keyboard.press("Control+z")
    until("the slip is void", lambda: readings(room, [place], "KB")[place].count(None) == 1)
    unit = precinct_unit(place)
    until("30 counts", lambda: StateReader(room.store()).unit_states([unit])[unit].count == 30)
    until("it says so", lambda: ends(page)[0] == "taken back")
    page.keyboard.press("ArrowUp")
    assert page.input_value("#entry-line") == f"{place} 75"


def test_lines_typed_without_a_connection_survive_a_reload_and_arrive_once(desk, room, precincts):
    page, places = desk("kb"), precincts(4)
    page.route("**/entry/lines", lambda route: route.abort())
    enter(page, *(f"{place} 21" for place in places))
    page.wait_for_selector("#entry-banner:not([hidden])")
    until("all four wait", lambda: page.inner_text("#entry-outbox").startswith("4 not sent yet"))
    page.reload()
    page.wait_for_selector("#entry-lines li[data-tone='wait']")
    page.wait_for_function("document.activeElement?.id === 'entry-line'")
    assert readings(room, places, "KB") == {place: [] for place in places}
    sizes = []

    def not_at_once(route: Route) -> None:  # the server will not take the four together, and is busy for a moment
        sizes.append(len(route.request.post_data_json["lines"]))
        if sizes[-1] > 1:
            route.fulfill(status=422, json={"detail": "too many"})
        elif len(sizes) == 2:
            route.fulfill(status=503, json={})
        else:
            route.continue_()

    page.route("**/entry/lines", not_at_once)
    page.wait_for_function("document.getElementById('entry-outbox')?.textContent === 'All sent'")
    page.wait_for_selector("#entry-banner", state="hidden")
    until("all four, once", lambda: readings(room, places, "KB") == {place: [21] for place in places})
    assert sizes == [4, 1, 4, 1, 1, 1, 1]  # a server that is busy is left alone for a while


def test_an_answer_that_is_lost_on_its_way_makes_nothing_count_twice(desk, room, precincts):
    page, [place] = desk("kb"), precincts(1)
    lost = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)  # the server has it; the page never hears of it
        route.abort()

    page.route("**/entry/lines", lose)
    enter(page, f"{place} 33")
    until("sent again", lambda: ends(page)[:1] == ["sent"])
    assert lost == [200]
    until("it counts once", lambda: readings(room, [place], "KB") == {place: [33]})


def test_a_list_is_typed_with_a_plus_and_with_what_its_ids_begin_with(desk, room, precincts):
    page = desk("kb")
    until("the roster", lambda: page.evaluate("window.Entry.places.isLoaded"))
    roster = room.get("roster")
    ids, sites = roster["ids"], roster["sites"]
    site = next(at for at in reversed(sites) if sites.count(at) >= 3)  # at the end, where no other test types
    here = sorted(place for place, at in zip(ids, sites, strict=True) if at == site)
    first, second, third = here[:3]
    page.keyboard.type("+50")
    page.keyboard.press("Enter")  # next to nothing: it is not sent, and stays to be changed
    until("what to do", lambda: "type its id" in page.inner_text("#entry-told"))
    assert page.input_value("#entry-line") == "+50"
    page.keyboard.press("Escape")
    enter(page, f"{first} 51", "+52", f"w {second} 20", "+ 53 900")
    expected = {first: [51], second: [52], third: [53]}
    until("the list", lambda: all(count in readings(room, [p], "KB")[p] for p, [count] in expected.items()))
    enter(page, f"/8 - {first[:-1]}", f"{first[-1]} 61")
    until("the id in full", lambda: 61 in readings(room, [first], "KB")[first])
    assert page.input_value("#entry-sheet") == "8" and page.input_value("#entry-time") == ""


def test_two_people_type_a_sheet_blind_and_settle_what_differs_from_the_paper(desk, room, precincts):
    same, differs, extra = precincts(3)
    first, second = desk("kb"), desk("am")
    for page, lines in (
        (first, (f"{same} 10", f"{differs} 57")),
        (second, (f"{same} 10", f"{differs} 75", f"{extra} 8")),
    ):
        page.check("#entry-twice")
        page.focus("#entry-line")
        enter(page, "/77 900", *lines)
        assert readings(room, [same], "KB") == {same: []}
        assert "57" not in page.inner_text("#entry-sheets")
        page.keyboard.press("Control+Enter")
        until("the answer", partial(told, page, "Sheet 77: "))
    until("who agrees is believed", lambda: readings(room, [same], "KB") == {same: [10]})
    assert "1 line agrees and is sent, 2 differ" in second.inner_text("#entry-told")
    until("both counts", lambda: "KB 57 at 09:00, AM 75 at 09:00" in second.inner_text("#entry-sheets"))
    assert readings(room, [differs], "AM") == {differs: []}
    enter(second, f"{differs} 57")
    until("settled", lambda: readings(room, [differs], "AM") == {differs: [57]})
    until("it is off the list", lambda: differs not in second.inner_text("#entry-sheets"))
    second.get_by_role("button", name=f"{extra} is not on the paper").press("Enter")
    second.wait_for_selector("#entry-no-sheets:not([hidden])")
    assert readings(room, [extra], "AM") == {extra: []}


def test_it_fits_every_screen_and_offends_no_reader(desk, room, precincts):
    page, [place] = desk("zz"), precincts(1)
    enter(page, f"{place} 20", "nonsense 7", f"w {place} 35", f"i {place} scanner down and nobody has the key to it")
    until("all have ended", lambda: sum("sent" in end for end in ends(page)) >= 2 and "…" not in ends(page))
    page.keyboard.type(f"{place} 4444")
    page.wait_for_selector("#entry-echo[data-tone='doubt']")
    looks_right_everywhere(page, unclipped="#entry")
