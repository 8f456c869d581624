"""Volunteers' phones for the browser tests, and what they sent as the store has it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from bench.running import until
from tests.room.conftest import RunningRoom
from warroom.domain.codes import Coder
from warroom.settings import store_url
from warroom.store import keys
from warroom.store.client import Client
from warroom.store.codes import code_secret
from warroom.store.day import read_roster
from warroom.store.events import EventReader
from warroom.store.people import PeopleStore
from warroom.store.state import StateReader

PHONE = {"width": 390, "height": 844}


class Phone:
    """A browser as a volunteer holds it."""

    def __init__(self, browser, room: RunningRoom, link: str, **options) -> None:
        self.room = room
        self.context = browser.new_context(viewport=PHONE, **options)
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.page = self.open(link)

    def open(self, link: str) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(link)
        return page

    def home(self) -> "Phone":
        self.page.wait_for_selector("#tile-count")
        if self.page.is_visible("text=Not now"):
            self.page.click("text=Not now")
        return self

    def kept(self) -> "Phone":
        """The service worker has the page."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        return self

    def counter(self) -> None:
        """To the digits, with the first precinct chosen where the page has none; many precincts are a list."""
        self.page.click("#tile-count")
        self.page.wait_for_selector(".pad")
        if self.page.locator("#counter").count():
            if self.page.locator("#counter option:disabled").count():
                self.page.select_option("#counter", index=1)
        elif self.page.locator(".chip").count() and not self.page.locator('.chip[aria-pressed="true"]').count():
            self.page.click(".chips .chip >> nth=0")

    def count(self, number: int) -> None:
        """Type a count and press send."""
        self.counter()
        for digit in str(number):
            self.page.click(f'.pad button:text-is("{digit}")')
        self.page.click("#send")

    def states(self, page: Page | None = None) -> list[str]:
        return (page or self.page).eval_on_selector_all(
            "#list li[data-state]", "rows => rows.map(r => r.dataset.state)"
        )

    def wait_states(self, *states: str) -> None:
        until(f"the list says {states}", lambda: self.states() == list(states))


@contextmanager
def phones_of(browser, room, codes: dict[str, dict[str, str]]) -> Iterator[Callable[..., Phone]]:
    """Gives volunteers' phones, signed in by link; at the end none of them had an error."""
    phones: list[Phone] = []

    def held(volunteer: str, **options) -> Phone:
        phones.append(Phone(browser, room, codes[volunteer]["link"], **options))
        return phones[-1].home()

    yield held
    for phone in phones:
        assert phone.errors == []
        phone.context.close()


def watchers_of(client: Client) -> list[str]:
    """Volunteers with one shift at a site of several precincts; each test takes one of its own."""
    shifts = PeopleStore(client).shifts()
    members = [p.site_id for p in read_roster(client).precincts]
    single = [s for s in shifts if s.covers and sum(o.volunteer_id == s.volunteer_id for o in shifts) == 1]
    return [s.volunteer_id for s in single if members.count(s.site_id) > 1]


def source_of(room: RunningRoom, volunteer: str) -> str:
    return f"phone/{Coder(code_secret(store_url(room.data))).ref(volunteer)}"


def counts_of(room: RunningRoom, volunteer: str) -> list[tuple[int, bool]]:
    """(count, void) of every reading in the store that this volunteer's phone sent, in order of time."""
    client, source = room.store(), source_of(room, volunteer)
    units = [keys.precinct_unit(p.precinct_id) for p in read_roster(client).precincts]
    found = [r for rows in StateReader(client).readings(units).values() for r in rows if r.source == source]
    return [(r.count, r.void) for r in sorted(found, key=lambda r: r.at_ms)]


def events_of(room: RunningRoom, volunteer: str, *kinds: str) -> list:
    return [e for e in EventReader(room.store()).every(kinds) if e.source == source_of(room, volunteer)]
