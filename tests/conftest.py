"""Fixtures shared by all rooms: a real store server, an empty store on it, a small day."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.broker import Broker, NoBroker, broker_for_tests
from warroom.demo import write_demo_day
from warroom.domain.election import ElectionDay
from warroom.domain.places import PollSite, Precinct
from warroom.store import keys
from warroom.store.client import Client, connect
from warroom.store.day import LoadedDay, Roster, put_day
from warroom.store.server import EmbeddedServer

BROWSER_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic",
]  # fmt: skip
# a busy machine is no fault of the code; what needs more examples asks for them
settings.register_profile("warroom", deadline=None, max_examples=50)
settings.load_profile("warroom")
PATIENCE_MS = 90_000  # what a browser test waits for anything to appear: other tests share the machine
SHARED = Path(__file__).resolve().parents[2] / "shared"


LONG = ("room", "kafka", "access", "security", "web/doors", "anomaly")  # folders whose files take longest


REAL_PARTS = {"chromium", "room", "broker", "server"}  # fixtures that run other processes


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: several processes then end together. One stumble of a real part does not end the run.

    A test of real parts that fails and then passes is named RERUN in the summary: it is to be mended all the same.
    """
    for item in items:
        if REAL_PARTS & set(getattr(item, "fixturenames", ())) or item.path.parent.name == "room":
            item.add_marker(pytest.mark.flaky(reruns=1))

    def place(item: pytest.Item) -> int:
        folder = item.path.parent.relative_to(Path(__file__).parent).as_posix()
        return LONG.index(folder) if folder in LONG else len(LONG)

    items.sort(key=place)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """The real embedded store, one for the whole session."""
    embedded = EmbeddedServer(tmp_path_factory.mktemp("store"))
    embedded.ensure()
    yield embedded
    embedded.stop()


@pytest.fixture
def store(server: EmbeddedServer) -> Client:
    """A client of the real store, emptied."""
    client = connect(server.url)
    client.flushdb()
    return client


@pytest.fixture(scope="session")
def tuesday() -> ElectionDay:
    """A day of 15 hours in New York."""
    return ElectionDay(
        name="Test primary", date=date(2025, 6, 24), timezone="America/New_York", polls_open=time(6),
        polls_close=time(21), type="primary", party="DEM",
    )  # fmt: skip


@pytest.fixture(scope="session")
def small_day(tuesday: ElectionDay) -> LoadedDay:
    """Four precincts at two sites, 900 ballots at most each."""
    precincts = [
        Precinct(precinct_id=f"P{n}", name=f"Precinct {n}", region="North", site_id=f"S{n % 2}") for n in range(4)
    ]
    sites = [PollSite(site_id=f"S{n}", name=f"School {n}") for n in range(2)]
    ceilings = {keys.precinct_unit(p.precinct_id): 900 for p in precincts}
    return LoadedDay(day=tuesday, roster=Roster(precincts, sites), ceilings=ceilings, folder=b"", geometry=b"")


@pytest.fixture(scope="session")
def larger_day(small_day: LoadedDay) -> LoadedDay:
    """The small day with a precinct that was forgotten: P9 at S1."""
    added = Precinct(precinct_id="P9", name="Precinct 9", region="North", site_id="S1")
    roster = Roster([*small_day.roster.precincts, added], small_day.roster.sites)
    ceilings = {**small_day.ceilings, keys.precinct_unit("P9"): 900}
    return msgspec.structs.replace(small_day, roster=roster, ceilings=ceilings)


@pytest.fixture
def loaded(store: Client, small_day: LoadedDay) -> Client:
    """The store with the small day in it."""
    put_day(store, small_day)
    return store


@pytest.fixture(scope="session")
def at(tuesday: ElectionDay) -> Callable[[float], datetime]:
    """Minutes after the polls opened, as a UTC moment."""
    return lambda minutes: tuesday.opens_at.astimezone(UTC) + timedelta(minutes=minutes)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real election data beside the repository; tests that need it skip where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("real election data is not beside this checkout (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A real Kafka, one for the whole session; skips with what to do where there is none."""
    try:
        with broker_for_tests(tmp_path_factory.mktemp("kafka")) as running:
            yield running
    except NoBroker as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def demo_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up city's day folder."""
    folder = tmp_path_factory.mktemp("demo") / "day"
    write_demo_day(folder)
    return folder


def patient(make: Callable[..., BrowserContext | Page]) -> Callable[..., BrowserContext | Page]:
    """Pages whose every wait is long, and whose policy is off unless asked for."""

    def made(**options: object) -> BrowserContext | Page:
        found = make(**({"bypass_csp": True} | options))
        found.set_default_timeout(PATIENCE_MS)
        return found

    return made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser that can reach this machine only."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("no Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
        # Playwright's own wait_for_function evaluates text in the page, which our policy forbids; pages that
        # live under the policy are in tests/security, with bypass_csp=False
        for name in ("new_context", "new_page"):
            setattr(browser, name, patient(getattr(browser, name)))
        yield browser
        browser.close()
