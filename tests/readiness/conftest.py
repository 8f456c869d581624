"""A small room on the eve of its day: real day folder, real store, everything as it should be."""

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from warroom.access.accounts import Account, AccountStore, Passkey
from warroom.access.audit_log import AuditLog
from warroom.access.roles import Grant
from warroom.access.sessions import now
from warroom.cli import app
from warroom.dayfolder import load_day
from warroom.domain.reports import Shift
from warroom.loading import load_into_store
from warroom.readiness._finding import Finding
from warroom.readiness._place import Place, open_place
from warroom.readiness._run import checks, one
from warroom.store.board import BoardStore
from warroom.store.client import Client, connect
from warroom.store.feeds import FeedStore
from warroom.store.intake import RedisIntake
from warroom.store.server import EmbeddedServer
from warroom.tally.worker import TallyWorker
from warroom.texting.vault import new_key

TEXT_KEY = new_key()
EVE = datetime.fromisoformat("2026-11-02T20:00-05:00")
FILES = {
    "day.toml": 'name = "Small town"\ndate = "2026-11-03"\ntimezone = "America/New_York"\n'
    'polls_open = "07:00"\npolls_close = "20:00"\ntype = "general"\n',
    "precincts.csv": "precinct_id,name,region,site_id,registered,lat,lon\n"
    + "".join(f"P{n},Precinct {n},North,S{n % 2},900,41.0,-74.0\n" for n in range(4)),
    "sites.csv": "site_id,name,address,lat,lon\nS0,Oak School,1 Oak Street,41.0,-74.0\n"
    "S1,Elm School,2 Elm Street,41.0,-74.0\n",
    "history.csv": "election_id,date,type,party,precinct_id,ballots\n"
    + "".join(f"g24,2024-11-05,general,,P{n},500\n" for n in range(4)),
    "volunteers.csv": "volunteer_id,name,phone,skills,languages,has_car,home_lat,home_lon\n"
    "V1,Ada Nobody,,,,false,41.0,-74.0\nV2,Bo Nobody,,,,false,41.0,-74.0\n",
    "shifts.csv": "volunteer_id,site_id,precinct_id,role,start,end\n"
    "V1,S0,,watcher,06:30,20:30\nV2,S1,,watcher,06:30,20:30\n",
    "feeds.toml": '[[feed]]\nurl = "file:in/inbox.jsonl?follow=1"\nname = "county"\n',
    "texting.toml": '[campaign]\nname = "Yarrow"\n\n[[rule]]\nname = "low"\nkinds = ["low_turnout"]\n\n'
    '[[rule.variant]]\nname = "plain"\n'
    'texts.en = "{campaign_name}: vote at {site_name}, {site_address}, until {polls_close}. Reply STOP to end"\n',
    "contacts.csv": "contact_id,phone,first_name,precinct_id,band,language,timezone,opted_out\n"
    "C1,+12025550101,Cy,P0,high,en,,\nC2,+12025550102,Di,P1,high,en,,\n",
}


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A store whose settings these tests may spoil."""
    embedded = EmbeddedServer(tmp_path_factory.mktemp("ready-store"))
    embedded.ensure()
    yield embedded
    embedded.stop()


@dataclass
class Room:
    """The room under check. `look` judges anew; `carry_out` does what a remedy's command says."""

    folder: Path
    home: Path
    client: Client

    def place(self, **more: object) -> Place:
        return replace(open_place(load_day(self.folder), self.home, now=EVE), **more)

    def look(self, check: str, place: Place | None = None) -> dict[str, Finding]:
        """{name: finding} of one check."""
        return {f.name: f for f in one(checks()[check], place or self.place())}

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def carry_out(self, finding: Finding, which: int = 0, **words: str) -> str:
        """Run the command that stands in a remedy, and give what it printed. `words` fill in its capitals."""
        command = re.findall(r"`([^`]+)`", finding.remedy)[which]
        for name, value in words.items():
            command = command.replace(name, value)
        if command.startswith("warroom "):
            done = CliRunner().invoke(app, shlex.split(command)[1:])
            assert done.exit_code == 0, done.output
            return done.output
        if command.split()[0].isupper():  # a command of the store
            self.client.execute_command(*command.split())
            return ""
        return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout

    def invite(self, name: str, *roles: str, comes: bool = True) -> None:
        store = AccountStore(self.client)
        store.add(Account(id=name, name=name, made_ms=now(), grants=tuple(Grant(role) for role in roles)))
        if comes:
            key = Passkey(f"key of {name}", "public", 0, "localhost")
            store.change(name, lambda a: msgspec.structs.replace(a, last_ms=now(), passkeys=(key,)))


@pytest.fixture(scope="module")
def healthy(own_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> dict[bytes, bytes]:
    """Everything in the store of a healthy room, {key: its dump}: made once, put back for every test."""
    folder = tmp_path_factory.mktemp("healthy") / "small town"
    _write(folder)
    client = connect(own_server.url)
    client.flushdb()
    with pytest.MonkeyPatch.context() as patched:
        _settings(patched, own_server.url, folder.parent)
        load_into_store(client, load_day(folder))
        _people_and_signs(folder, client)
    return {key: client.dump(key) for key in client.scan_iter()}


@pytest.fixture
def room(
    tmp_path: Path, own_server: EmbeddedServer, healthy: dict[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> Room:
    """Healthy in everything that can be made so without a web server."""
    _settings(monkeypatch, own_server.url, tmp_path)
    folder, home = tmp_path / "small town", tmp_path / "home"  # a space: commands must survive it
    _write(folder)
    home.mkdir()
    client = connect(own_server.url)
    client.flushdb()
    for key, dump in healthy.items():
        client.restore(key, 0, dump)
    BoardStore(client).put(1, b"{}", b"{}")
    TallyWorker(client, 0, "here").step()
    AuditLog(client, home / "audit.jsonl").follow()
    return Room(folder, home, client)


def _write(folder: Path) -> None:
    (folder / "in").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "in" / "inbox.jsonl").touch()


def _settings(patched: pytest.MonkeyPatch, url: str, here: Path) -> None:
    for name in [n for n in os.environ if n.startswith("WARROOM_")]:
        patched.delenv(name)
    patched.setenv("REDIS_URL", url)
    patched.setenv("WARROOM_TEXT_KEY", TEXT_KEY)
    patched.setenv("WARROOM_PASSKEY_ROLES", "approver,admin")
    patched.setenv("WARROOM_AUDIT_FILE", str(here / "home" / "audit.jsonl"))
    patched.chdir(here)


def _people_and_signs(folder: Path, client: Client) -> None:
    FeedStore(client).announce("county", "file")
    CliRunner().invoke(app, ["text", "load", str(folder)])
    CliRunner().invoke(app, ["codes", str(folder), "--out", "all-codes.csv"])
    CliRunner().invoke(app, ["account", "break-glass"])
    CliRunner().invoke(app, ["wall-token", "new", "north wall"])
    for name, roles in (("ada", ["admin"]), ("bo", ["director"]), ("cy", ["approver"]), ("di", ["approver"])):
        Room(folder, folder.parent, client).invite(name, *roles)
    RedisIntake(client).put_frame("tests", [_login("V1"), _login("V2")])
    TallyWorker(client, 0, "here").step()


def _login(volunteer: str) -> Shift:
    """A login that the volunteer sent under their own name: both signs in one."""
    at = EVE.replace(hour=12)
    return Shift(id=f"{volunteer} in", source=volunteer, at=at, received=at, volunteer=volunteer, status="scheduled")


@pytest.fixture
def lights() -> Callable[[dict[str, Finding]], dict[str, str]]:
    """{name: light}."""
    return lambda found: {name: finding.light for name, finding in found.items()}
