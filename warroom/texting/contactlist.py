"""Reads the campaign's own list, `contacts.csv`. The good rows count; every other row is told with its remedy.

What is told never holds a name or a number: a line number finds the row for whoever has the file.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import available_timezones

import msgspec
import phonenumbers

FILE = "contacts.csv"
COLUMNS = ("contact_id", "phone", "first_name", "precinct_id", "band", "language", "timezone", "opted_out")
REQUIRED = ("contact_id", "phone", "precinct_id")
MOST_FAULTS = 50  # told one by one; the rest are counted
YES, NO = frozenset({"1", "yes", "true", "y"}), frozenset({"", "0", "no", "false", "n"})


class ContactsError(Exception):
    """contacts.csv cannot be read at all; the text says what to do."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """One supporter. `phone` is E.164; `band` is the campaign's own propensity band, `language` two letters."""

    contact_id: str
    phone: str
    first_name: str
    precinct: str
    band: str
    language: str
    timezone: str
    opted_out: bool


@dataclass
class ContactFaults:
    """Rows that were left out: how many for each reason, and the first of them by line."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def add(self, line: int, column: str, reason: str, remedy: str) -> None:
        """One row left out."""
        self.counts[f"{column}: {reason}"] += 1
        if len(self.lines) < MOST_FAULTS:
            self.lines.append(f"{FILE} line {line}, {column}: {reason}. {remedy}")


def read_contacts(path: Path, precincts: frozenset[str], country: str, faults: ContactFaults) -> Iterator[Person]:
    """The people of the list, row by row; memory stays flat. `country` two letters, for numbers without "+".

    A number that stands twice is texted once: the first row counts. Raises ContactsError.
    """
    zones = available_timezones()
    seen: set[bytes] = set()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [name for name in REQUIRED if name not in (rows.fieldnames or ())]
            if missing:
                raise ContactsError(
                    f"{path}: no column {', '.join(missing)}. The first line names the columns: {','.join(COLUMNS)}"
                )
            for row in rows:
                person = _person(row, rows.line_num, precincts, zones, country, faults)
                if person is None:
                    continue
                key = person.phone.encode()
                if key in seen:
                    faults.add(rows.line_num, "phone", "stands twice", "The first row with a number counts.")
                    continue
                seen.add(key)
                yield person
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ContactsError(f"{path} cannot be read ({error}): save it as CSV in UTF-8") from error


def _person(
    row: dict[str, str | None],
    line: int,
    precincts: frozenset[str],
    zones: set[str],
    country: str,
    faults: ContactFaults,
) -> Person | None:
    cell = {name: (row.get(name) or "").strip() for name in COLUMNS}
    phone = e164(cell["phone"], country)
    told = cell["opted_out"].lower()
    if not cell["contact_id"]:
        faults.add(line, "contact_id", "blank", "Give every person the campaign's own id.")
    elif phone is None:
        faults.add(line, "phone", "not a telephone number", f"Write +1… or a number of {country}.")
    elif cell["precinct_id"] not in precincts:
        faults.add(line, "precinct_id", "not a precinct of the day", "Use the ids of precincts.csv.")
    elif cell["timezone"] and cell["timezone"] not in zones:
        faults.add(line, "timezone", "unknown", "Write it as America/New_York, or leave it blank.")
    elif told not in YES | NO:  # when in doubt nobody is texted
        faults.add(line, "opted_out", "neither yes nor no", "Write 1 or 0.")
    else:
        return Person(
            contact_id=cell["contact_id"], phone=phone, first_name=cell["first_name"], precinct=cell["precinct_id"],
            band=cell["band"].lower(), language=(cell["language"] or "en").lower()[:2], timezone=cell["timezone"],
            opted_out=told in YES,
        )  # fmt: skip
    return None


def e164(text: str, country: str) -> str | None:
    """A number as +12075550194; None where it cannot be one.

    >>> e164("(207) 555-0194", "US"), e164("12", "US")
    ('+12075550194', None)
    """
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
