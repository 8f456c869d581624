"""Exports of tools whose columns a mapping names: one translator for all of them. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from feeds._export_rows import OTHER_DAY, NotThisDay
from feeds._faults import Refusal
from feeds._mapping import RecordMapping
from feeds._mapping_options import MappingOptions
from warroom.domain.election import ElectionDay

Finish = Callable[[dict[str, Any], Mapping[str, Any]], list[dict[str, Any]] | Refusal]


class MappedRows:
    """Rows by a mapping. Times without an offset are local to the day, unless the mapping names a zone.

    `finish` takes what the mapping made and the row, and gives the reports; `needs` are columns that must be there.
    """

    def __init__(
        self, day: ElectionDay, mapping: MappingOptions, finish: Finish | None = None, needs: tuple[str, ...] = ()
    ) -> None:
        given = {name: value for name, value in msgspec.structs.asdict(mapping).items() if value}
        self._day = day
        self._mapping = RecordMapping({"timezone": day.timezone} | given)
        self._finish = finish
        self.needs = needs

    def fields(self, row: Mapping[str, Any]) -> list[dict[str, Any]] | Refusal | NotThisDay:
        """The reports of this row that are of the day."""
        made = self._mapping.apply(row)
        found = self._finish(made, row) if self._finish else [made]
        if isinstance(found, Refusal):
            return found
        of_day = [fields for fields in found if self._is_of_day(fields.get("at"))]
        return of_day if of_day or not found else OTHER_DAY

    def _is_of_day(self, at: object) -> bool:
        """False where it can be read and is of another day; what cannot be read the parser refuses by name."""
        try:
            moment = datetime.fromisoformat(str(at))
            return moment.tzinfo is None or moment.astimezone(self._day.tz).date() == self._day.date
        except (ValueError, OverflowError):
            return True
