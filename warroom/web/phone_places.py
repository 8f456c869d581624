"""What a phone is told of places: its volunteer's own in full, all sites in a short list. No names, no counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from warroom.domain.places import PollSite, Precinct
from warroom.domain.volunteers import PlannedShift
from warroom.store import keys
from warroom.store.client import Client
from warroom.store.day import read_roster
from warroom.store.people import PeopleStore


class PhonePlaces:
    """Sites, their precincts and who serves where, indexed once for all phones."""

    def __init__(
        self, sites: Iterable[PollSite], precincts: Iterable[Precinct], shifts: Iterable[PlannedShift],
        most: Mapping[str, int],
    ) -> None:  # fmt: skip
        self._sites = {site.site_id: site for site in sites}
        self._members: dict[str, list[Precinct]] = defaultdict(list)
        for precinct in precincts:
            self._members[precinct.site_id].append(precinct)
        self._shifts: dict[str, list[PlannedShift]] = defaultdict(list)
        for shift in shifts:
            self._shifts[shift.volunteer_id].append(shift)
        self._most = most
        self._lone = {p.precinct_id: p for p in self._members.pop("", [])}  # nobody said where they vote
        everywhere = [self._site(site) for site in self._sites] + [self._precinct(p) for p in self._lone.values()]
        self.sites_json = msgspec.json.encode(everywhere)

    def own(self, volunteer: str) -> list[dict[str, Any]]:
        """Places of a volunteer's shifts, the earliest first, each with its shifts and its precincts."""
        found: dict[str, dict[str, Any]] = {}
        for shift in sorted(self._shifts.get(volunteer, ()), key=lambda s: (s.start_ms, s.site_id)):
            key = shift.site_id or shift.precinct_id
            if shift.site_id in self._sites:
                place = found.setdefault(key, {**self._site(shift.site_id), "shifts": []})
            elif shift.precinct_id in self._lone:
                place = found.setdefault(key, {**self._precinct(self._lone[shift.precinct_id]), "shifts": []})
            else:
                continue
            place["shifts"].append({"start_ms": shift.start_ms, "end_ms": shift.end_ms, "precinct": shift.precinct_id})
        return list(found.values())

    def _site(self, site_id: str) -> dict[str, Any]:
        """One site as a phone knows it, its precincts with it."""
        site, members = self._sites[site_id], self._members[site_id]
        rolls = [p.registered for p in members]
        return {
            "id": site_id,
            "name": site.name or site_id,
            "address": site.address,
            "lat": site.lat,
            "lon": site.lon,
            "most": self._most.get(keys.site_unit(site_id)),
            "roll": None if None in rolls else sum(r or 0 for r in rolls),
            "precincts": [self._counter(p) for p in members],
        }

    def _precinct(self, precinct: Precinct) -> dict[str, Any]:
        """A precinct that votes nobody knows where: a place without a site."""
        counter = self._counter(precinct)
        return {"id": "", "address": "", "lat": precinct.lat, "lon": precinct.lon, "precincts": [counter],
                "name": precinct.name or precinct.precinct_id, "most": counter["most"],
                "roll": counter["roll"]}  # fmt: skip

    def _counter(self, precinct: Precinct) -> dict[str, Any]:
        """`most`: more than this cannot have voted there today; `roll`: registered voters, null where unknown."""
        most = self._most.get(keys.precinct_unit(precinct.precinct_id))
        return {"id": precinct.precinct_id, "name": precinct.name, "most": most, "roll": precinct.registered}


def units_of(places: Iterable[Mapping[str, Any]]) -> list[str]:
    """The counters of some places: the whole site, and each precinct."""
    return [
        unit
        for place in places
        for unit in (
            *([keys.site_unit(place["id"])] if place["id"] else []),
            *(keys.precinct_unit(counter["id"]) for counter in place["precincts"]),
        )
    ]


def read_places(client: Client) -> PhonePlaces:
    """The places of the loaded day. Raises NoDayError."""
    roster = read_roster(client)
    limits = {key.decode(): int(value) for key, value in client.hgetall(keys.Shard(0).limits).items()}
    return PhonePlaces(roster.sites, roster.precincts, PeopleStore(client).shifts(), limits)
