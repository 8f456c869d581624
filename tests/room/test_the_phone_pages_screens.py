"""Who comes into the volunteers' phone page and what stands on its screens, before a web server without a room."""

from datetime import timedelta

import pytest

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
