"""What every sender is: takes one message, says what became of it. It never sends one message twice."""

from typing import Literal, Protocol

import msgspec

# unknown: the provider may have taken it (the answer was lost). It is never sent again by itself.
Outcome = Literal["sent", "delivered", "failed", "unknown", "later"]


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `key` is the same for the same message for ever: request and person."""

    key: str
    to: str
    text: str

    def __repr__(self) -> str:
        return f"Outgoing({self.key})"  # no number, no words of a message in a log


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. `later`: not taken, ask again after `retry_after_s`; `reason` names no person."""

    outcome: Outcome
    provider_id: str = ""
    reason: str = ""
    retry_after_s: float = 0.0


class Sender(Protocol):
    """A way out. `name` stands on screen."""

    name: str

    async def send(self, message: Outgoing) -> Receipt:
        """Send one message. Raises nothing: what goes wrong is a receipt."""

    async def close(self) -> None:
        """Give connections back."""
