"""One message just before it goes: whether a guard keeps it back, and its words for this person."""

import logging
from collections.abc import Collection

from warroom.domain.texts import TextCase
from warroom.store.client import Client
from warroom.store.day import DayClock, read_day, read_roster
from warroom.store.outbox import Queued
from warroom.store.wire import epoch_ms
from warroom.texting.contacts import ContactStore
from warroom.texting.guards import Guard, Recipient, hour_comes_ms, person_guard, wording
from warroom.texting.propose import Places
from warroom.texting.rules import Texting
from warroom.texting.senders.base import Outgoing
from warroom.texting.templates import places_of, render
from warroom.texting.vault import VaultError

logger = logging.getLogger(__name__)


class Ready:
    """Guards and words, on the loaded day."""

    def __init__(self, client: Client, texting: Texting, contacts: ContactStore) -> None:
        self._texting, self._contacts = texting, contacts
        self.day = read_day(client)
        self._closes_ms = epoch_ms(self.day.closes_at)
        self._clock = DayClock(client)
        roster = read_roster(client)
        self.at = Places(roster.precincts)
        self._places = places_of(roster, self.day)

    def guard(
        self, case: TextCase, message: Queued, variant: str, over: Collection[str], site_stopped: Collection[str]
    ) -> Guard | None:
        """What keeps this message from this person now.

        `over` are alerts that are closed, `site_stopped` precincts whose poll site takes no voters.
        """
        if message.held_out:
            return "held_out"
        texts = next((v.texts for v in case.request.variants if v.name == variant), {})
        is_over = case.request.when == "open" and case.request.alert in over
        recovered = case.request.audience.precincts if is_over else ()
        if message.precinct not in self._places or not self._places[message.precinct].site_name:
            return "no_place"
        person = Recipient(
            precinct=message.precinct, language=message.language, timezone=message.timezone,
            opted_out=self._contacts.opted_out(message.digest), texts_had=self._contacts.had(message.digest),
        )  # fmt: skip
        now_ms, limits = self.now_ms(), self._texting.limits
        return person_guard(person, now_ms, self._closes_ms, limits, texts, recovered, self.day.timezone, site_stopped)

    def hour_ms(self, message: Queued) -> int | None:
        """When it is an hour to text this person at, if that comes in time to vote; epoch ms of the day's clock."""
        zone = message.timezone or self.day.timezone
        return hour_comes_ms(self.now_ms(), zone, self._closes_ms, self._texting.limits)

    def now_ms(self) -> int:
        """The day's clock, epoch ms."""
        return epoch_ms(self._clock.now())

    def write(self, case: TextCase, message: Queued, variant: str) -> Outgoing | None:
        """The message for this person; None where the list no longer has them, or cannot be opened."""
        try:
            person = self._contacts.reach(message.ref)
        except VaultError as error:
            logger.error("texting: %s", error)
            return None
        if person is None:
            return None
        texts = next(v.texts for v in case.request.variants if v.name == variant)
        place = self._places[message.precinct]
        text = render(wording(texts, message.language), self._texting.campaign.name, place, person.first_name)
        return Outgoing(
            key=f"{case.request.id}:{message.ref}", to=person.phone, text=text, person=person.contact_id,
            first_name=person.first_name,
        )  # fmt: skip
