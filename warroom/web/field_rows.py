"""What the field page is told: alerts as rows, ranked, with what people have done about each."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from warroom.domain.alarms import Group, groups, raised_ms, scorecard
from warroom.domain.alerts import Alert, feed_place, urgency
from warroom.domain.handling import (
    HELD,
    Handling,
    Shelf,
    as_handled,
    escalated,
    put_away,
    steps_from,
    worse_since,
)
from warroom.store.day import Roster
from warroom.store.wire import epoch_ms

KEEP_CLOSED_MS = 15 * 60_000  # the owner of an alert that closed by itself still sees it so long
AT_WORK_MS = 120 * 60_000
MOST_EARLIER = 20
MOST_MEMBERS = 300
Row = dict[str, Any]


class Places:
    """Names of precincts and sites, and who votes where."""

    def __init__(self, roster: Roster) -> None:
        self._precincts = {p.precinct_id: p.name or p.precinct_id for p in roster.precincts}
        self._sites = {s.site_id: s.name or s.site_id for s in roster.sites}
        self._region: dict[str, str] = {}
        self._at_site: dict[str, list[str]] = {}
        self._in_region: dict[str, list[str]] = {}
        for precinct in roster.precincts:
            self._region[precinct.precinct_id] = precinct.region
            self._at_site.setdefault(precinct.site_id, []).append(precinct.precinct_id)
            self._in_region.setdefault(precinct.region, []).append(precinct.precinct_id)

    def site(self, site_id: str | None) -> str:
        """Name of a site, '' where there is none."""
        return self._sites.get(site_id or "", site_id or "")

    def knows_site(self, site_id: str) -> bool:
        """Whether the day has this site."""
        return site_id in self._sites or (site_id != "" and site_id in self._at_site)

    def regions_of_site(self, site_id: str) -> set[str]:
        """The regions whose voters go to a site; empty where that is not known."""
        return {self._region[precinct_id] for precinct_id in self._at_site.get(site_id, [])}

    def regions(self, alert: Alert) -> set[str]:
        """The regions that an alert is about; empty where that is not known."""
        if alert.precinct is not None:
            return {self._region[alert.precinct]} if alert.precinct in self._region else set()
        return self.regions_of_site(alert.site) if alert.site else {alert.region} - {""}

    def of(self, alert: Alert) -> str:
        """Name of an alert's place."""
        if alert.precinct is not None:
            return self._precincts.get(alert.precinct, alert.precinct)
        return self.site(alert.site) or alert.region or feed_place(alert)

    def members(self, alert: Alert) -> list[dict[str, str]]:
        """The precincts that an alert is about, id and name, at most 300."""
        return [{"id": pid, "name": self._precincts.get(pid, pid)} for pid in self._about(alert)[:MOST_MEMBERS]]

    def includes(self, alert: Alert, precinct_id: str) -> bool:
        """Whether an alert is about this precinct."""
        return precinct_id in self._about(alert)

    def _about(self, alert: Alert) -> list[str]:
        if feed_place(alert):
            return []
        if alert.precinct:
            return [alert.precinct]
        return self._at_site.get(alert.site, []) if alert.site else self._in_region.get(alert.region, [])


class Desk(msgspec.Struct, frozen=True):
    """All that a look at the alerts needs, read at one moment."""

    alerts: list[Alert]
    handlings: dict[str, Handling]
    shelves: dict[str, Shelf]
    now_ms: int

    def handling(self, alert: Alert) -> Handling:
        """The alert's handling, version 0 where nobody touched it."""
        return self.handlings.get(alert.id) or Handling(alert=alert.id)

    def state(self, alert: Alert) -> str:
        """One word for the row: escalated, shelved, closed_itself, worse, or the status of the handling."""
        handling = self.handling(alert)
        status = handling.stage.status
        if alert.status == "closed":
            return status if status in ("resolved", "dismissed") else "closed_itself"
        if alert.site in self.shelves:
            return "shelved"
        if escalated(handling, self.now_ms):
            return "escalated"
        return "worse" if worse_since(alert, handling) else status

    def asks(self, alert: Alert) -> bool:
        """Whether an alert asks for somebody's action now."""
        return (
            alert.status != "closed"
            and alert.site not in self.shelves
            and not put_away(alert, self.handlings.get(alert.id))
        )

    def on_list(self, alert: Alert) -> bool:
        """Whether an alert belongs on the list of work: it asks, or it just closed under its owner."""
        if self.asks(alert):
            return True
        held = self.handling(alert).stage.status in HELD
        closed_ms = raised_ms(alert) if alert.closed_at is None else epoch_ms(alert.closed_at)
        return alert.status == "closed" and held and self.now_ms - closed_ms < KEEP_CLOSED_MS

    def ranked(self, alerts: Iterable[Alert]) -> list[Alert]:
        """Escalated first, then as on the wall; those that ask for nothing last."""

        def rank(alert: Alert) -> tuple[Any, ...]:
            return (not self.asks(alert), self.state(alert) != "escalated", *urgency(alert))

        return sorted(alerts, key=rank)


def row(desk: Desk, places: Places, alert: Alert) -> Row:
    """An alert with its place in words and its handling; times in epoch ms beside the ISO ones."""
    handling = desk.handling(alert)
    shelf = desk.shelves.get(alert.site or "")
    shown: Row = msgspec.to_builtins(as_handled(alert, handling))
    return {
        **shown,
        "place": places.of(alert),
        "site_name": places.site(alert.site),
        "raised_ms": raised_ms(alert),
        "closed_ms": None if alert.closed_at is None else epoch_ms(alert.closed_at),
        "state": desk.state(alert),
        "asks": desk.asks(alert),
        "shelved_until_ms": None if shelf is None else shelf.until_ms,
        "handling": handling_row(handling, desk.now_ms, closed=alert.status == "closed"),
    }


def handling_row(handling: Handling, now_ms: int, *, closed: bool = False) -> Row:
    """A handling without its history. `closed`: the model has closed the alert."""
    return {
        **msgspec.to_builtins(handling.stage),
        "version": handling.version,
        "escalated": escalated(handling, now_ms),
        "steps": steps_from(handling, closed=closed),
        "last": msgspec.to_builtins(handling.history[-1].decision) if handling.history else None,
    }


def told(handling: Handling) -> list[Row]:
    """The history, newest first."""
    return [msgspec.to_builtins(step.decision) for step in reversed(handling.history)]


def earlier(desk: Desk, places: Places, alert: Alert) -> list[Row]:
    """Other alerts of the same precinct or site, newest first, at most 20."""

    def same(other: Alert) -> bool:
        here = alert.precinct is not None and other.precinct == alert.precinct
        return other.id != alert.id and (here or (alert.site is not None and other.site == alert.site))

    found = sorted(filter(same, desk.alerts), key=raised_ms, reverse=True)[:MOST_EARLIER]
    return [row(desk, places, other) for other in found]


def group_rows(found: Iterable[Group], places: Places) -> list[Row]:
    """Groups with the name of their site."""
    return [{**msgspec.to_builtins(group), "site_name": places.site(group.site)} for group in found]


def alarms(desk: Desk, places: Places, people: int) -> Row:
    """The live scorecard; in a flood also the groups of what nobody has taken yet."""
    asking = desk.ranked(filter(desk.asks, desk.alerts))
    unowned = [alert for alert in asking if desk.handling(alert).stage.status not in HELD]
    loud = [alert for alert in desk.alerts if alert.site not in desk.shelves]
    card = scorecard(loud, asking, people, desk.now_ms)
    return {
        **msgspec.to_builtins(card),
        "asking": len(asking),
        "unowned": len(unowned),
        "escalated": sum(desk.state(alert) == "escalated" for alert in asking),
        "shelved": shelf_rows(desk, places),
        "groups": group_rows(groups(unowned), places) if card.flood else [],
    }


def shelf_rows(desk: Desk, places: Places) -> list[Row]:
    """Shelved sites, the next to come back first, each with the number of alerts behind it."""
    behind: Mapping[str, int] = {
        site: sum(alert.site == site and alert.status != "closed" for alert in desk.alerts) for site in desk.shelves
    }
    return [
        {**msgspec.to_builtins(shelf), "name": places.site(shelf.site), "alerts": behind[shelf.site]}
        for shelf in sorted(desk.shelves.values(), key=lambda shelf: shelf.until_ms)
    ]
