"""A request as it is handed over to a program whose own people send it."""

from collections.abc import Sequence

from warroom.domain.election import ElectionDay
from warroom.domain.texts import TextCase
from warroom.texting.senders.base import Batch, Outgoing


def batch_of(case: TextCase, messages: Sequence[Outgoing], day: ElectionDay, handed: int = 0) -> Batch:
    """These messages, with what the people there should know. The title begins with what makes it one of a kind.

    `handed`: how many of the request were handed over before, to people whose hour came earlier.
    """
    request = case.request
    key = f"{request.id}+{handed}" if handed else request.id
    return Batch(
        key=key, title=f"{key}: {request.place or request.region} ({day.date:%b %-d})",
        why=request.reason, closes=day.closes_at.isoformat(), messages=messages,
    )  # fmt: skip
