"""How the sender does, as its worker says it and the console shows it."""

import msgspec

from warroom.store import keys
from warroom.store.client import Client


class SenderState(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: works, rests (after failures in a row) or tries (with one message). Times: epoch ms, wall clock.

    `reason` names no person and no address. `waits` is {request: messages that wait for the hour where people live}.
    """

    state: str
    at_ms: int
    until_ms: int = 0
    failures: int = 0
    reason: str = ""
    waits: dict[str, int] = {}


def put_sender_state(client: Client, state: SenderState) -> None:
    """Say how the sender does."""
    client.set(keys.TEXT_SENDER, msgspec.json.encode(state))


def read_sender_state(client: Client) -> SenderState | None:
    """What the worker said last; None where none has run."""
    raw = client.get(keys.TEXT_SENDER)
    return msgspec.json.decode(raw, type=SenderState) if raw else None
