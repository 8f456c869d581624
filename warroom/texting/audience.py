"""Who of the list a request is for, and who of them is left out by lot."""

from collections.abc import Iterator

from warroom.domain.texts import TextCase
from warroom.store.outbox import Queued
from warroom.texting.contacts import ContactStore
from warroom.texting.effect import saturation


def queue_of(case: TextCase, contacts: ContactStore) -> Iterator[Queued]:
    """One message for everyone of the audience; its wording is chosen when it is begun."""
    audience = case.request.audience
    for listed, person in contacts.recipients(audience.precincts):
        if audience.bands and person.band not in audience.bands:
            continue
        if audience.languages and person.language not in audience.languages:
            continue
        out = is_held_out(case, contacts, person.precinct, listed.ref)
        yield Queued(listed.ref, listed.digest, person.precinct, person.language, "", person.timezone, out)


def is_held_out(case: TextCase, contacts: ContactStore, precinct: str, ref: str) -> bool:
    """By lot, on two levels: see warroom/texting/effect.py. The same again after a restart."""
    lot = contacts.vault.draw
    share = saturation(lot(case.request.id, "precinct", precinct), case.request.hold_out_share)
    return lot(case.request.id, "person", ref) < share
