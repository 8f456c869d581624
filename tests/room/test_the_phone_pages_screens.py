"""Who comes into the volunteers' phone page and what stands on its screens, before a web server without a room."""

from datetime import timedelta

import pytest

from bench.running import until
from tests.looks import offends_no_reader
from tests.room.phones import PHONE, Phone, phones_of, watchers_of
from tests.web.doors.doors_served import start
from warroom.dayfolder import load_day
from warroom.domain.codes import Coder
from warroom.loading import load_into_store
from warroom.store.client import connect
from warroom.store.codes import CodeStore, code_secret
from warroom.store.day import DayClock, read_day

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def client(server, demo_day):
    """The store with the demo city, at a quarter past nine."""
    found = connect(server.url)
    found.flushdb()
    load_into_store(found, load_day(demo_day))
    DayClock(found).set(read_day(found).opens_at + timedelta(minutes=135), 1.0)
    return found


@pytest.fixture(scope="module")
def room(server, client):
    """The web server alone: what a phone sends is taken, and nobody needs to count it here."""
    running = start(server.url)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def codes(server, client, room) -> dict[str, dict[str, str]]:
    """{volunteer: code and link}."""
    issued = CodeStore(client, Coder(code_secret(server.url))).issue(watchers_of(client))
    return {i.volunteer: {"code": i.code, "link": f"{room.url}/report#{i.token}"} for i in issued}


@pytest.fixture(scope="module")
def unused(codes) -> list[str]:
    return list(codes)


@pytest.fixture
def volunteer(unused) -> str:
    return unused.pop()


@pytest.fixture
def hold(chromium, room, codes):
    with phones_of(chromium, room, codes) as held:
        yield held


def test_a_link_signs_in_and_its_code_is_in_no_address(hold, codes, volunteer, room):
    phone = hold(volunteer)
    assert phone.page.url == f"{room.url}/report"
    secret = codes[volunteer]["link"].partition("#")[2]
    assert not [url for url in phone.asked if secret in url or secret.partition(".")[2] in url]
    assert {url for url in phone.asked if not url.startswith(room.url)} == set()
    assert phone.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_a_typed_code_signs_in_and_a_wrong_one_is_said_to_be_wrong(chromium, room, codes, volunteer):
    phone = Phone(chromium, room, f"{room.url}/report")
    for typed, answer in (("K7QM", "8 signs"), ("2222 2222", "No such code")):
        phone.page.fill("#code", typed)
        phone.page.press("#code", "Enter")
        phone.page.wait_for_function("t => document.querySelector('.trouble')?.textContent.includes(t)", arg=answer)
    phone.page.fill("#code", codes[volunteer]["code"].lower().replace("-", " "))
    phone.page.click("form button")
    phone.home()
    phone.context.close()


def test_a_first_opening_without_an_answer_goes_on_by_itself(chromium, room, codes, volunteer):
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    page.route("**/api/v1/phone/me", lambda route: route.abort())
    page.goto(codes[volunteer]["link"])
    page.wait_for_selector(".trouble:has-text('No signal')")
    page.unroute("**/api/v1/phone/me")
    page.wait_for_selector("#tile-count")
    context.close()


def test_a_wrong_link_does_not_put_out_who_is_signed_in(hold, volunteer, room):
    phone = hold(volunteer)
    phone.page = phone.open(f"{room.url}/report#000000000000.AAAAAAAAAAAAAAAAAAAAAA")
    phone.page.wait_for_selector("#told:has-text('No such code')")
    phone.count(3)
    phone.wait_states("arrived")


def test_an_answer_that_says_nothing_of_a_report_leaves_it_unsent(hold, volunteer):
    phone = hold(volunteer)
    cut = []

    def answer(route):
        if cut:
            route.continue_()
            return
        cut.append(route)
        route.fulfill(status=200, content_type="application/json", body='{"outcomes": [{')

    hasten(phone)
    phone.page.route("**/api/v1/phone/reports", answer)
    phone.count(8)
    phone.wait_states("arrived")
    assert cut


def hasten(phone: Phone) -> None:
    """What the page waits for comes twenty times as soon."""
    phone.page.evaluate("() => { const wait = setTimeout; window.setTimeout = (act, ms) => wait(act, ms / 20); }")


def test_an_answer_that_stops_half_way_is_given_up_and_asked_for_again(hold, volunteer):
    phone = hold(volunteer)
    hasten(phone)
    phone.page.evaluate("""() => {
        const real = window.fetch;
        window.fetch = (url, options) => {
            window.fetch = real;
            const stalled = new ReadableStream({ start(body) {
                options.signal.addEventListener('abort', () => body.error(new DOMException('', 'AbortError')));
            } });
            return Promise.resolve(new Response(stalled));
        };
    }""")
    phone.page.click("#tile-line")
    phone.page.click('.chip:text-is("No line")')
    phone.page.click("#send")
    phone.wait_states("arrived")


def test_what_is_on_its_way_is_not_deleted_but_taken_back(hold, volunteer):
    phone = hold(volunteer)
    held = []
    phone.page.route("**/api/v1/phone/reports", lambda route: route.continue_() if held else held.append(route))
    phone.count(9)
    phone.page.click("#list button:text-is('Take back')")  # the list says at once that it has begun
    phone.wait_states("backing")
    until("the first is out", lambda: phone.page.wait_for_timeout(20) or held)
    held[0].continue_()
    phone.wait_states("back")


def test_a_second_tap_while_the_place_is_checked_sends_nothing(hold, volunteer):
    phone = hold(volunteer)
    phone.page.evaluate("""() => {
        const wait = window.setTimeout;
        window.setTimeout = (act, ms) => (ms === 6000 ? 0 : wait(act, ms)); // it is this test that ends the looking
        navigator.geolocation.getCurrentPosition = (_, fail) => { window.noPlace = fail; };
    }""")
    phone.page.click("#open-menu")
    phone.page.click("text=Location check: off")
    phone.page.wait_for_selector("text=Location check: on")
    phone.page.click("button:text-is('Back')")
    phone.page.click("#tile-problem")
    phone.page.click("text=Power")
    phone.page.click('[data-severity="high"]')
    phone.page.wait_for_selector("text=Checking place")
    phone.page.evaluate("document.querySelector('[data-severity=low]').click()")
    phone.page.evaluate("window.noPlace()")
    phone.wait_states("arrived")
    assert "Power: Voting has stopped" in phone.page.text_content("#list")


def test_a_phone_that_cannot_keep_a_report_says_so(hold, volunteer):
    phone = hold(volunteer)
    full = "() => { IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); }; }"
    phone.page.evaluate(full)
    phone.page.click("#tile-line")
    phone.page.click('.chip:text-is("No line")')
    phone.page.click("#send")
    phone.page.wait_for_selector("dialog >> text=call the room")
    phone.page.click("dialog button:text-is('Back')")
    phone.page.wait_for_selector("#send:enabled")


def test_a_cut_link_is_said_to_be_wrong_and_one_followed_while_the_page_is_open_signs_in(
    chromium, room, codes, volunteer
):
    phone = Phone(chromium, room, f"{room.url}/report#abc%")
    phone.page.wait_for_selector(".trouble:has-text('No such code')")
    phone.page.evaluate("secret => { location.hash = secret; }", codes[volunteer]["link"].partition("#")[2])
    phone.home()
    assert (phone.page.url, phone.errors) == (f"{room.url}/report", [])
    phone.context.close()


def test_forgetting_leaves_nothing_on_the_phone(hold, volunteer, room):
    phone = hold(volunteer).kept()
    phone.count(7)
    phone.wait_states("arrived")
    phone.page.click("#open-menu")
    phone.page.click("#forget")
    phone.page.click("dialog button:text-is('Forget this phone')")
    phone.page.wait_for_selector("#code")
    left = phone.page.evaluate(
        """() => new Promise(done => { const ask = indexedDB.open('warroom-report');
        ask.onsuccess = () => { const all = ask.result.transaction(['kv', 'outbox']);
        Promise.all(['kv', 'outbox'].map(s => new Promise(d => { const r = all.objectStore(s).getAllKeys();
        r.onsuccess = () => d(r.result); }))).then(done); }; })"""
    )
    assert left == [[], []]


def test_spanish_is_one_tap_away_and_stays(hold, volunteer):
    phone = hold(volunteer)
    phone.page.click("#open-menu")
    phone.page.click("#language")
    phone.page.wait_for_selector("h2:text-is('Ayuda')")
    assert phone.page.get_attribute("html", "lang") == "es"
    phone.page.reload()
    phone.page.wait_for_selector("#tile-count >> text=Conteo")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (320, "light")])
def test_every_screen_fits_and_offends_no_reader(chromium, room, codes, volunteer, width, scheme):
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()

    def check(screen: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width, screen
        offends_no_reader(page, screen)

    page.goto(f"{room.url}/report")
    page.wait_for_selector("#code")
    check("sign in")
    page.fill("#code", codes[volunteer]["code"])
    page.click("form button")
    page.wait_for_selector("#tile-count")
    check("home")
    for opener in ("#tile-count", "#tile-line", "#tile-problem", "#tile-presence", "#change-place", "#open-menu"):
        page.click(opener)
        check(opener)
        if opener == "#tile-problem":
            page.click("text=Power")
            check("how bad")
            page.click('[data-severity="low"]')
            page.wait_for_selector("#list [data-state='arrived']")
            check("home with a report")
        elif opener == "#open-menu":
            page.click("#forget")
            check("a question")
            page.keyboard.press("Escape")
            page.click("button:text-is('Back')")
        else:
            page.click("button:text-is('Back')")
        page.wait_for_selector("#tile-count")
    context.close()
