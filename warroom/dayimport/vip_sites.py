"""Where each precinct of a VIP feed votes on the day itself, and how well the feed says so."""

from datetime import date

import msgspec

from warroom.dayimport.findings import Findings
from warroom.dayimport.rolls import Site
from warroom.dayimport.vip import Place, VipFeed


class VipFigures(msgspec.Struct):
    """Counts of a feed. A share is of the precincts that vote in person."""

    precincts: int
    mail_only: int
    polling_locations: int
    election_day_locations: int
    with_location: int
    with_location_share: float
    with_coordinates: int
    with_coordinates_share: float


def day_sites(feed: VipFeed, day: date | None, findings: Findings) -> tuple[dict[str, Site | None], VipFigures]:
    """{precinct key: its site of the day, None where the feed names none}, and the figures.

    A drop box is no poll site; an early-voting location is one only where its hours include the day and the
    precinct has no other. Of several the first with coordinates is taken.
    """
    chosen: dict[str, Site | None] = {}
    for unit in feed.units.values():
        if unit.mail_only:
            findings.note(feed.file, "precincts that vote by mail only, left out", unit.number or unit.key)
            continue
        places = [feed.places[name] for name in unit.place_ids if name in feed.places]
        lost = [name for name in unit.place_ids if name not in feed.places]
        for name in lost:
            findings.note(feed.file, "polling locations that a precinct names and the feed lacks", name)
        open_places = [place for place in places if not place.early and not place.drop_box] or [
            place for place in places if not place.drop_box and _open_on(feed, place, day)
        ]
        if len(open_places) > 1:
            what = "precincts with several election-day locations; the first with coordinates is taken"
            findings.note(feed.file, what, unit.number or unit.key)
        best = min(open_places, key=lambda place: place.lat is None, default=None)
        chosen[unit.key] = site_of(best) if best else None
    return chosen, _figures(feed, chosen, findings)


def site_of(place: Place) -> Site:
    """The place as a poll site."""
    return Site(place.place_id, place.name, place.address, place.lat, place.lon)


def _open_on(feed: VipFeed, place: Place, day: date | None) -> bool:
    spans = feed.hours.get(place.hours_id, [])
    return day is not None and any(first <= day.isoformat() <= last for first, last, _, _ in spans)


def _figures(feed: VipFeed, chosen: dict[str, Site | None], findings: Findings) -> VipFigures:
    located = [site for site in chosen.values() if site is not None]
    placed = [site for site in located if site.lat is not None]
    if chosen and not located and any(feed.locality_places.values()):
        n_places = sum(map(len, feed.locality_places.values()))
        what = f"no precinct names a polling location; its localities list {n_places:,} (voters may use any of them)"
        findings.note(feed.file, what, remedy="Give --sites to say which precinct is watched where.")
    n = max(len(chosen), 1)
    return VipFigures(
        len(feed.units), len(feed.units) - len(chosen), len(feed.places),
        sum(1 for place in feed.places.values() if not place.early and not place.drop_box),
        len(located), round(len(located) / n, 4), len(placed), round(len(placed) / n, 4),
    )  # fmt: skip
