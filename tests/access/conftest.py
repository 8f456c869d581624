"""A room with people: the real application on the real store, and browsers that are signed in to it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from warroom.access.accounts import Account, AccountStore
from warroom.access.doors import Doors
from warroom.access.roles import Grant
from warroom.access.sessions import LASTS_MS, Session, now
from warroom.access.shared_keys import COOKIE, Access
from warroom.domain.alerts import Alert
from warroom.store.board import BoardStore
from warroom.store.client import Client
from warroom.store.day import DayClock, Roster, put_day
from warroom.store.server import EmbeddedServer
from warroom.web.app import create_app

KEYED = Access(wall_key="wall-key-0123456789", director_key="director-key-0123456789", open_room=False, accounts=True)
PASSWORD = "seven quiet herons"


@pytest.fixture
def audit_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this room mirrors its audit log."""
    path = tmp_path / "audit.jsonl"
    monkeypatch.setenv("WARROOM_AUDIT_FILE", str(path))
    return path


@pytest.fixture
def app(server: EmbeddedServer, loaded: Client, audit_file: Path):
    """The application of a room with shared keys and accounts."""
    return create_app(server.url, KEYED)


@pytest.fixture
def doors(app) -> Doors:
    """The doors of that application."""
    return app.state.doors


@pytest.fixture
def browser(app) -> Iterator[Callable[[], TestClient]]:
    """Makes browsers that nobody has signed in with."""
    yield lambda: TestClient(app, base_url="http://room", follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture
def accounts(loaded: Client) -> AccountStore:
    return AccountStore(loaded)


@pytest.fixture
def invited(accounts: AccountStore) -> Callable[..., Account]:
    """Adds an account with grants, no password yet."""

    def add(name: str, *grants: Grant, **more) -> Account:
        account = Account(id=name, name=name.title(), made_ms=now(), grants=grants, **more)
        accounts.add(account)
        return account

    return add


@pytest.fixture
def signed_in(browser, doors: Doors, invited) -> Callable[..., TestClient]:
    """A browser with an account's session, without the slow password."""

    def enter(name: str, *grants: Grant) -> TestClient:
        if doors.accounts.one(name) is None:
            invited(name, *grants)
        session = Session(door="password", account=name, started_ms=now(), seen_ms=now(), ends_ms=now() + LASTS_MS)
        client = browser()
        client.cookies.set(COOKIE, doors.sessions.open(session), domain="room.local")
        return client

    return enter


@pytest.fixture
def two_regions(loaded: Client, small_day, at) -> BoardStore:
    """North votes at S0 (P0, P2), South at S1 (P1, P3); a low precinct in each, and a coverage gap at each site."""
    precincts = [
        msgspec.structs.replace(p, region="North" if p.site_id == "S0" else "South") for p in small_day.roster.precincts
    ]
    roster = Roster(precincts, small_day.roster.sites)
    put_day(loaded, msgspec.structs.replace(small_day, roster=roster, folder=b"PK\5\6" + bytes(18)))  # an empty zip
    DayClock(loaded).set(at(180), 1e-6)

    def alert(name: str, region: str, **more) -> Alert:
        told = {"severity": "high", "raised_at": at(120), "updated_at": at(120), "reason": "57 of 90", **more}
        return Alert(id=name, kind=name.partition(":")[0], region=region, **told)

    store = BoardStore(loaded)
    store.put_alerts([
        alert("low_turnout:P0:1", "North", precinct="P0", site="S0"),
        alert("low_turnout:P1:1", "South", precinct="P1", site="S1"),
        alert("coverage_gap:S0:1", "", site="S0"),
        alert("coverage_gap:S1:1", "", site="S1"),
    ])  # fmt: skip
    return store
