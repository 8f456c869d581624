"""Other people's records as reports: one mapping for JSON objects and for rows of files. Pure.

A mapping only renames and rewrites; whether the result is a good report is judged by `feeds._parse.Parser`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from feeds._faults import NOT_AN_OBJECT, explain
from feeds._mapping_options import ISO, NUMBERS, TIMES, UNIX, UNIX_MS, MappingError, MappingOptions, read_options
from feeds._parse import Parser, reject
from warroom.domain.reports import Reject, Report

__all__ = ["MappingError", "RecordMapping"]

_ANY = "*"  # in a translation table: whatever is not named
_NUMERIC = frozenset(NUMBERS)
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?")  # 12,50 may be a European fraction: refused, not read as 1,250


class RecordMapping:
    """Turns one record into the fields of wire format v1.

    Built from the table `[feed.mapping]` of feeds.toml (or the path of a TOML file with the same options);
    raises MappingError, which names the option and the remedy.

    >>> mapping = RecordMapping({"kind": "checkins", "source": "county", "timezone": "America/New_York",
    ...     "fields": {"precinct": "ed", "count": "totals.in", "at": "time"}, "id": ["ed", "time"]})
    >>> found = mapping.apply({"ed": 65012, "time": "2025-06-24 09:15", "totals": {"in": "1,057"}})
    >>> found["precinct"], found["count"], found["at"]
    ('65012', 1057, '2025-06-24T09:15:00-04:00')
    """

    def __init__(self, given: object) -> None:
        options = read_options(given)
        self._options = options
        self._fixed = dict(options.constants)
        for name in ("kind", "source"):
            if value := getattr(options, name):
                self._fixed[name] = value
        self._reads = [(name, path, _converter(name, options)) for name, path in options.fields.items()]

    def apply(self, row: Mapping[str, object]) -> dict[str, Any]:
        """The report's fields; a blank or absent column is an absent field. Never raises.

        A value that cannot be rewritten stays as it came, for the Parser to refuse by name.
        """
        found: dict[str, Any] = dict(self._fixed)
        for name, path, convert in self._reads:
            value = _value(row, path)
            if value is not None:
                found[name] = convert(value)
        if "id" not in found and (made := self._made_id(row, found)):
            found["id"] = made
        return found

    def report(
        self, parser: Parser, row: Mapping[str, object], raw: bytes, where: str, received: datetime
    ) -> Report | Reject:
        """The record's report, or a reject whose remedy names the column that is meant."""
        item = parser.object(self.apply(row), raw, where, received)
        path = self._options.fields.get(item.field) if isinstance(item, Reject) else None
        if path is None or not isinstance(item, Reject):
            return item
        read_from = path if isinstance(path, str) else " + ".join(path)
        has = "" if _value(row, path) is not None else f", which is empty or not among {_names(row)}"
        return msgspec.structs.replace(item, remedy=f"{item.remedy} Read from {read_from!r}{has} (mapping).")

    def json(self, parser: Parser, raw: bytes, where: str, received: datetime) -> Report | Reject:
        """The same for a record that is a JSON text of its own. Never raises."""
        try:
            row = msgspec.json.decode(raw)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            return reject(raw, explain(error), where, received)
        if not isinstance(row, dict):
            return reject(raw, NOT_AN_OBJECT, where, received)
        return self.report(parser, row, raw, where, received)

    def _made_id(self, row: Mapping[str, object], found: Mapping[str, Any]) -> str:
        """A digest of the named columns, or, where none are named, of all that the report says."""
        if self._options.id:
            parts = [_value(row, path) for path in self._options.id]
            if all(part is None for part in parts):
                return ""  # the Parser says that the id is missing
        else:
            parts = [[name, found[name]] for name in sorted(found) if name != "received"]
        return blake2b(msgspec.json.encode(parts, enc_hook=str), digest_size=12).hexdigest()


def _value(row: Mapping[str, object], path: str | list[str]) -> object | None:
    """The value at a path; None where it is absent or blank."""
    if isinstance(path, list):
        texts = [str(part).strip() for one in path if (part := _value(row, one)) is not None]
        return " ".join(texts) or None
    value: object | None = row.get(path)
    if value is None and "." in path:
        value = _inside(row, path.split("."))
    if isinstance(value, str):
        return value.strip() or None
    return value


def _inside(value: object, steps: list[str]) -> object | None:
    for step in steps:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _names(row: Mapping[str, object]) -> str:
    names = [str(name)[:40] for name in row]
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")


def _converter(name: str, options: MappingOptions) -> Callable[[Any], Any]:
    """How the values of one field are rewritten: translated, then made what the wire format wants."""
    words = {key.strip().casefold(): value for key, value in options.values.get(name, {}).items()}
    width = options.pad.get(name, 0)
    factor = Decimal(str(options.multiply.get(name, 1)))
    zone = ZoneInfo(options.timezone) if options.timezone else None

    def convert(value: Any) -> Any:
        if words:
            value = words.get(str(value).strip().casefold(), words.get(_ANY, value))
        if name in TIMES:
            return _moment(value, options.time_format, zone)
        if name in _NUMERIC:
            return _number(value, factor)
        return value if isinstance(value, bool | dict | list) else _text(value).zfill(width)

    return convert


def _text(value: object) -> str:
    """Identifiers as text: 65012 and a workbook's 65012.0 are '65012'."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(value: Any, factor: Decimal) -> Any:
    """A number from '1,057', ' 57 ' or '$25.00'; whole ones as integers. Anything else as it came."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    if not isinstance(value, str) and factor == 1:
        return value
    plain = str(value).strip("$ ")
    try:
        number = Decimal(plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain) * factor
        return int(number) if number == number.to_integral_value() else float(number)
    except (InvalidOperation, ValueError, OverflowError):
        return value


def _moment(value: Any, form: str, zone: ZoneInfo | None) -> Any:
    """ISO 8601 text of a moment, in `zone` where it names no offset of its own. Anything else as it came."""
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if isinstance(value, datetime):
            moment = value
        elif form in (UNIX, UNIX_MS):
            moment = datetime.fromtimestamp(float(value) / (1000 if form == UNIX_MS else 1), UTC)
        elif form == ISO:
            moment = datetime.fromisoformat(str(value))
        else:
            moment = datetime.strptime(str(value), form)  # noqa: DTZ007 the zone follows
        if moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=zone)
        return moment.isoformat()
    except (ValueError, OverflowError, OSError, TypeError):
        return value if isinstance(value, str) else str(value)
