"""The processes of the room: does each tally worker and the watch show a sign of life, and does anything wait."""

from dataclasses import dataclass

import redis

from warroom.domain.election import ElectionDay
from warroom.readiness._finding import Finding, NotLooked, green
from warroom.readiness._place import Place
from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.store.day import read_day, read_shards

ORDER, TITLE = 45, "Workers"
QUIET_S = 15.0  # the tally asks each second, the watch publishes each two
WAITING_FRAMES = 100


@dataclass(frozen=True)
class Facts:
    """Seconds since the newest sign of life of each shard's tally and of the watch; None where there never was one."""

    tally_s: dict[int, float | None]
    waiting: int
    watch_s: float | None
    loaded: str
    wanted: str
    start: str


def look(place: Place) -> Facts:
    """Read consumers and the board's stream; ages are by the store's own clock. Raises NotLooked without a room."""
    client = place.store()
    if not client.exists(keys.DAY):
        raise NotLooked("no day is loaded", place.start)
    shards = [keys.Shard(n) for n in range(read_shards(client))]
    tally = {n: _tally_s(client, shard) for n, shard in enumerate(shards)}
    seconds, micros = client.time()
    newest = client.xrevrange(keys.BOARD_STREAM, count=1)
    stamp_ms = int(as_text(newest[0][0]).split("-")[0]) if newest else None
    watch_s = None if stamp_ms is None else max(0.0, seconds + micros / 1e6 - stamp_ms / 1000)
    return Facts(
        tally, _waiting(client, shards), watch_s, _named(read_day(client)), _named(place.folder.day), place.start
    )


def judge(facts: Facts) -> list[Finding]:
    """The day that is loaded, tally, watch."""
    return [_loaded(facts), _tally(facts), _watch(facts)]


def _named(day: ElectionDay) -> str:
    return f"{day.name}, {day.date:%d %B %Y}"


def _loaded(facts: Facts) -> Finding:
    if facts.loaded != facts.wanted:
        what = f"the room has loaded {facts.loaded!r}, not {facts.wanted!r}"
        return Finding(
            "loaded day", "red", what, "name its data folder with --data, or stop that room and start this one"
        )
    return green("loaded day", facts.loaded)


def _tally(facts: Facts) -> Finding:
    dead = [n for n, quiet_s in facts.tally_s.items() if quiet_s is None or quiet_s > QUIET_S]
    if dead:
        what = f"no tally has shown itself for {QUIET_S:g} s on shard {', '.join(map(str, dead))}: reports pile up"
        return Finding("tally", "red", what, f"`warroom tally --shard {dead[0]}` on one machine, or {facts.start}")
    if facts.waiting > WAITING_FRAMES:
        what = f"{facts.waiting:,} frames wait to be counted"
        return Finding("tally", "amber", what, "start one more: `warroom tally` beside the first, then check again")
    return green("tally", f"{len(facts.tally_s)} of {len(facts.tally_s)} shards counted; {facts.waiting:,} frames wait")


def _watch(facts: Facts) -> Finding:
    if facts.watch_s is None or facts.watch_s > QUIET_S:
        ago = "has never published" if facts.watch_s is None else f"last published {facts.watch_s:,.0f} s ago"
        remedy = f"`warroom watch` on one machine (a large day takes a minute to its first board), or {facts.start}"
        return Finding("watch", "red", f"the watch {ago}: the board stands still", remedy)
    return green("watch", f"published {facts.watch_s:.0f} s ago")


def _tally_s(client: Client, shard: keys.Shard) -> float | None:
    try:
        found = client.xinfo_consumers(shard.intake, keys.TALLY_GROUP)
    except redis.ResponseError:  # no stream, or no group: nobody has begun
        return None
    return min((c["idle"] / 1000 for c in found), default=None)


def _waiting(client: Client, shards: list[keys.Shard]) -> int:
    waiting = 0
    for shard in shards:
        try:
            groups = client.xinfo_groups(shard.intake)
        except redis.ResponseError:
            continue
        waiting += sum(
            int(g.get("lag") or 0) + int(g["pending"]) for g in groups if as_text(g["name"]) == keys.TALLY_GROUP
        )
    return waiting
