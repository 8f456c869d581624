"""What reporters wrote of an incident: it may name somebody, so only those who may decide there read it."""

from typing import Any

import msgspec

from warroom.access.roles import Who
from warroom.domain.alarms import raised_ms
from warroom.domain.alerts import Alert
from warroom.store.people import PeopleStore

OWN_WORDS = ("text", "reported")  # of a row of /api/v1/incidents
Row = dict[str, Any]


def readable(held: bytes, who: Who) -> list[Row]:
    """The rows of the incidents; without the reporters' own words where this person may not decide."""
    return [row if _may_read(row, who) else _plain(row) for row in msgspec.json.decode(held, type=list[Row])]


def words_of(alert: Alert, people: PeopleStore, who: Who) -> Row | None:
    """What was written about an alert's incident: `text` (newest) and `reported` (words for its kind).

    None for other alerts, for who may not decide there, and where a later incident has taken its place.
    """
    held = people.incidents() if alert.kind == "incident" else None
    place = alert.id.removeprefix("incident:").rpartition(":")[0]
    rows = msgspec.json.decode(held, type=list[Row]) if held is not None else []
    row = next((r for r in rows if f"{r['site']}:{r['category']}" == place), None)
    if row is None or not _may_read(row, who):
        return None
    is_later = alert.status == "closed" and row["first_ms"] > raised_ms(alert)
    return None if is_later else {name: row[name] for name in OWN_WORDS}


def _may_read(row: Row, who: Who) -> bool:
    return who.in_reach("decide", {row["region"]})


def _plain(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in OWN_WORDS}
