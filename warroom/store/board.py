"""The board in the store: what every screen shows, its deltas, and the alerts."""

from typing import Any

import msgspec

from warroom.domain.alerts import Alert
from warroom.domain.handling import as_handled
from warroom.store import keys
from warroom.store.client import Client
from warroom.store.handling import HandlingStore

KEEP_DELTAS = 2_000


class _Clock(msgspec.Struct):
    now_ms: int


class _Board(msgspec.Struct):
    """As much of a snapshot as says when it was made."""

    clock: _Clock


class BoardStore:
    """Snapshot and deltas of the board, and alerts; `handlings` is what people decided about them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.handlings = HandlingStore(client)

    def put(self, seq: int, snapshot: bytes, delta: bytes) -> None:
        """Publish one update: the snapshot for who opens now, the delta for who is watching.

        An empty delta says that every screen must start from the snapshot.
        """
        with self._client.pipeline(transaction=True) as pipe:
            pipe.set(keys.BOARD, snapshot)
            pipe.xadd(keys.BOARD_STREAM, {"seq": seq, "delta": delta}, maxlen=KEEP_DELTAS, approximate=True)
            pipe.execute()

    def snapshot(self) -> bytes | None:
        """The newest snapshot, JSON; None before the first pass of the watch."""
        held: bytes | None = self._client.get(keys.BOARD)
        return held

    def watch_ms(self) -> int | None:
        """When the watch last looked, epoch ms of the day's clock; None before its first pass."""
        held = self.snapshot()
        return msgspec.json.decode(held, type=_Board).clock.now_ms if held is not None else None

    def look(self, precinct_id: str) -> None:
        """Tell the watch that somebody looks at this precinct, so that it writes its detail anew."""
        self._client.xadd(keys.LOOKS, {"look": precinct_id}, maxlen=200, approximate=True)

    def put_details(self, details: dict[str, bytes]) -> None:
        """Write precinct details, JSON by precinct id."""
        if details:
            self._client.hset(keys.DETAIL, mapping=details)

    def detail(self, precinct_id: str) -> dict[str, Any] | None:
        """What the model last said of one precinct; None before its first pass."""
        raw = self._client.hget(keys.DETAIL, precinct_id)
        found: dict[str, Any] | None = msgspec.json.decode(raw) if raw is not None else None
        return found

    def put_alerts(self, alerts: list[Alert]) -> None:
        """Write alerts as they are now, open or closed."""
        if alerts:
            self._client.hset(keys.ALERTS, mapping={a.id: msgspec.json.encode(a) for a in alerts})

    def alerts(self) -> list[Alert]:
        """Every alert of the day with its owner, newest first."""
        handlings = self.handlings.all()
        found = []
        for raw in self._client.hvals(keys.ALERTS):
            alert = msgspec.json.decode(raw, type=Alert)
            found.append(as_handled(alert, handlings.get(alert.id)))
        return sorted(found, key=lambda a: (a.raised_at, a.id), reverse=True)

    def alert(self, alert_id: str) -> Alert | None:
        """One alert with its owner; None where there is none."""
        raw = self._client.hget(keys.ALERTS, alert_id)
        if raw is None:
            return None
        return as_handled(msgspec.json.decode(raw, type=Alert), self.handlings.one(alert_id))
