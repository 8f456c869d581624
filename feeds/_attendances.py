"""Attendances of Mobilize (API v1) as `shift` reports: who signed up, who came, who will not. Pure.

Source: the documentation of the API, github.com/mobilizeamerica/api. Names, addresses and numbers of the
person are in every attendance; only the person's number leaves this module, as the volunteer's id.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from feeds._faults import Refusal
from warroom.domain.election import ElectionDay

SOURCE = "mobilize"


class Attendances:
    """`volunteers` is {Mobilize person: volunteer id}, `sites` is {Mobilize event: site id}; both texts."""

    needs: tuple[str, ...] = ()  # every object stands for itself: one that lacks a field is refused alone

    def __init__(self, day: ElectionDay, volunteers: Mapping[str, str], sites: Mapping[str, str]) -> None:
        self._day = day
        self._volunteers = volunteers
        self._sites = sites

    def fields(self, row: Mapping[str, Any]) -> list[dict[str, Any]] | Refusal:
        """The shift as it stands, observed when it was last changed; none where its timeslot is of another day.

        A sign-up from before the day is observed in the day's first minute: so much was known as it began.
        """
        starts, modified = _moment(_inside(row, "timeslot", "start_date")), _moment(row.get("modified_date"))
        if starts is None or modified is None:
            field = "timeslot.start_date" if starts is None else "modified_date"
            return Refusal("bad_time", field, "Send seconds since 1970, as Mobilize does.")
        if starts.astimezone(self._day.tz).date() != self._day.date:
            return []
        person, number = _inside(row, "person", "id"), row.get("id")
        if not _is_id(person) or not _is_id(number):
            field = "id" if _is_id(person) else "person.id"
            return Refusal("missing_field", field, "Ask Mobilize for access: it hides this from your organization.")
        status = _status(row)
        if status is None:
            return Refusal("bad_choice", "status", "Mobilize writes REGISTERED, CONFIRMED or CANCELLED.")
        fields = {
            "id": f"{number}-{int(modified.timestamp())}-{status}",
            "kind": "shift",
            "source": SOURCE,
            "at": self._observed(modified).isoformat(),
            "volunteer": self._volunteers.get(str(person), f"mobilize-{person}"),
            "status": status,
        }
        site = self._sites.get(str(_inside(row, "event", "id")))
        return [fields | {"site": site} if site else fields]

    def _observed(self, modified: datetime) -> datetime:
        """When; what was changed before the day keeps its order in the first minute: taken back stays taken back."""
        begins = self._day.begins_at.astimezone(UTC)
        if modified >= begins:
            return modified
        return begins + timedelta(seconds=59 / (1 + (begins - modified).total_seconds() / 3600))


def _status(row: Mapping[str, Any]) -> str | None:
    """`attended` says what happened; before that a cancelled sign-up means that nobody comes."""
    attended, status = row.get("attended"), row.get("status")
    if status not in ("REGISTERED", "CONFIRMED", "CANCELLED"):
        return None
    if attended is not None:
        return "checked_in" if attended is True else "no_show"
    return "no_show" if status == "CANCELLED" else "scheduled"


def _inside(row: Mapping[str, Any], *path: str) -> Any:
    value: Any = row
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
