"""A whole demo day with keys set: no name or number, of volunteers or of the campaign's list, goes astray."""

import contextlib
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

import pytest

from bench.running import free_port, until
from tests.room.conftest import RunningRoom
from warroom.access.accounts import Account, AccountStore
from warroom.access.roles import Grant
from warroom.access.sessions import LASTS_MS, Session, SessionStore, now
from warroom.access.shared_keys import COOKIE
from warroom.store import keys
from warroom.store.client import Client
from warroom.store.outbox import Outbox
from warroom.store.texts import TextStore
from warroom.texting.vault import KEY, new_key

WALL, DIRECTOR = "wall-key-0123456789", "director-key-0123456789"
PAGES = ("wall", "field", "volunteers", "feeds", "texting")
APPROVERS = ("ana", "ben")
PLANTED = re.compile(r"Zora[0-9]{5}q")
WRITTEN = "Quillon Vexley"  # somebody whom a reporter names


class KeyedRoom(RunningRoom):
    """A room with keys: `look` asks as a viewer or a director."""

    cookies: dict[str, str]

    def look(self, path: str, key: str = WALL, timeout: float = 60):
        cookie = self.cookies.setdefault(key, "") or self._sign_in(key)
        return urllib.request.urlopen(
            urllib.request.Request(f"{self.url}/{path}", headers={"Cookie": cookie}), timeout=timeout
        )

    def text(self, path: str, key: str = WALL) -> str:
        try:
            with self.look(path, key) as answer:
                return answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.read().decode("utf-8", "replace")

    def get(self, path: str):
        return json.loads(self.text(f"api/v1/{path}"))

    def approve(self, who: str, request_id: str, version: int) -> None:
        """One approver's yes, over the API; somebody who was faster is no fault."""
        asked = urllib.request.Request(
            f"{self.url}/api/v1/texts/approve/{urllib.parse.quote(request_id)}",
            json.dumps({"by": who, "version": version}).encode(),
            {"Content-Type": "application/json", "Cookie": self.cookies[who]},
        )
        with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(asked, timeout=60):
            pass

    def _sign_in(self, key: str) -> str:
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        try:
            urllib.request.build_opener(Stay).open(f"{self.url}/signin", f"key={key}".encode(), timeout=60)
        except urllib.error.HTTPError as answer:
            self.cookies[key] = answer.headers["set-cookie"].partition(";")[0]
        return self.cookies[key]


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("log") / "room.log"


@pytest.fixture(scope="module")
def planted_day(demo_day, tmp_path_factory) -> Path:
    """The demo day; the names on the campaign's list stand nowhere else, and an incident names somebody too."""
    day = tmp_path_factory.mktemp("planted") / "day"
    shutil.copytree(demo_day, day)
    with (demo_day / "contacts.csv").open(encoding="utf-8") as rows, (day / "contacts.csv").open("w") as out:
        out.write(next(rows))
        for n, row in enumerate(rows):
            first, phone, _, rest = row.split(",", 3)
            out.write(f"{first},{phone},Zora{n:05d}q,{rest}")
    with (demo_day / "reports.jsonl").open(encoding="utf-8") as rows, (day / "reports.jsonl").open("w") as out:
        for row in rows:
            out.write(row)
            if '"kind":"incident"' in row.replace('": "', '":"'):
                named = {**json.loads(row), "id": "named", "category": WRITTEN, "text": f"{WRITTEN} shouts"}
                out.write(json.dumps(named) + "\n")
                break
        out.writelines(rows)
    return day


@pytest.fixture(scope="module")
def keyed(planted_day, tmp_path_factory, log):
    """`warroom up` with both keys and the list's; everything any part says goes into one log."""
    port = free_port()
    data = tmp_path_factory.mktemp("keyed")
    env = {k: v for k, v in os.environ.items() if k != "REDIS_URL" and not k.startswith("WARROOM_")}
    env |= {"WARROOM_WALL_KEY": WALL, "WARROOM_DIRECTOR_KEY": DIRECTOR, KEY: new_key()}
    command = [sys.executable, "-m", "warroom", "up", str(planted_day), "--data", str(data), "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=env, start_new_session=True, stdout=out, stderr=subprocess.STDOUT)
        room = KeyedRoom(planted_day, data, port, process)
        room.cookies = {}
        try:
            until("the first board", lambda: room.get("board")["seq"] >= 1)
            room.cookies |= {name: f"{COOKIE}={_session(room.store(), name)}" for name in APPROVERS}
            yield room
        finally:
            room.stop()


def _session(store: Client, name: str) -> str:
    AccountStore(store).add(Account(id=name, name=name.title(), made_ms=now(), grants=(Grant("approver"),)))
    session = Session(door="password", account=name, started_ms=now(), seen_ms=now(), ends_ms=now() + LASTS_MS)
    return SessionStore(store).open(session)


@pytest.fixture(scope="module")
def numbers(planted_day) -> frozenset[str]:
    """The campaign's list: every number's ten digits. A made-up volunteer may have one of the same numbers."""
    with (planted_day / "contacts.csv").open(encoding="utf-8") as rows:
        found = frozenset(row["phone"][-10:] for row in csv.DictReader(rows))
    with (planted_day / "volunteers.csv").open(encoding="utf-8") as rows:
        found -= {re.sub(r"\D", "", row["phone"])[-10:] for row in csv.DictReader(rows)}
    assert len(found) > 10_000
    return found


@pytest.fixture(scope="module")
def secrets(demo_day) -> list[str]:
    """Every name, and every number as written and as its last seven digits."""
    with (demo_day / "volunteers.csv").open(encoding="utf-8") as rows:
        people = list(csv.DictReader(rows))
    assert len(people) > 200
    return [p["name"] for p in people] + [p["phone"][-7:] for p in people]


def found_in(text: str, secrets: list[str]) -> list[str]:
    digits = re.sub(r"(?<=\d)[ ().-]+(?=\d)", "", text)
    numbers = {run[-7:] for run in re.findall(r"\d+", digits) if len(run) in (7, 10, 11)}  # a time has 13
    return [s for s in secrets if (s in numbers if s.isdigit() else s in text)]


def listed_in(text: str, numbers: frozenset[str]) -> list[str]:
    """People of the campaign's list whom a text gives away, by planted name or by number."""
    digits = re.sub(r"(?<=\d)[ ().-]+(?=\d)", "", text)
    runs = {run[-10:] for run in re.findall(r"\d{10,11}", digits)}
    return [*PLANTED.findall(text), *(runs & numbers)]


@pytest.fixture(scope="module")
def day_told(keyed, planted_day) -> list[bytes]:
    """The whole day has run, every text that was proposed approved at once; what a wall's stream said meanwhile."""
    heard: list[bytes] = []
    over = threading.Event()
    texts, outbox = TextStore(keyed.store()), Outbox(keyed.store())

    def listen() -> None:
        with keyed.look("api/v1/stream", timeout=60) as stream:
            while not over.is_set():
                heard.append(stream.readline())

    def approve() -> None:
        while not over.wait(0.1):
            for case in texts.cases():
                if case.status == "proposed":
                    keyed.approve(APPROVERS[len(case.approved_by)], case.request.id, case.version)

    for work in (listen, approve):
        threading.Thread(target=work, daemon=True).start()
    assert keyed.run("replay", "--drill", str(planted_day), "--speed", "3000").wait(timeout=200) == 0
    sent = sum(1 for line in (planted_day / "reports.jsonl").read_bytes().splitlines() if line.strip())
    until("every report tallied", lambda: keyed.get("totals")["received"] >= sent)
    until("the people of the day", lambda: keyed.get("coverage")["heard"])
    until("the coverage table", lambda: keyed.get("coverage")["heard"])
    until("texts", lambda: sum(outbox.tally(c.request.id).get("delivered", 0) for c in texts.cases()) > 20)
    until("updates of the wall", lambda: sum(line.startswith(b"event: delta") for line in list(heard)) > 5)
    over.set()
    return heard


def test_a_whole_day_tells_nobody_a_name(keyed, day_told, secrets, numbers, log):
    paths = [p for p, verbs in json.loads(keyed.text("openapi.json", DIRECTOR))["paths"].items() if "get" in verbs]
    plain = [p.lstrip("/") for p in paths if "{" not in p and not p.endswith("/stream")]
    assert {"api/v1/board", "api/v1/coverage", "api/v1/volunteers", "api/v1/incidents", "api/v1/texts"} <= set(plain)
    some = [row["id"] for row in keyed.get("alerts")[:3]]
    texts = [c.request.id for c in TextStore(keyed.store()).cases()[:3]]
    precinct = keyed.get("roster")["ids"][0]
    asked = [*plain, f"api/v1/precincts/{precinct}", *(f"api/v1/alerts/{i.replace(' ', '%20')}" for i in some), *PAGES]
    for path in asked:
        assert found_in(keyed.text(path), secrets) == [], path
    for path in [*asked, *(f"api/v1/texts/one/{urllib.parse.quote(i)}" for i in texts)]:
        for key in (WALL, DIRECTOR):  # directors see volunteers, and nobody of the campaign's list
            assert listed_in(keyed.text(path, key), numbers) == [], path
    for told in (b"".join(day_told).decode(), log.read_text(encoding="utf-8")):
        assert found_in(told, secrets) == [] and listed_in(told, numbers) == []
        assert WRITTEN not in told
    assert sum(line.startswith(b"event: delta") for line in day_told) > 5
    assert [path for path in asked if WRITTEN in keyed.text(path)] == []
    assert WRITTEN in keyed.text("api/v1/incidents", DIRECTOR)  # so the search would find it


def test_the_campaigns_list_is_on_the_disk_and_in_the_audit_log_nowhere_in_the_clear(keyed, day_told, numbers):
    """The store's files, written anew just before, the raw logs and the audit log. Searched as bytes."""
    store = keyed.store()
    store.config_set("rdbcompression", "no")  # else a name could hide in its own shorthand
    store.save()
    files = [path for path in keyed.data.rglob("*") if path.is_file()]
    assert {"audit.jsonl"} < {path.name for path in files} and any(path.suffix == ".rdb" for path in files)
    for path in files:
        told = path.read_bytes().decode("latin-1")
        assert listed_in(told, numbers) == [], path.name
    assert "text_approve" in (keyed.data / "audit.jsonl").read_text(encoding="utf-8")
    held = list(store.scan_iter("*", count=1000))
    everything = b"\n".join([*held, *(store.dump(key) or b"" for key in held)]).decode("latin-1")
    assert listed_in(everything, numbers) == []
    assert "contacts.csv" not in zipfile.ZipFile(io.BytesIO(store.get(keys.FOLDER))).namelist()


def test_the_search_finds_who_is_on_the_list(planted_day, numbers):
    told = (planted_day / "contacts.csv").read_text(encoding="utf-8")
    assert len(listed_in(told, numbers)) > 2 * len(numbers)
    name, phone = PLANTED.findall(told)[0], sorted(numbers)[0]
    assert listed_in(f"sent to {name} at ({phone[:3]}) {phone[3:6]}-{phone[6:]}", numbers) == [name, phone]


def test_a_director_does_see_names_so_the_search_would_find_them(keyed, day_told, secrets):
    seen = found_in(keyed.text("api/v1/volunteers", DIRECTOR), secrets)
    assert len(seen) > 200
    assert not [s for s in seen if s.isdigit()]  # names, but no whole number
