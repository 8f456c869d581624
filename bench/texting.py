"""100,000 texts in the queue: is the console quick, is the wall, does a stop hold. `python -m bench.texting [DAY_DIR]`

A whole room (`warroom up`) on a made-up list, the dry run as sender: nothing is sent. About two minutes.
"""

import argparse
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from bench.figures import Figure, figure, machine, percentile, show
from bench.room import BenchRoom, running_room
from bench.running import until
from warroom.demo import write_demo_day
from warroom.demo.texting import TEXTING_TOML
from warroom.domain.texts import Audience, TextDecision, TextRequest
from warroom.store import keys
from warroom.store.client import Client
from warroom.store.day import read_roster
from warroom.store.outbox import Outbox
from warroom.store.texts import TextStore
from warroom.texting.contactlist import Person
from warroom.texting.contacts import ContactStore
from warroom.texting.rules import FILE, parse_texting
from warroom.texting.vault import KEY, new_key, wrapping_key

PEOPLE, REQUESTS = 100_000, 4
REGISTERED_RATE, CEILING_RATE = 75, 1000  # messages a second: the best 10DLC score's, and no throttle to speak of
PHASE_S = 20.0
ASK_EVERY_S = 0.25
BOARD_EVERY_S = 0.15  # the precincts that nobody has heard from must last for three phases


def main() -> None:
    """Run all and print it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("day", nargs="?", type=Path, help="a day folder; without one, the made-up city")
    given = asked.parse_args().day
    with tempfile.TemporaryDirectory() as home:
        day = given or Path(home) / "day"
        if given is None:
            write_demo_day(day)
            for name in ("contacts.csv", FILE):  # the bench has a larger list, and starts its own sender
                (day / name).unlink()
        with running_room(day, Path(home) / "data") as room:
            room.fill()
            rows, about = _run(room)
    load = machine()
    show("Texting", rows, [*about, f"{load['date']}, {load['cores']} cores, load {load['load'][0]}"])


def _run(room: BenchRoom) -> tuple[list[Figure], list[str]]:
    client, key = room.client(), new_key()
    began_s = time.perf_counter()
    contacts = ContactStore(client, wrapping_key({KEY: key}))
    contacts.load(_people(client))
    loaded_s = time.perf_counter() - began_s
    _set_rate(client, REGISTERED_RATE)
    requests = _propose(client)
    asks, boards = _phase(room)
    with _worker(room, key, REGISTERED_RATE):
        queued_s = _approve(client, requests)
        begun, at_s = _begun(client, requests), time.monotonic()
        asks_then, boards_then = _phase(room)
        rate = (_begun(client, requests) - begun) / (time.monotonic() - at_s)
    with _worker(room, key, CEILING_RATE):
        until("it goes on", lambda: _begun(client, requests) > begun + 5_000)
        begun, at_s = _begun(client, requests), time.monotonic()
        asks_full, boards_full = _phase(room)
        ceiling = (_begun(client, requests) - begun) / (time.monotonic() - at_s)
        late_s, more = _stop(room, client, requests)
    left = sum(Outbox(client).waiting(r) for r in requests)
    rows = [
        figure("GET /api/v1/texts, nothing sent", "ms", asks),
        figure(f"the same at {REGISTERED_RATE}/s", "ms", asks_then, note=_ratio(asks_then, asks)),
        figure("the same, unthrottled", "ms", asks_full, note=_ratio(asks_full, asks)),
        figure("report to board, nothing sent", "ms", boards),
        figure(f"the same at {REGISTERED_RATE}/s", "ms", boards_then, note=_ratio(boards_then, boards)),
        figure("the same, unthrottled", "ms", boards_full, note=_ratio(boards_full, boards)),
        figure("messages begun, throttled", "/s", [rate], note=f"at most {REGISTERED_RATE}"),
        figure("messages begun, unthrottled", "/s", [ceiling]),
        figure(
            "stop's answer to the last message begun", "ms", [late_s * 1000], 1000, judged="max", note=f"{more} more"
        ),
        figure("list encrypted and loaded", "s", [loaded_s], note=f"{PEOPLE:,} people"),
        figure("approved to all queued", "s", [queued_s], note=f"{PEOPLE:,} messages in {REQUESTS} requests"),
    ]
    return rows, [f"{left:,} messages still waited when it was stopped"]


def _people(client: Client) -> Iterator[Person]:
    """A list spread over all precincts; the numbers are nobody's, and nothing is sent."""
    precincts = [p.precinct_id for p in read_roster(client).precincts]
    for n in range(PEOPLE):
        yield Person(
            contact_id=f"B{n}", phone=f"+1999{n:07d}", first_name="Fern", precinct=precincts[n % len(precincts)],
            band="high", language="en", timezone="", opted_out=False,
        )  # fmt: skip


def _propose(client: Client) -> list[str]:
    variants = parse_texting(TEXTING_TOML.encode()).rule[0].variant
    precincts = [p.precinct_id for p in read_roster(client).precincts]
    requests = [
        TextRequest(
            id=f"bench:{n}", rule="bench", alert=f"bench-{n}", kind="low_turnout", region="", place=f"Bench {n}",
            reason="bench", proposed_ms=0, latest_ms=2**53,
            audience=Audience(precincts=tuple(precincts[n::REQUESTS]), people=PEOPLE // REQUESTS),
            variants=variants, voters=(0.0, 1.0, 2.0), cost_cents=1, hold_out_share=0.0,
        )
        for n in range(REQUESTS)
    ]  # fmt: skip
    TextStore(client).propose(requests)
    return [r.id for r in requests]


def _approve(client: Client, requests: list[str]) -> float:
    """Approve all; seconds until every message is in its queue or begun."""
    began_s, texts, outbox = time.perf_counter(), TextStore(client), Outbox(client)
    for request_id in requests:
        texts.decide(request_id, TextDecision(what="approve", by="bench", at_ms=1, version=0))
    until("the queue", lambda: sum(sum(tally.values()) for tally, _ in outbox.sums(requests)) >= PEOPLE, 240)
    return time.perf_counter() - began_s


def _begun(client: Client, requests: list[str]) -> int:
    """Messages that were begun so far."""
    return sum(n for tally, _ in Outbox(client).sums(requests) for state, n in tally.items() if state != "queued")


def _phase(room: BenchRoom) -> tuple[list[float], list[float]]:
    """(ms of each answer of the console, ms from each report to its board) while both are asked for side by side."""
    boards: list[float] = []
    over = threading.Event()
    wall = threading.Thread(target=_time_boards, args=(room, boards, over))
    wall.start()
    asks, ends_s = [], time.monotonic() + PHASE_S
    while time.monotonic() < ends_s:
        began_s = time.perf_counter()
        with urllib.request.urlopen(f"{room.url}/api/v1/texts", timeout=30) as answer:
            answer.read()
        asks.append((time.perf_counter() - began_s) * 1000)
        time.sleep(Random(len(asks)).uniform(0.5, 1.5) * ASK_EVERY_S)
    over.set()
    wall.join()
    return asks, boards


def _time_boards(room: BenchRoom, found: list[float], over: threading.Event) -> None:
    """One report at a time of a precinct nobody has heard from, to the board's event that says so on the stream."""
    intake, received = room.intake(), room.get("board")["headline"]["reports"]["received"]
    with urllib.request.urlopen(f"{room.url}/api/v1/stream", timeout=30) as stream:
        while not over.is_set():
            if not (held := room.take_held(1)):  # all precincts have been heard
                return
            began_s = time.perf_counter()
            intake.put_frame("bench", held)
            received += 1
            while _received(stream.readline()) < received:
                pass
            found.append((time.perf_counter() - began_s) * 1000)
            over.wait(BOARD_EVERY_S)


def _received(line: bytes) -> int:
    """Reports in the headline of one line of the stream; 0 where it says nothing of them."""
    if not line.startswith(b"data: "):
        return 0
    told = json.loads(line[6:])
    return int((told.get("headline") or {}).get("reports", {}).get("received", 0))


def _stop(room: BenchRoom, client: Client, requests: list[str]) -> tuple[float, int]:
    """Stop by the API: seconds from its answer to the last message begun, and how many were begun in them."""
    body = json.dumps({"by": "bench", "reason": "bench"}).encode()
    asked = urllib.request.Request(f"{room.url}/api/v1/texts/stop", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        answer.read()
    stopped_s, begun = time.monotonic(), _begun(client, requests)
    last_s, now = stopped_s, begun
    while time.monotonic() < stopped_s + 5:
        if (found := _begun(client, requests)) != now:
            last_s, now = time.monotonic(), found
    return last_s - stopped_s, now - begun


@contextmanager
def _worker(room: BenchRoom, key: str, rate: int) -> Iterator[None]:
    """`warroom text send` at this many messages a second."""
    _set_rate(room.client(), rate)
    env = {k: v for k, v in os.environ.items() if not k.startswith("WARROOM_")}
    env |= {"REDIS_URL": room.store_url, KEY: key}
    process = subprocess.Popen([sys.executable, "-m", "warroom", "text", "send"], env=env)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _set_rate(client: Client, rate: int) -> None:
    """The same day folder with another rate in its rules."""
    rules = TEXTING_TOML.replace("messages_per_second = 12", f"messages_per_second = {rate}")
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(client.get(keys.FOLDER))) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, rules if name == FILE else old.read(name))
        if FILE not in old.namelist():
            new.writestr(FILE, rules)
    client.set(keys.FOLDER, buffer.getvalue())


def _ratio(then: list[float], before: list[float]) -> str:
    p50, p95 = (percentile(then, share) / percentile(before, share) for share in (0.5, 0.95))
    return f"p50 × {p50:.2f}, p95 × {p95:.2f} of before"


if __name__ == "__main__":
    main()
