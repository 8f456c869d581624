"""The whole room as its users run it: real processes on a real store, and a real browser where there is one."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.running import end_group, free_port, until
from warroom.settings import store_url
from warroom.store.client import Client, connect


@dataclass
class RunningRoom:
    """`warroom up` in a process group of its own."""

    day: Path
    data: Path
    port: int
    process: subprocess.Popen[bytes]
    extra: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str):
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}", timeout=60) as answer:
            return json.load(answer)

    def store(self) -> Client:
        return connect(store_url(self.data))

    def pids(self, part: str) -> list[int]:
        """Processes of one part: "web" (gunicorn), "tally", "watch", "valkey-server"."""
        found = subprocess.run(["pgrep", "-g", str(self.process.pid), "-f", part], capture_output=True, text=True)
        return [int(pid) for pid in found.stdout.split()]

    def kill(self, part: str) -> None:
        for pid in self.pids(part):
            os.kill(pid, signal.SIGKILL)

    def run(self, *command: str) -> subprocess.Popen[bytes]:
        """Another `warroom` command beside the room."""
        started = subprocess.Popen([sys.executable, "-m", "warroom", *command, "--data", str(self.data)])
        self.extra.append(started)
        return started

    def stop(self) -> None:
        for process in self.extra:
            process.kill()
            process.wait()
        end_group(self.process)


def start_room(day: Path, data: Path) -> RunningRoom:
    port = free_port()
    env = {k: v for k, v in os.environ.items() if k != "REDIS_URL" and not k.startswith("WARROOM_")}
    command = [sys.executable, "-m", "warroom", "up", str(day), "--data", str(data), "--port", str(port)]
    room = RunningRoom(day, data, port, subprocess.Popen(command, env=env, start_new_session=True))
    try:
        until("the first board", lambda: room.get("board")["seq"] >= 1)
    except BaseException:
        room.stop()
        raise
    return room


@pytest.fixture(scope="module")
def room(demo_day: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRoom]:
    """The demo city's room, running, with no report in it yet."""
    running = start_room(demo_day, tmp_path_factory.mktemp("room"))
    yield running
    running.stop()
