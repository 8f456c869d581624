"""Volunteers opening the phone page and sending a first report: `python -m bench.phones [DAY_DIR] [--seconds 60]`.

The wave is 37,000 volunteers in 15 minutes (41 a second). Each is one connection: every file of the page,
own places, a first report (a count or an arrival), and the page's question for news 4 s later. They come when
they are due, whether or not the ones before have been served, and times count from when they were due.
`--seconds` runs a part of the wave at its true pace, `--speed` runs it faster. Everything is on this
machine, the generator included: its share of the processor stands beside the others'.
"""

import argparse
import asyncio
import csv
import json
import os
import re
import resource
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import assets
from bench.figures import machine, percentile
from bench.phone_client import Tally, Visit, first_visit
from bench.room import BenchRoom, running_room
from bench.running import until
from warroom.demo import write_demo_day
from warroom.domain.codes import Coder
from warroom.store.codes import CodeStore, code_secret
from warroom.store.day import DayClock, read_roster
from warroom.store.events import EventReader
from warroom.store.people import PeopleStore

MOST_AT_ONCE = 2_000  # connections; a generator without a bound would break the machine, not the server
LEFT_OUT = ("reports.jsonl", "volunteers.csv", "shifts.csv", "feeds.toml")


def crowded_day(source: Path, target: Path, volunteers: int) -> None:
    """The day folder with this many volunteers, each with one shift at a site of its own choice."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
    with (source / "precincts.csv").open(encoding="utf-8") as rows:
        sites = sorted({row["site_id"] for row in csv.DictReader(rows) if row.get("site_id")})
    day = (source / "day.toml").read_text(encoding="utf-8")
    date = re.search(r'^date\s*=\s*"?([\d-]+)', day, re.M)[1]
    with (
        (target / "volunteers.csv").open("w", newline="") as people,
        (target / "shifts.csv").open("w", newline="") as to,
    ):
        who, shifts = csv.writer(people), csv.writer(to)
        who.writerow(["volunteer_id", "name", "phone", "skills", "languages", "has_car", "home_lat", "home_lon"])
        shifts.writerow(["volunteer_id", "site_id", "precinct_id", "role", "start", "end"])
        for n in range(volunteers):
            who.writerow([f"B{n:05d}", "", "", "", "en", "0", "", ""])
            site = sites[n % len(sites)]
            shifts.writerow([f"B{n:05d}", site, "", "poll_watcher", f"{date}T00:30:00+00:00", f"{date}T23:30:00+00:00"])


class Busy:
    """Processor seconds of each part of the room, read from /proc."""

    PARTS = ("gunicorn", "valkey-server", "redis-server", "tally", "watch", "moves")

    def __init__(self, group: int) -> None:
        self._group = group
        self._began = self._read()
        self._began_s = time.monotonic()

    def shares(self) -> dict[str, float]:
        """{part: share of one core since this began}, the generator's own beside."""
        lasted_s = time.monotonic() - self._began_s
        now = self._read()
        return {part: round((now[part] - self._began.get(part, 0.0)) / lasted_s, 2) for part in now}

    def _read(self) -> dict[str, float]:
        tick = os.sysconf("SC_CLK_TCK")
        used = resource.getrusage(resource.RUSAGE_SELF)
        found = {"generator": used.ru_utime + used.ru_stime}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(") ")[2].split()
                command = (stat.parent / "cmdline").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue
            if int(fields[2]) != self._group:
                continue
            part = next(
                (p for p in self.PARTS if p in command.replace("\0", " ").split("/")[-1] or p in command), "others"
            )
            found[part] = found.get(part, 0.0) + (int(fields[11]) + int(fields[12])) / tick
        return found


async def wave(room: BenchRoom, visits: list[Visit], per_s: float, files: list[str], tally: Tally) -> float:
    """All visits at their due times; gives how many seconds the last one was started late."""
    room_for = asyncio.Semaphore(MOST_AT_ONCE)
    began_s, running, late_s = time.monotonic(), set(), 0.0
    for n, visit in enumerate(visits):
        due_s = began_s + n / per_s
        if (wait_s := due_s - time.monotonic()) > 0:
            await asyncio.sleep(wait_s)
        await room_for.acquire()
        late_s = max(late_s, time.monotonic() - due_s)
        task = asyncio.create_task(visit.run(room.port, due_s, files))
        running.add(task)
        task.add_done_callback(lambda done: (running.discard(done), room_for.release()))
    await asyncio.gather(*running)
    return late_s


@contextmanager
def crowded_room(day_dir: Path | None, volunteers: int) -> Iterator[BenchRoom]:
    """A room ten minutes after the polls opened, with everybody's code made."""
    with tempfile.TemporaryDirectory(prefix="warroom-bench-") as scratch:
        source = day_dir
        if source is None:
            source = Path(scratch) / "demo"
            write_demo_day(source)
        crowded_day(source.resolve(), Path(scratch) / "day", volunteers)
        with running_room(Path(scratch) / "day", Path(scratch) / "data") as room:
            intake = room.intake()
            DayClock(room.client()).set(intake.day().opens_at + timedelta(minutes=10), 1.0)
            yield room


def prepared(room: BenchRoom, count: int, tally: Tally) -> list[Visit]:
    """A visit for each of `count` volunteers drawn from all, with their own site and a precinct there."""
    client = room.client()
    issued = CodeStore(client, Coder(code_secret(room.store_url))).issue(PeopleStore(client).volunteers())
    site_of = {s.volunteer_id: s.site_id for s in PeopleStore(client).shifts()}
    member = {p.site_id: p.precinct_id for p in read_roster(client).precincts}
    clock = DayClock(client)
    anchored, wall_s = clock.now(), time.time()
    drawn = Random(1).sample(issued, count)
    return [
        Visit(n, i.token, site_of[i.volunteer], member[site_of[i.volunteer]], tally,
              lambda: anchored + timedelta(seconds=time.time() - wall_s))
        for n, i in enumerate(drawn)
    ]  # fmt: skip


def in_the_store(room: BenchRoom) -> int:
    """Reports of the bench that the tally has taken, each once."""
    totals = room.get("totals")
    return totals["accepted"] + totals["suspect"]


def main() -> None:
    """Run the wave, or a part of it, and print the figures; exit code 1 where a visit failed or a report is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.phones", description=__doc__.splitlines()[0])
    parser.add_argument("day_dir", type=Path, nargs="?", help="a day folder; its volunteers are left out")
    parser.add_argument("--volunteers", type=int, default=37_000)
    parser.add_argument("--minutes", type=float, default=15.0, help="in which all of them come")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated minutes a minute")
    parser.add_argument("--seconds", type=float, help="run this long, not the whole wave")
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    per_s = asked.volunteers / asked.minutes / 60 * asked.speed
    whole_s = asked.minutes * 60 / asked.speed
    count = round(per_s * min(whole_s, asked.seconds or whole_s))
    about, tally = machine(), Tally()
    with crowded_room(asked.day_dir, asked.volunteers) as room:
        before = in_the_store(room)
        visits = prepared(room, count, tally)
        with urllib.request.urlopen(f"{room.url}/report", timeout=30) as page:
            files = first_visit(page.read(), Path(next(iter(assets.__path__))) / "report")
        busy, began_s = Busy(room.process.pid), time.monotonic()
        late_s = asyncio.run(wave(room, visits, per_s, files, tally))
        lasted_s, shares = time.monotonic() - began_s, busy.shares()
        try:
            until("the tally", lambda: in_the_store(room) - before >= tally.acknowledged, 30)
        except TimeoutError:
            pass
        kept = in_the_store(room) - before
        arrivals = sum(e.id.startswith("first ") for e in EventReader(room.client()).every(["shift"]))
        name = room.intake().day().name
    found = {
        "day": name,
        "visits": count,
        "visits_per_s": round(per_s, 1),
        "lasted_s": round(lasted_s, 1),
        "errors": tally.errors,
        "error_share": sum(tally.errors.values()) / count,
        "sent_again": tally.again,
        "acknowledged": tally.acknowledged,
        "in_the_store": kept,
        "arrivals": arrivals,
        "bytes_a_visit": round(tally.bytes / count),
        "started_late_s": round(late_s, 3),
        "ms": {
            step: {
                "n": len(s),
                "p50": 1000 * percentile(s, 0.5),
                "p99": 1000 * percentile(s, 0.99),
                "max": 1000 * max(s),
            }
            for step, s in tally.took_s.items()
        },
        "cores": shares,
        "load_end": os.getloadavg()[0],
        "machine": about,
    }
    _show(found)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))
    sys.exit(1 if tally.errors or kept != tally.acknowledged else 0)


def _show(found: dict) -> None:
    print(f"{found['day']}: {found['visits']:,} visits, {found['visits_per_s']} a second, {found['lasted_s']} s")
    print(f"errors: {sum(found['errors'].values())} ({found['error_share']:.3%}) {found['errors'] or ''}")
    print(f"sent again on a new connection: {found['sent_again']}")
    print(f"acknowledged {found['acknowledged']:,}; in the store {found['in_the_store']:,}")
    print(f"bytes a visit: {found['bytes_a_visit']:,}; generator late by at most {found['started_late_s']} s")
    for step, ms in found["ms"].items():
        print(f"{step:48} n {ms['n']:>7,}  p50 {ms['p50']:8.1f} ms  p99 {ms['p99']:8.1f} ms  max {ms['max']:8.1f} ms")
    print(f"cores: {found['cores']}; load {found['machine']['load'][0]} before, {found['load_end']:.1f} at the end")


if __name__ == "__main__":
    main()
