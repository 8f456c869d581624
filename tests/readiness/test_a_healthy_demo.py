"""The demo city's room with its real processes: checked, mended by what the check says, and then all green."""

import http.client
import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

import pytest

from bench.running import until
from tests.room.conftest import RunningRoom, start_room
from warroom.domain.reports import Shift
from warroom.store.intake import RedisIntake
from warroom.store.people import PeopleStore
from warroom.store.screens import open_screens

MACHINE_BOUND = {"load", "steered", "cores", "memory"}  # of whatever machine runs the test
AT = "2026-11-02T20:00"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"


@pytest.fixture(scope="module")
def demo(demo_day: Path, tmp_path_factory: pytest.TempPathFactory):
    running = start_room(demo_day, tmp_path_factory.mktemp("demo room"))
    yield running
    running.stop()


def warroom(room: RunningRoom, *arguments: str):
    """A `warroom` command in a process of its own, beside the room."""
    return subprocess.run([sys.executable, "-m", "warroom", *arguments], capture_output=True, text=True, timeout=200)


def not_green(room: RunningRoom) -> dict[tuple[str, str], dict[str, str]]:
    command = ("check", str(room.day), "--data", str(room.data), "--url", room.url, "--at", AT, "--json")
    told = json.loads(warroom(room, *command).stdout)
    return {
        (f["check"], f["name"]): f for f in told["findings"] if f["light"] != "green" and f["name"] not in MACHINE_BOUND
    }


def soon(room: RunningRoom, allowed: set[tuple[str, str]]) -> dict[tuple[str, str], dict[str, str]]:
    """The check, repeated until nothing else than this is not green."""
    deadline = monotonic() + 120
    while not set(left := not_green(room)) <= allowed and monotonic() < deadline:
        sleep(0.1)
    assert {key: finding for key, finding in left.items() if key not in allowed} == {}
    return left


def test_the_check_of_a_demo_room_ends_all_green(demo, tmp_path, monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    screen = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=60)
    screen.request("GET", "/api/v1/stream", headers={"User-Agent": CHROME})
    screen.getresponse().read1(10)
    key = warroom(demo, "text", "key").stdout.strip()
    monkeypatch.setenv("WARROOM_TEXT_KEY", key)

    open_ends = {
        ("texting", "list"), ("volunteers", "codes made"), ("volunteers", "codes tried"), ("browsers", "Browsers"),
    }  # fmt: skip
    left = soon(demo, open_ends)  # a room that has just begun settles first
    assert ("volunteers", "codes tried") in left and ("texting", "list") in left
    for name, which in ((("texting", "list"), 1), (("volunteers", "codes made"), 0)):
        command = re.findall(r"`([^`]+)`", left[name]["remedy"])[which]
        done = subprocess.run(f"{sys.executable} -m {command}", shell=True, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    everybody_tries(demo)
    until("the screen's browser", lambda: open_screens(demo.store()) == {"Chrome 126.0": 1})
    soon(demo, set())  # the tally takes a moment to count what was sent
    screen.close()


def everybody_tries(room: RunningRoom) -> None:
    """Each volunteer logs in and sends a test report at noon of the day before."""
    client = room.store()
    intake = RedisIntake(client)
    noon = datetime.fromisoformat("2026-11-02T12:00-05:00")
    told = [
        Shift(id=f"{v} in", source=v, at=noon, received=noon, volunteer=v, status="scheduled")
        for v in sorted(PeopleStore(client).volunteers())
    ]
    for start in range(0, len(told), 200):
        intake.put_frame("tests", told[start : start + 200])
