"""What one screen receives, counted on the wire as a browser asks for it."""

import contextlib
import http.client
import threading
import time
import zlib
from dataclasses import dataclass, field

import brotli
import msgspec

from bench.figures import Figure, figure
from bench.room import FEED, BenchRoom
from bench.running import until

ACCEPT = "gzip, deflate, br, zstd"  # what Chromium sends
ROUNDS = 8
QUIET_S = 6.0  # a few updates that only the clock causes


@dataclass
class Event:
    """One server-sent event: its name, bytes on the wire, and its data."""

    name: str
    wire_bytes: int
    data: dict


@dataclass
class Screen:
    """Listens to the live stream in a thread, as a screen does."""

    port: int
    events: list[Event] = field(default_factory=list)

    def start(self) -> None:
        """Connect and go on listening until the process ends."""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/api/v1/stream", headers={"Accept-Encoding": ACCEPT, "Accept": "text/event-stream"})
        answer = connection.getresponse()
        unpack = _unpacker(answer.headers.get("Content-Encoding", ""))
        text, wire = b"", 0
        with contextlib.suppress(http.client.HTTPException, OSError):  # the room ends before we do
            while part := answer.read1(1 << 20):
                text += unpack(part)
                wire += len(part)
                whole, _, text = text.rpartition(b"\n\n")
                blocks = [b for b in whole.split(b"\n\n") if b"data: " in b]
                letters = sum(map(len, blocks))
                for block in blocks:  # where several came in one read, shared out by length
                    self._add(block, round(wire * len(block) / letters))
                wire = 0 if blocks else wire

    def _add(self, block: bytes, wire_bytes: int) -> None:
        head, _, data = block.partition(b"data: ")
        name = head.partition(b"event: ")[2].strip().decode()
        self.events.append(Event(name, wire_bytes, msgspec.json.decode(data)))


def _unpacker(encoding: str):
    if encoding == "br":
        return brotli.Decompressor().process
    if encoding == "gzip":
        return zlib.decompressobj(31).decompress
    return lambda part: part


def fetched_bytes(port: int, path: str) -> int:
    """Body bytes on the wire of one address."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Accept-Encoding": ACCEPT})
    return len(connection.getresponse().read())


def bytes_received(room: BenchRoom, precincts: int) -> list[Figure]:
    """Geometry, snapshot, and updates of 1 % of the precincts."""
    screen = Screen(room.port)
    screen.start()
    until("a snapshot", lambda: any(e.name == "snapshot" for e in screen.events))
    snapshot = next(e.wire_bytes for e in screen.events if e.name == "snapshot")
    intake = room.intake()
    hundredths: list[Event] = []
    for _ in range(ROUNDS):
        reports = room.take_held(round(precincts / 100))
        if not reports:
            break
        already = len(screen.events)
        intake.put_frame(FEED, reports)
        changed = until("an update", lambda n=already, k=len(reports): _with_cells(screen.events[n:], k * 0.8))
        hundredths.append(changed)
        time.sleep(0.6)
    time.sleep(QUIET_S)
    deltas = [e.wire_bytes for e in screen.events if e.name == "delta" and e not in hundredths]
    parts = _parts(hundredths[-1].data)
    return [
        figure("geometry, as sent", "B", [fetched_bytes(room.port, "/api/v1/geometry")], 300_000, judged="max"),
        figure("roster, as sent", "B", [fetched_bytes(room.port, "/api/v1/roster")]),
        figure("snapshot, as sent", "B", [snapshot], 15_000, judged="max"),
        figure("update of 1 % of precincts, as sent", "B", [e.wire_bytes for e in hundredths], 2_000, note=parts),
        figure("update without new reports, as sent", "B", deltas),
    ]


def _with_cells(events: list[Event], least: float) -> Event | None:
    for event in events:
        width = event.data.get("w", 2) + 1
        if event.name == "delta" and len(event.data.get("cells", "")) * 3 / 4 / width >= least:
            return event
    return None


def _parts(data: dict) -> str:
    sizes = {name: len(msgspec.json.encode(value)) for name, value in data.items()}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:4]
    return "uncompressed: " + ", ".join(f"{name} {size:,}" for name, size in largest)
