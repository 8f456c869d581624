"""What the raw store gives for the writes that a report leaves behind, with the same durability and no judgement.

The commands are packed beforehand and sent down one socket with several batches under way, so that the store is
the limit and not the Python that talks to it.
"""

import socket
import time
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import msgspec
from redis.connection import Connection

from warroom.domain.reports import Report
from warroom.store.client import Client
from warroom.store.wire import frames

UNDER_WAY = 8  # batches
BATCH_REPORTS = 200
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


def batches_of(reports: Sequence[Report]) -> list[tuple[bytes, int]]:
    """(commands in the store's protocol, line breaks in their answers) for each 200 reports.

    For each report its identity, its reading and its counter (HSET); for each frame the frame itself and the
    change that is told (XADD): the same fields, of the same size, as intake and tally write.
    """
    packer = Connection()
    found = []
    for start in range(0, len(reports), BATCH_REPORTS):
        part = reports[start : start + BATCH_REPORTS]
        frame = next(iter(frames(part, [], 1).values()))
        commands: list[tuple[object, ...]] = [("XADD", "bench:intake", "*", "feed", "bench", "frame", frame)]
        units = []
        for item in _unpack(frame):
            place = str(item[7])
            units.append(place)
            commands += [
                ("HSET", "bench:seen", f"{item[1]}\x1f{item[2]}", _pack(item)),
                ("HSET", f"bench:r:{place}", f"{item[1]}\x1f{item[2]}", _pack(item[3:7])),
                ("HSET", "bench:units", place, "[57,1750770900000,3,0,1750770900000,1750770900000,0]"),
            ]
        commands.append(("XADD", "bench:changes", "*", "units", _pack(units), "places", b"\x90", "entry", "1-1"))
        found.append((b"".join(packer.pack_commands(commands)), len(commands) + 2))  # an XADD answers in two lines
    return found


def ceiling_per_second(client: Client, url: str, reports: Sequence[Report]) -> float:
    """Reports a second that the store at `url` takes."""
    batches = batches_of(reports)
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), timeout=60) as link:
        if parts.password:
            link.sendall(b"".join(Connection().pack_command("AUTH", unquote(parts.password))))
            link.recv(100)
        started_s = time.monotonic()
        sent, waiting = 0, 0
        lines_due: list[int] = []
        while sent < len(batches) or lines_due:
            while sent < len(batches) and len(lines_due) < UNDER_WAY:
                link.sendall(batches[sent][0])
                lines_due.append(batches[sent][1])
                sent += 1
            answer = link.recv(1 << 16)
            if answer.startswith(b"-"):
                raise OSError(f"the store refused: {answer[:200]!r}")
            waiting += answer.count(b"\n")
            while lines_due and waiting >= lines_due[0]:
                waiting -= lines_due.pop(0)
        seconds = time.monotonic() - started_s
    for key in client.scan_iter("bench:*", count=5_000):
        client.delete(key)
    return len(reports) / seconds
