"""What the war room takes from a Voting Information Project feed, whichever form it comes in.

The readers of the two forms (`vip_xml`, `vip_flat`) give records in the names of the flat format; this module
makes places, precincts and hours of them. Specification: https://vip-specification.readthedocs.io.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from warroom.dayimport.coordinates import mend
from warroom.dayimport.findings import Findings, ImportProblem

Record = tuple[str, int | None, dict[str, str]]  # (table of the flat format, line, {column: text})
TABLES = (
    "precinct", "precinct_split", "polling_location", "schedule", "locality", "election",
    "precinct_polling_location", "precinct_split_polling_location",
)  # fmt: skip
_YES = ("true", "yes", "1")


@dataclass(frozen=True)
class Place:
    """A polling location. `drop_box` and `early` as flagged; coordinates already checked."""

    place_id: str
    name: str
    address: str
    lat: float | None
    lon: float | None
    drop_box: bool
    early: bool
    hours_id: str


@dataclass
class Unit:
    """A precinct of the feed, its splits joined to it."""

    key: str
    number: str
    name: str
    external_id: str
    locality_id: str
    mail_only: bool
    place_ids: dict[str, None]  # ordered, without repeats


@dataclass
class VipFeed:
    """The feed's precincts and places. `hours`: {hours id: [(first day, last day, opens, closes)]}."""

    file: str
    date: str = ""
    election_type: str = ""
    name: str = ""
    units: dict[str, Unit] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    localities: dict[str, str] = field(default_factory=dict)
    locality_places: dict[str, list[str]] = field(default_factory=dict)
    hours: dict[str, list[tuple[str, str, time, time]]] = field(default_factory=dict)


def collect(file: str, records: Iterable[Record], timezone: str, findings: Findings) -> VipFeed:
    """Fold records into a feed. Raises ImportProblem where they hold no precinct and no place.

    Each id counts once (a repeat is a fault); what refers to nothing is left out and noted.
    """
    feed = VipFeed(file)
    links: list[tuple[str, str]] = []  # (precinct id, place id) of the old tables that join both
    splits: dict[str, str] = {}  # {split id: precinct id}
    for table, line, row in records:
        if table == "polling_location":
            _place(feed, line, row, timezone, findings)
        elif table == "precinct":
            _unit(feed, line, row, findings)
        elif table == "schedule":
            _schedule(feed, line, row, findings)
        elif table == "locality":
            feed.localities[row.get("id", "")] = row.get("name", "")
            feed.locality_places[row.get("id", "")] = row.get("polling_location_ids", "").split()
        elif table == "election":
            feed.date, feed.election_type = _day(row.get("date", "")), row.get("election_type", "")
            feed.name = row.get("name", "")
        elif table == "precinct_split":
            splits[row.get("id", "")] = row.get("precinct_id", "")
        elif table == "precinct_polling_location":
            links.append((row.get("precinct_id", ""), row.get("polling_location_id", "")))
        elif table == "precinct_split_polling_location":
            links.append((row.get("precinct_split_id", ""), row.get("polling_location_id", "")))
    for unit_id, place_id in links:
        unit = feed.units.get(splits.get(unit_id, unit_id))
        if unit is None or place_id not in feed.places:
            findings.note(file, "links that name an unknown precinct or polling location", f"{unit_id} to {place_id}")
        else:
            unit.place_ids[place_id] = None
    if not feed.units and not feed.places:
        found, expected = "no Precinct and no PollingLocation", "a VIP 5 or 6 feed"
        raise ImportProblem(file, found, expected, "Check that it is the whole feed.")
    return feed


def _place(feed: VipFeed, line: int | None, row: dict[str, str], timezone: str, findings: Findings) -> None:
    place_id = row.get("id", "")
    if not _new_id(feed.places, "PollingLocation", place_id, feed.file, line, findings):
        return
    at = mend(row.get("latitude", ""), row.get("longitude", ""), timezone)
    if at.said:
        given = f"{place_id}: {row.get('latitude', '')}, {row.get('longitude', '')}"
        findings.note(feed.file, at.said, given)
    prefix = "structured_" if row.get("structured_line_1") else "address_"
    parts = [row.get(prefix + part, "") for part in ("line_1", "line_2", "line_3", "line1", "line2", "line3", "city")]
    state_zip = f"{row.get(prefix + 'state', '')} {row.get(prefix + 'zip', '')}".strip()
    structured = ", ".join(part for part in [*parts, state_zip] if part)
    names = (row.get(column, "") for column in ("name", "structured_location_name", "address_location_name"))
    feed.places[place_id] = Place(
        place_id, next(filter(None, names), ""),
        re.sub(r"\s+", " ", row.get("address_line", "") or structured), at.lat, at.lon,
        row.get("is_drop_box", "").lower() in _YES, row.get("is_early_voting", "").lower() in _YES,
        row.get("hours_open_id", ""),
    )  # fmt: skip


def _unit(feed: VipFeed, line: int | None, row: dict[str, str], findings: Findings) -> None:
    key = row.get("id", "")
    if _new_id(feed.units, "Precinct", key, feed.file, line, findings):
        feed.units[key] = Unit(
            key, row.get("number", ""), row.get("name", ""), row.get("external_identifier_value", ""),
            row.get("locality_id", ""), (row.get("is_mail_only") or row.get("mail_only", "")).lower() in _YES,
            dict.fromkeys(row.get("polling_location_ids", "").split()),
        )  # fmt: skip


def _new_id(seen: dict, what: str, key: str, file: str, line: int | None, findings: Findings) -> bool:  # type: ignore[type-arg]
    if not key or key in seen:
        found = f"{what} {key!r}, seen before" if key else f"a {what} without an id"
        findings.fault(file, line, "id", found, "each id once", "The first one counts; give the other its own id.")
        return False
    return True


def _schedule(feed: VipFeed, line: int | None, row: dict[str, str], findings: Findings) -> None:
    """Hours as wall-clock times: the offset is dropped, since feeds get it wrong and the wall clock right."""
    try:
        opens, closes = (time.fromisoformat(row.get(name, "")[:8]) for name in ("start_time", "end_time"))
    except ValueError:
        found = f"{row.get('start_time', '')!r} to {row.get('end_time', '')!r}"
        findings.fault(feed.file, line, "start_time", found, "times such as 06:00:00-05:00", "Hours are not used.")
        return
    days = []
    for name in ("start_date", "end_date"):
        given = row.get(name, "").strip()
        days.append(_day(given))
        if given and not days[-1]:
            findings.fault(feed.file, line, name, repr(given), "a date such as 2026-11-03", "Hours are not used.")
            return
    span = (days[0], days[1], opens, closes)
    feed.hours.setdefault(row.get("hours_open_id", ""), []).append(span)


def _day(text: str) -> str:
    """YYYY-MM-DD of an ISO date or of the MM/DD/YYYY that feeds also hold, a time behind it cut; else ''."""
    text = re.split("[T ]", text.strip(), maxsplit=1)[0]
    for form, length in (("%Y-%m-%d", 10), ("%m/%d/%Y", None), ("%m-%d-%Y", None)):
        try:
            return datetime.strptime(text[:length], form).date().isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    return ""


def usual_hours(feed: VipFeed, day: date) -> tuple[time, time] | None:
    """The hours that most places which are no drop box keep on the day; None where the feed does not say."""
    counted: Counter[tuple[time, time]] = Counter()
    for place in feed.places.values():
        if not place.drop_box:
            for first, last, opens, closes in feed.hours.get(place.hours_id, []):
                if first <= day.isoformat() <= last and opens < closes:
                    counted[opens, closes] += 1
    return counted.most_common(1)[0][0] if counted else None
