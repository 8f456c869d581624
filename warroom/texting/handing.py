"""A request as it is handed over to a program whose own people send it."""

from collections.abc import Sequence

from warroom.domain.election import ElectionDay
from warroom.domain.texts import TextCase
from warroom.texting.senders.base import Batch, Outgoing


def batch_of(case: TextCase, messages: Sequence[Outgoing], day: ElectionDay) -> Batch:
    """All its messages, with what the people there should know. The title begins with what makes it one of a kind."""
    request = case.request
    return Batch(
        key=request.id, title=f"{request.id}: {request.place or request.region} ({day.date:%b %-d})",
        why=request.reason, closes=day.closes_at.isoformat(), messages=messages,
    )  # fmt: skip
