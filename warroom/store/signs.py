"""Signs of life before the day: what volunteers' phones and logins have sent, from the events in the store."""

from collections.abc import Collection

from warroom.domain.readiness import Sign
from warroom.store.client import Client
from warroom.store.codes import senders
from warroom.store.events import sources_before


def signs_before(client: Client, everyone: Collection[str], before_ms: int) -> list[Sign]:
    """Logins and test reports of these volunteers observed before a moment (epoch ms). Raises NoDayError."""
    phones = senders(client)
    return [
        sign
        for source, volunteer, at_ms in sources_before(client, before_ms)
        for sign in (Sign(volunteer, at_ms, True), Sign(phones.get(source, source), at_ms, False))
        if sign.volunteer_id in everyone
    ]
