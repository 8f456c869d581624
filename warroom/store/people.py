"""Volunteers, their shifts and, apart from both, their names and numbers."""

from collections.abc import Iterable, Mapping

import msgspec

from warroom.domain.volunteers import Contact, PlannedShift, Volunteer
from warroom.store import keys
from warroom.store.client import Client, as_text


class PeopleStore:
    """Who can be sent somewhere. `contacts` is the only way to a name, and only the director's page asks."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def put(
        self, volunteers: Iterable[Volunteer], contacts: Mapping[str, Contact], shifts: Iterable[PlannedShift]
    ) -> None:
        """Replace everybody at once: who is no longer in the day folder is forgotten here too."""
        can = {v.volunteer_id: msgspec.json.encode(v) for v in volunteers}
        told = {volunteer_id: msgspec.json.encode(contact) for volunteer_id, contact in contacts.items()}
        with self._client.pipeline(transaction=True) as pipe:
            pipe.delete(keys.VOLUNTEERS, keys.PEOPLE)
            if can:
                pipe.hset(keys.VOLUNTEERS, mapping=can)
            if told:
                pipe.hset(keys.PEOPLE, mapping=told)
            pipe.set(keys.SHIFTS, msgspec.json.encode(list(shifts)))
            pipe.execute()

    def volunteers(self) -> dict[str, Volunteer]:
        """{volunteer id: what they can do}, without names."""
        rows = self._client.hgetall(keys.VOLUNTEERS)
        return {as_text(key): msgspec.json.decode(raw, type=Volunteer) for key, raw in rows.items()}

    def volunteer(self, volunteer_id: str) -> Volunteer | None:
        """What one of them can do, without a name; None where there is no such volunteer."""
        raw = self._client.hget(keys.VOLUNTEERS, volunteer_id)
        return msgspec.json.decode(raw, type=Volunteer) if raw is not None else None

    def shifts(self) -> list[PlannedShift]:
        """Every planned shift of the day."""
        raw = self._client.get(keys.SHIFTS)
        return msgspec.json.decode(raw, type=list[PlannedShift]) if raw is not None else []

    def contacts(self) -> dict[str, Contact]:
        """{volunteer id: name and number}. For directors only."""
        rows = self._client.hgetall(keys.PEOPLE)
        return {as_text(key): msgspec.json.decode(raw, type=Contact) for key, raw in rows.items()}

    def put_coverage(self, coverage: bytes) -> None:
        """Publish the coverage table, JSON without names."""
        self._client.set(keys.COVERAGE, coverage)

    def coverage(self) -> bytes | None:
        """The newest coverage table; None before the first pass of the watch."""
        held: bytes | None = self._client.get(keys.COVERAGE)
        return held

    def put_incidents(self, incidents: bytes) -> None:
        """Publish the grouped incidents, JSON."""
        self._client.set(keys.INCIDENTS, incidents)

    def incidents(self) -> bytes | None:
        """The grouped incidents; None before the first pass of the watch."""
        held: bytes | None = self._client.get(keys.INCIDENTS)
        return held
