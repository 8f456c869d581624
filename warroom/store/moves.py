"""Suggested moves in the store, and those that people refused."""

from typing import Any

import msgspec

from warroom.store import keys
from warroom.store.client import Client
from warroom.store.handling import KEEP_DECISIONS


class Refused(msgspec.Struct, frozen=True):
    """A move that somebody would not make, why, and when (epoch ms, day's clock)."""

    volunteer: str
    precinct: str
    by: str
    reason: str
    at_ms: int


class MovesStore:
    """The newest plan, and every refusal of the day."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def put(self, plan: bytes) -> None:
        """Publish a plan, JSON with ids only."""
        self._client.set(keys.MOVES, plan)

    def plan(self) -> dict[str, Any] | None:
        """The newest plan; None before the first."""
        raw = self._client.get(keys.MOVES)
        found: dict[str, Any] | None = msgspec.json.decode(raw) if raw is not None else None
        return found

    def refuse(self, refused: Refused) -> None:
        """Keep a refusal with its reason: this pair is not suggested again today."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(keys.REFUSED, f"{refused.volunteer}\x1f{refused.precinct}", msgspec.json.encode(refused))
            pipe.xadd(
                keys.DECISIONS,
                {"what": "refuse_move", "by": refused.by, "volunteer": refused.volunteer,
                 "precinct": refused.precinct, "reason": refused.reason, "at_ms": refused.at_ms},
                maxlen=KEEP_DECISIONS, approximate=True,
            )  # fmt: skip
            pipe.execute()

    def refused(self) -> list[Refused]:
        """Every refusal of the day."""
        found = [msgspec.json.decode(raw, type=Refused) for raw in self._client.hvals(keys.REFUSED)]
        return sorted(found, key=lambda r: (r.at_ms, r.volunteer, r.precinct))
