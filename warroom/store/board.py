"""The board in the store: what every screen shows, its deltas, and what people decided about it."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from warroom.domain.alerts import Alert
from warroom.store import keys
from warroom.store.client import Client, as_text

KEEP_DELTAS = 2_000
KEEP_DECISIONS = 100_000


class AlreadyOwned(Exception):
    """Somebody else has this alert; `owner` says who."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"{owner} has this alert")
        self.owner = owner


class Ownership(msgspec.Struct, frozen=True):
    """Who acknowledged an alert, and when (epoch ms, day's clock)."""

    owner: str
    at_ms: int


class BoardStore:
    """Snapshot and deltas of the board, alerts, and their owners."""

    def __init__(self, client: Client) -> None:
        self._client = client

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
        owners = self.owners()
        found = []
        for raw in self._client.hvals(keys.ALERTS):
            alert = msgspec.json.decode(raw, type=Alert)
            found.append(with_owner(alert, owners.get(alert.id)))
        return sorted(found, key=lambda a: (a.raised_at, a.id), reverse=True)

    def acknowledge(self, alert_id: str, owner: str, at: datetime) -> Ownership:
        """Give an open alert to `owner`; of two people at once the first has it.

        Raises KeyError for an unknown alert, AlreadyOwned where somebody else has it.
        """
        if not self._client.hexists(keys.ALERTS, alert_id):
            raise KeyError(alert_id)
        mine = Ownership(owner=owner, at_ms=round(at.timestamp() * 1000))
        if not self._client.hsetnx(keys.OWNERS, alert_id, msgspec.json.encode(mine)):
            held = msgspec.json.decode(self._client.hget(keys.OWNERS, alert_id) or b"{}", type=Ownership)
            if held.owner != owner:
                raise AlreadyOwned(held.owner)
            return held
        self._client.xadd(
            keys.DECISIONS,
            {"what": "acknowledge", "alert": alert_id, "by": owner, "at_ms": mine.at_ms},
            maxlen=KEEP_DECISIONS, approximate=True,
        )  # fmt: skip
        return mine

    def owners(self) -> dict[str, Ownership]:
        """{alert id: who has it}."""
        return {
            as_text(alert_id): msgspec.json.decode(raw, type=Ownership)
            for alert_id, raw in self._client.hgetall(keys.OWNERS).items()
        }


def with_owner(alert: Alert, ownership: Ownership | None) -> Alert:
    """The alert as its owner sees it."""
    if ownership is None:
        return alert
    return msgspec.structs.replace(
        alert,
        owner=ownership.owner,
        acknowledged_at=datetime.fromtimestamp(ownership.at_ms / 1000, UTC),
        status="acknowledged" if alert.status == "open" else alert.status,
    )
