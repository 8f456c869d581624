"""All that the store holds about one person of the list, for that person."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from warroom.domain.texts import TextCase, TextStep
from warroom.store.client import Client
from warroom.store.outbox import Held, Outbox
from warroom.store.texts import TextStore
from warroom.texting.contacts import ContactStore
from warroom.texting.guards import wording

NOT_KEPT = "not kept: only that they answered, or said STOP, is in `state`"


def held_about(client: Client, contacts: ContactStore, contact_id: str, zone: str) -> dict[str, Any] | None:
    """The person, and every request that they were queued for; None where the list does not have them.

    A message has no time of its own in the store: the times are those of its request, in `zone`. Raises VaultError.
    """
    person = contacts.export(contact_id)
    if person is None:
        return None
    outbox, ref = Outbox(client), contacts.digests.ref(contact_id)
    cases = sorted(TextStore(client).cases(), key=lambda case: (case.request.proposed_ms, case.request.id))
    held = outbox.of_person(ref, [case.request.id for case in cases])
    return person | {
        "requests": [_row(case, held[case.request.id], person["language"], zone) for case in cases
                     if case.request.id in held],
        "replies": NOT_KEPT,
    }  # fmt: skip


def _row(case: TextCase, held: Held, language: str, zone: str) -> dict[str, Any]:
    request = case.request
    texts = next((v.texts for v in request.variants if v.name == held.variant), {})

    def at(what: TextStep) -> str | None:
        return next((_time(d.at_ms, zone) for d in reversed(case.history) if d.what == what), None)

    return {
        "request": request.id, "place": request.place, "why": request.reason, "status": case.status,
        "state": held.state, "variant": held.variant or None, "wording": wording(texts, language) or None,
        "proposed_at": _time(request.proposed_ms, zone), "approved_at": at("approve"), "began_at": at("start"),
        "finished_at": at("finish"), "provider_ids": list(held.provider_ids),
    }  # fmt: skip


def _time(at_ms: int, zone: str) -> str:
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).isoformat(timespec="seconds")
