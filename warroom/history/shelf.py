"""Where the replay's frames lie in the store: one hash, written by `warroom history`, read by the pages.

Fields: `asked` (wall ms at which a page last asked), `alive` (wall ms of the last sign of life of
`warroom history`), `index` (JSON Index), and `f<minute>` (a snapshot of the board, deflated JSON).
"""

import time
import zlib
from typing import Any

import msgspec

from warroom.store import keys
from warroom.store.client import Client

ALIVE_S = 15.0


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to look at. `minutes` since the opening; `whole` steps in the pass under way, `done` of them;
    `took_s` its computing time so far; `alerts`: rows of what became of each alert.
    """

    mark: str
    minutes: list[int]
    day: dict[str, Any]
    alerts: list[dict[str, Any]] = []
    done: int = 0
    whole: int = 0
    took_s: float = 0.0


class Shelf:
    """The replay in the store."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self) -> None:
        """A page wants the replay: whoever computes it shall go on."""
        self._client.hset(keys.HISTORY, "asked", _now_ms())

    def asked_s_ago(self) -> float:
        """Seconds since a page last asked; infinite where none did."""
        return self._ago("asked")

    def breathe(self) -> None:
        """`warroom history` is there."""
        self._client.hset(keys.HISTORY, "alive", _now_ms())

    def is_tended(self) -> bool:
        """Whether a `warroom history` runs."""
        return self._ago("alive") < ALIVE_S

    def index(self) -> Index | None:
        """What there is to look at; None before the first pass."""
        raw = self._client.hget(keys.HISTORY, "index")
        return msgspec.json.decode(raw, type=Index) if raw is not None else None

    def put(self, index: Index, frames: dict[int, bytes]) -> None:
        """Add frames, JSON by minute, and the index that names them, in one step."""
        rows = {f"f{minute}": zlib.compress(body, 6) for minute, body in frames.items()}
        self._client.hset(keys.HISTORY, mapping={**rows, "index": msgspec.json.encode(index)})

    def frame(self, minute: int) -> bytes | None:
        """The snapshot of one minute, JSON; None where that minute is not there."""
        raw = self._client.hget(keys.HISTORY, f"f{minute}")
        return zlib.decompress(raw) if raw is not None else None

    def _ago(self, field: str) -> float:
        raw = self._client.hget(keys.HISTORY, field)
        return float("inf") if raw is None else (_now_ms() - int(raw)) / 1000


def _now_ms() -> int:
    return int(time.time() * 1000)
