"""One exported record as reports, or as the reject that says what is wrong with it. Pure.

A reject's sample shows no value: any cell of such a row may hold a person's name.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple, Protocol

from feeds._faults import Refusal
from feeds._parse import Parser
from feeds._samples import digest_of
from warroom.domain.reports import Reject, Report


class Record(NamedTuple):
    """One row or object of a file, or why it cannot be read; `number` is its line or place in the list, from 1."""

    number: int
    row: Mapping[str, Any] | Refusal


class NotThisDay(Enum):
    """A row of another day: exports often hold a whole campaign. Such rows are counted and told together."""

    OTHER_DAY = "other_day"


OTHER_DAY = NotThisDay.OTHER_DAY


class Translator(Protocol):
    """What one kind of export means. `needs` are the columns without which no row can be read."""

    needs: tuple[str, ...]

    def fields(self, row: Mapping[str, Any]) -> list[dict[str, Any]] | Refusal | NotThisDay:
        """The reports of this row as fields of wire format v1; none where it asks for none."""


class Rows:
    """Turns the records of one file into reports and rejects."""

    def __init__(self, translator: Translator, parser: Parser, file: str) -> None:
        self._translator = translator
        self._parser = parser
        self._file = file
        self._first = True
        self._other_days = 0
        self.refused = False  # the file lacks a column that every row needs

    def items(self, record: Record, received: datetime) -> Iterator[Report | Reject]:
        """The reports of one record, or the reject that says what is wrong with it."""
        where = f"{self._file}:{record.number}"
        found = self._lacking(record) or (
            record.row if isinstance(record.row, Refusal) else self._translator.fields(record.row)
        )
        if isinstance(found, NotThisDay):
            self._other_days += 1
        elif isinstance(found, Refusal):
            yield _reject(record, found, where, received)
        else:
            for fields in found:
                item = self._parser.object(fields, b"", where, received)
                if isinstance(item, Reject):
                    item = _reject(record, _without_value(item), where, received)
                yield item

    def others(self, received: datetime) -> Reject | None:
        """One line for all rows of other days; None where there are none."""
        if not self._other_days:
            return None
        remedy = f"{self._other_days} rows are of other days and do not count; export this day alone to be rid of them."
        digest = digest_of(f"{self._file} other days".encode())
        return Reject(digest=digest, reason="other_day", field="", remedy=remedy, where=self._file,
                      received=received, sample="")  # fmt: skip

    def _lacking(self, record: Record) -> Refusal | None:
        if not self._first or isinstance(record.row, Refusal):
            return None
        self._first = False
        lacking = [name for name in self._translator.needs if name not in record.row]
        if not lacking:
            return None
        self.refused = True
        remedy = f"The first line lacks the column {', '.join(lacking)}; nothing of this file was read."
        return Refusal("bad_header", lacking[0], remedy)


def _without_value(item: Reject) -> Refusal:
    """The decoder's words on a wrong choice quote it, and in a row that lost a column it may be a name."""
    if item.reason == "bad_choice":
        return Refusal(item.reason, item.field, f"See the wire format for the values of {item.field}.")
    return Refusal(item.reason, item.field, item.remedy)


def _reject(record: Record, refusal: Refusal, where: str, received: datetime) -> Reject:
    columns = "" if isinstance(record.row, Refusal) else f"a row of {len(record.row)} columns, values not shown"
    # The digest stands for place and fault, not for the row: a digest of a person's row could be guessed at.
    digest = digest_of(f"{where} {refusal.reason} {refusal.field}".encode())
    return Reject(digest=digest, reason=refusal.reason, field=refusal.field, remedy=refusal.remedy,
                  where=where, received=received, sample=columns)  # fmt: skip
