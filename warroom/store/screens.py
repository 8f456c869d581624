"""Which browsers hold the live stream open, by web worker: kinds and versions, nobody's address or name."""

import time
from collections.abc import Mapping

import msgspec

from warroom.store import keys
from warroom.store.client import Client

TOLD_EVERY_S = 10.0
STALE_S = 30.0  # a worker that has not told for so long is gone


class Screens(msgspec.Struct, frozen=True):
    """The screens of one web worker: {browser: screens}, at a wall time in epoch ms."""

    at_ms: int
    browsers: dict[str, int]


def told(browsers: Mapping[str, int], now_s: float | None = None) -> bytes:
    """What a worker writes under its name."""
    at_ms = round((time.time() if now_s is None else now_s) * 1000)
    return msgspec.json.encode(Screens(at_ms, {name: n for name, n in browsers.items() if n > 0}))


def open_screens(client: Client, now_s: float | None = None) -> dict[str, int]:
    """{browser with its version: screens} over all web workers, as they told within the last half minute."""
    oldest_ms = ((time.time() if now_s is None else now_s) - STALE_S) * 1000
    found: dict[str, int] = {}
    for raw in client.hvals(keys.SCREENS):
        screens = msgspec.json.decode(raw, type=Screens)
        if screens.at_ms >= oldest_ms:
            for name, n in screens.browsers.items():
                found[name] = found.get(name, 0) + n
    return found
