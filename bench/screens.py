"""Fifty screens on one web worker for a whole day: `python -m bench.screens DAY_DIR [--screens 50] [--speed 600]`.

A recorded day runs through the real product at high speed. Every screen checks that no update
is missing, and how old the newest report in an update is when it arrives. The web worker's
memory is read before and after.
"""

import argparse
import asyncio
import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import numpy as np

from bench.room import running_room


@dataclass
class Screen:
    """What one event stream brought."""

    last: int | None = None
    deltas: int = 0
    lost: int = 0
    snapshots: int = 0
    bytes: int = 0
    late_ms: list[float] = field(default_factory=list)

    def hear(self, name: str, data: str) -> None:
        """One event: a delta must follow the one before it, or a snapshot must come instead."""
        self.bytes += len(data)
        body = json.loads(data)
        if name == "snapshot":
            self.snapshots += 1
            self.last = body["seq"]
        elif name == "delta":
            if self.last is not None and body["seq"] > self.last:
                self.lost += body["prev"] != self.last
                self.last = body["seq"]
            self.deltas += 1
            if body["stamp_ms"]:
                self.late_ms.append(time.time() * 1000 - body["stamp_ms"])


async def watch(url: str, screen: Screen) -> None:
    """Read one stream until it is cancelled."""
    async with httpx2.AsyncClient(timeout=None) as client, client.stream("GET", f"{url}/api/v1/stream") as answer:
        name = ""
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                screen.hear(name, line[6:])


def worker_mb(room) -> float:
    """Resident memory of the web worker, MB: the largest gunicorn process of the room."""
    sizes = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            command = (status.parent / "cmdline").read_bytes()
            if b"gunicorn" in command and f":{room.port}".encode() in command:
                sizes.append(int(status.read_text().split("VmRSS:")[1].split()[0]) / 1024)
        except (OSError, IndexError):
            continue
    return max(sizes, default=0.0)


async def soak(room, screens: int, player) -> list[Screen]:
    """All screens open while the recording plays."""
    heard = [Screen() for _ in range(screens)]
    tasks = [asyncio.create_task(watch(room.url, screen)) for screen in heard]
    while player.poll() is None:
        await asyncio.sleep(0.5)
    await asyncio.sleep(3)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return heard


def main() -> None:
    """Run the day and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("day", type=Path)
    arguments.add_argument("--screens", type=int, default=50)
    arguments.add_argument("--speed", type=float, default=600)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as data, running_room(given.day, Path(data)) as room:
        before = worker_mb(room)
        started = time.monotonic()
        player = room.replay(given.speed, from_hours_open=0)
        heard = asyncio.run(soak(room, given.screens, player))
        lasted_s = time.monotonic() - started
        late = np.array([ms for screen in heard for ms in screen.late_ms])
        print(f"{given.day.name}: {given.screens} screens, {lasted_s:.0f} s at {given.speed:g} times real speed")
        print(f"updates a screen: {min(s.deltas for s in heard)} to {max(s.deltas for s in heard)}")
        print(
            f"lost updates: {sum(s.lost for s in heard)}; snapshots a screen: at most {max(s.snapshots for s in heard)}"
        )
        print(f"store to screen: p50 {np.median(late):.0f} ms, p95 {np.quantile(late, 0.95):.0f} ms")
        print(f"bytes a screen and second: {np.mean([s.bytes for s in heard]) / lasted_s:,.0f}")
        print(f"web worker: {before:.0f} MB before, {worker_mb(room):.0f} MB after")


if __name__ == "__main__":
    main()
