"""Alerts of places that are not in the day any more: the day can be loaded again on the day. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import msgspec

from warroom.domain.alerts import Alert
from warroom.store.day import Roster

TURNOUT = frozenset({"low_turnout", "stoppage", "slowdown", "silent", "suspect_report"})


@dataclass(frozen=True)
class KnownPlaces:
    """Ids of the day's precincts, of the sites that somebody votes at, of every site; names of its regions."""

    precincts: Collection[str]
    voted_at: Collection[str]
    sites: Collection[str]
    regions: Collection[str]

    def know(self, alert: Alert) -> bool:
        """Whether the place of an alert is in the day. Turnout is judged only at a site where somebody votes."""
        if alert.feed or alert.source:
            return True
        if alert.precinct is not None:
            return alert.precinct in self.precincts
        if alert.site is not None:
            return alert.site in (self.voted_at if alert.kind in TURNOUT else self.sites)
        return alert.kind not in TURNOUT or alert.region in self.regions  # a gap of coverage may be of all regions


def known_places(roster: Roster) -> KnownPlaces:
    """The places of a loaded day."""
    voted_at = {p.site_id for p in roster.precincts} - {""}
    return KnownPlaces(
        precincts={p.precinct_id for p in roster.precincts}, voted_at=voted_at,
        sites=voted_at | {s.site_id for s in roster.sites}, regions={p.region for p in roster.precincts},
    )  # fmt: skip


def close_gone(alert: Alert, places: KnownPlaces, moment: datetime) -> Alert:
    """The alert as it is; closed, with the reason, where it is open and its place is no longer in the day."""
    if alert.status == "closed" or places.know(alert):
        return alert
    kind = "precinct" if alert.precinct is not None else "poll site" if alert.site is not None else "region"
    reason = f"Closed: this {kind} is no longer in the day's roster. It was: {alert.reason}"
    return msgspec.structs.replace(alert, status="closed", closed_at=moment, updated_at=moment, reason=reason)
