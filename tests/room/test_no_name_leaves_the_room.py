"""A whole demo day with keys set: no volunteer's name or number reaches a viewer, a stream, a page or a log."""

import csv
import json
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.room.conftest import RunningRoom, until

WALL, DIRECTOR = "wall-key-0123456789", "director-key-0123456789"
PAGES = ("wall", "field", "volunteers", "feeds")


class KeyedRoom(RunningRoom):
    """A room with keys: `look` asks as a viewer or a director."""

    cookies: dict[str, str]

    def look(self, path: str, key: str = WALL, timeout: float = 30):
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

    def _sign_in(self, key: str) -> str:
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        try:
            urllib.request.build_opener(Stay).open(f"{self.url}/signin", f"key={key}".encode(), timeout=10)
        except urllib.error.HTTPError as answer:
            self.cookies[key] = answer.headers["set-cookie"].partition(";")[0]
        return self.cookies[key]


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("log") / "room.log"


@pytest.fixture(scope="module")
def keyed(demo_day, tmp_path_factory, log):
    """`warroom up` with both keys; everything any part says goes into one log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = tmp_path_factory.mktemp("keyed")
    env = {k: v for k, v in os.environ.items() if k != "REDIS_URL" and not k.startswith("WARROOM_")}
    env |= {"WARROOM_WALL_KEY": WALL, "WARROOM_DIRECTOR_KEY": DIRECTOR}
    command = [sys.executable, "-m", "warroom", "up", str(demo_day), "--data", str(data), "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=env, start_new_session=True, stdout=out, stderr=subprocess.STDOUT)
        room = KeyedRoom(demo_day, data, port, process)
        room.cookies = {}
        try:
            until("the first board", lambda: room.get("board")["seq"] >= 1)
            yield room
        finally:
            room.stop()


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


def test_a_whole_day_tells_nobody_a_name(keyed, demo_day, secrets, log):
    heard: list[bytes] = []
    over = threading.Event()

    def listen() -> None:
        with keyed.look("api/v1/stream", timeout=60) as stream:
            while not over.is_set():
                heard.append(stream.readline())

    screen = threading.Thread(target=listen, daemon=True)
    screen.start()
    assert keyed.run("replay", str(demo_day), "--speed", "3000").wait(timeout=200) == 0
    sent = sum(1 for line in (demo_day / "reports.jsonl").read_bytes().splitlines() if line.strip())
    until("every report tallied", lambda: keyed.get("totals")["received"] >= sent, 120)
    until("the people of the day", lambda: keyed.get("board")["headline"]["coverage"]["no_shows"] is not None)
    until("the coverage table", lambda: keyed.get("coverage")["heard"])
    over.set()

    paths = [p for p, verbs in json.loads(keyed.text("openapi.json", DIRECTOR))["paths"].items() if "get" in verbs]
    plain = [p.lstrip("/") for p in paths if "{" not in p and not p.endswith("/stream")]
    assert {"api/v1/board", "api/v1/coverage", "api/v1/volunteers", "api/v1/incidents"} <= set(plain)
    some = [row["id"] for row in keyed.get("alerts")[:3]]
    precinct = keyed.get("roster")["ids"][0]
    asked = [*plain, f"api/v1/precincts/{precinct}", *(f"api/v1/alerts/{i.replace(' ', '%20')}" for i in some), *PAGES]
    for path in asked:
        assert found_in(keyed.text(path), secrets) == [], path
    assert found_in(b"".join(heard).decode(), secrets) == []
    assert sum(line.startswith(b"event: delta") for line in heard) > 5
    assert found_in(log.read_text(encoding="utf-8"), secrets) == []


def test_a_director_does_see_names_so_the_search_would_find_them(keyed, secrets):
    seen = found_in(keyed.text("api/v1/volunteers", DIRECTOR), secrets)
    assert len(seen) > 200
    assert not [s for s in seen if s.isdigit()]  # names, but no whole number
