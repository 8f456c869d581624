"""What the raw store gives for the writes that a report leaves behind, with the same durability: two ceilings.

Both are packed beforehand and sent down one socket with several batches under way, so that the store is the limit
and not the Python that talks to it.
"""

import socket
import time
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import msgspec
from redis.connection import Connection

from warroom.domain.reports import Report
from warroom.store import keys
from warroom.store.client import Client
from warroom.store.wire import frames
from warroom.tally.worker import script_args, script_keys, script_text

UNDER_WAY = 8  # batches
FRAME_REPORTS, BATCH_FRAMES = 200, 4
SHARD = keys.Shard(9_999)  # one that no day has
Command = tuple[object, ...]
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder().decode


def plain_writes(reports: Sequence[Report]) -> list[list[Command]]:
    """The writes with nothing judged, a batch for each 200 reports.

    For each report its identity, its reading and its counter (HSET); for each frame the frame itself and the
    change that is told (XADD): the same fields, of the same size, as intake and tally write. No script runs, nothing
    is looked up, and no group reads the frames.
    """
    found = []
    for frame in _frames(reports):
        commands: list[Command] = [("XADD", "bench:intake", "*", "feed", "bench", "frame", frame)]
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
        found.append(commands)
    return found


def same_commands(client: Client, reports: Sequence[Report]) -> list[list[Command]]:
    """The very commands of feed and tally, script included, on a shard of their own: nobody but the store works."""
    digest = client.script_load(script_text())
    client.copy(keys.Shard(0).limits, SHARD.limits)
    client.xgroup_create(SHARD.intake, keys.TALLY_GROUP, id="0", mkstream=True)
    found, packed = [], _frames(reports)
    for start in range(0, len(packed), BATCH_FRAMES):
        part = [(f"{start + n + 1}-1", frame) for n, frame in enumerate(packed[start : start + BATCH_FRAMES])]
        commands: list[Command] = [("XADD", SHARD.intake, at, "feed", "bench", "frame", frame) for at, frame in part]
        commands.append(("HSET", "bench:positions", "bench", '{"line":1234,"offset":123456}'))
        commands.append(("HSET", "bench:pulse", "bench", 1750770900000))
        commands.append(
            ("XREADGROUP", "GROUP", keys.TALLY_GROUP, "bench", "COUNT", BATCH_FRAMES, "STREAMS", SHARD.intake, ">")
        )
        known = script_keys(SHARD)
        for at, frame in part:
            commands.append(("EVALSHA", digest, len(known), *known, *script_args(SHARD, at, "bench", frame)))
        found.append(commands)
    return found


def ceilings_per_second(client: Client, url: str, reports: Sequence[Report]) -> tuple[float, float]:
    """Reports a second that the store at `url` takes: the plain writes, and the same commands replayed."""
    plain = _per_second(url, plain_writes(reports), len(reports))
    _forget(client)
    same = _per_second(url, same_commands(client, reports), len(reports))
    if client.hlen(SHARD.seen) != len(reports):
        raise AssertionError("the replayed commands did not leave every report in the state")
    _forget(client)
    return plain, same


def _frames(reports: Sequence[Report]) -> list[bytes]:
    parts = (reports[start : start + FRAME_REPORTS] for start in range(0, len(reports), FRAME_REPORTS))
    return [next(iter(frames(part, [], 1).values())) for part in parts]


def _per_second(url: str, batches: Sequence[Sequence[Command]], count: int) -> float:
    packer = Connection()
    packed = [
        b"".join(packer.pack_commands([*commands, ("ECHO", _done(number))])) for number, commands in enumerate(batches)
    ]
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), timeout=60) as link:
        if parts.password:
            link.sendall(b"".join(packer.pack_command("AUTH", unquote(parts.password))))
            link.recv(100)
        started_s = time.monotonic()
        sent, answered, tail = 0, 0, b""
        while answered < len(packed):
            while sent < len(packed) and sent - answered < UNDER_WAY:
                link.sendall(packed[sent])
                sent += 1
            tail += link.recv(1 << 16)
            while answered < sent and _done(answered) in tail:
                if b"\r\n-ERR" in tail or tail.startswith(b"-"):
                    raise OSError(f"the store refused: {tail[:200]!r}")
                tail = tail.partition(_done(answered))[2]
                answered += 1
        return count / (time.monotonic() - started_s)


def _done(number: int) -> bytes:
    return b"<bench:done:%d>" % number


def _forget(client: Client) -> None:
    for pattern in ("bench:*", SHARD.intake.replace("intake", "*")):
        for key in client.scan_iter(pattern, count=5_000):
            client.delete(key)
