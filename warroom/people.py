"""From volunteers.csv and shifts.csv to the store. Names and numbers go into a hash of their own."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from warroom.dayfolder import DayFolder
from warroom.domain.volunteers import Contact, PlannedShift, Volunteer
from warroom.store.client import Client
from warroom.store.people import PeopleStore

BREAK_MINUTES = 30.0  # where only its beginning is given


def put_people(client: Client, folder: DayFolder) -> None:
    """Replace the people of the store by the folder's; a folder without them empties it."""
    PeopleStore(client).put(_volunteers(folder), _contacts(folder), _shifts(folder))


def _volunteers(folder: DayFolder) -> Iterator[Volunteer]:
    if folder.volunteers is None:
        return
    for row in folder.volunteers.itertuples():
        yield Volunteer(
            volunteer_id=row.volunteer_id, skills=listed(row.skills), languages=listed(row.languages),
            has_car=bool(row.has_car), home_lat=_known(row.home_lat), home_lon=_known(row.home_lon),
        )  # fmt: skip


def _contacts(folder: DayFolder) -> dict[str, Contact]:
    if folder.volunteers is None:
        return {}
    return {row.volunteer_id: Contact(name=row.name, phone=row.phone) for row in folder.volunteers.itertuples()}


def _shifts(folder: DayFolder) -> Iterator[PlannedShift]:
    """Shifts; one that names only a precinct is served at that precinct's poll site."""
    if folder.shifts is None:
        return
    site_of = dict(zip(folder.precincts["precinct_id"], folder.precincts["site_id"], strict=True))
    for row in folder.shifts.itertuples():
        yield PlannedShift(
            volunteer_id=row.volunteer_id, site_id=row.site_id or site_of.get(row.precinct_id, ""),
            precinct_id=row.precinct_id, role=row.role, start_ms=round(row.start.timestamp() * 1000),
            end_ms=round(row.end.timestamp() * 1000), **_break(row.break_start, row.break_minutes),
        )  # fmt: skip


def _break(start: Any, minutes: float) -> dict[str, Any]:
    if pd.isna(start):
        return {}
    return {
        "break_ms": round(start.timestamp() * 1000),
        "break_minutes": BREAK_MINUTES if math.isnan(minutes) else float(minutes),
    }


def listed(cell: str) -> tuple[str, ...]:
    """The parts of a cell that semicolons separate."""
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
