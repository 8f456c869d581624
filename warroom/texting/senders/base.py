"""What every sender is: takes one message, says what became of it. It never sends one message twice."""

from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

import msgspec

# unknown: the provider may have taken it (the answer was lost). It is never sent again by itself.
Outcome = Literal["sent", "delivered", "failed", "unknown", "later"]


class SenderError(Exception):
    """A sender that cannot be opened; the text says what to set."""


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `key` is the same for the same message for ever: request and person.

    `person` is the campaign's own id and `first_name` their name, for a sender that hands people over.
    """

    key: str
    to: str
    text: str
    person: str = ""
    first_name: str = ""

    def __repr__(self) -> str:
        return f"Outgoing({self.key})"  # no number, no words of a message in a log


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. `later`: certainly not taken, ask again after `retry_after_s` (0: as you see fit).

    `reason` names no person. `trouble`: the provider is not well, or not set up right; after some of these in
    a row the sender rests (see warroom/texting/breaker.py). `opted_out`: the provider knows that this person
    said STOP.
    """

    outcome: Outcome
    provider_id: str = ""
    reason: str = ""
    retry_after_s: float = 0.0
    trouble: bool = False
    opted_out: bool = False


class Sender(Protocol):
    """A way out. `name` stands on screen."""

    name: str

    async def send(self, message: Outgoing) -> Receipt:
        """Send one message. Raises nothing: what goes wrong is a receipt."""

    async def close(self) -> None:
        """Give connections back."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A whole request, for a sender whose own people send it. `closes` is when polls close, ISO 8601."""

    key: str
    title: str
    why: str
    closes: str
    messages: Sequence[Outgoing]

    def __repr__(self) -> str:
        return f"Batch({self.key}, {len(self.messages)})"


@runtime_checkable
class HandsOver(Protocol):
    """A sender that takes a request as a whole instead of one message after the other."""

    async def hand_over(self, batch: Batch) -> Receipt:
        """Hand over all of it or none. Raises nothing; `later` where none of it was taken."""
