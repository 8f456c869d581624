"""From raw bytes to a Report or a Reject. Pure: no input makes it raise."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from feeds._checks import DayChecks
from feeds._faults import NOT_UTF8, TOO_LONG, Refusal, explain
from feeds._samples import digest_of, sample_of
from warroom.domain.election import ElectionDay
from warroom.domain.reports import Reject, Report

LINE_LIMIT_BYTES = 64 * 1024
_ERRORS = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)
_decoder = msgspec.json.Decoder(Report)


class Parser:
    """Parses the input of one feed on one day.

    In a live feed the server's clock says when a report arrived; in a `recorded` one the report's own
    `received` does, or else its `at`.
    """

    def __init__(
        self, day: ElectionDay, precincts: frozenset[str], sites: frozenset[str], recorded: bool = False
    ) -> None:
        self._checks = DayChecks(day, precincts, sites)
        self._recorded = recorded

    def line(self, raw: bytes, where: str, received: datetime) -> Report | Reject:
        """One line of wire format v1. `where` names file and line, or topic and offset."""
        if len(raw) > LINE_LIMIT_BYTES:
            return reject(raw, TOO_LONG, where, received)
        if b"\x00" in raw or raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return reject(raw, NOT_UTF8, where, received)
        try:
            report = _decode(raw)
        except _ERRORS as error:
            return reject(raw, explain(error), where, received)
        return self._checked(report, raw, where, received)

    def fields(self, fields: dict[str, str], raw: bytes, where: str, received: datetime) -> Report | Reject:
        """The same for a row whose values are texts, such as a CSV row; `raw` is its line as it came."""
        return self.object(fields, raw, where, received, strict=False)

    def object(
        self, fields: dict[str, Any], raw: bytes, where: str, received: datetime, strict: bool = True
    ) -> Report | Reject:
        """The same for an object that is decoded already, such as a mapped record; `raw` is what it came as."""
        try:
            report = msgspec.convert(_tidy(fields), Report, strict=strict)
        except _ERRORS as error:
            return reject(raw, explain(error), where, received)
        return self._checked(report, raw, where, received)

    def _checked(self, report: Report, raw: bytes, where: str, received: datetime) -> Report | Reject:
        """The report with its arrival, times in UTC, if it can be of this day and these places."""
        arrival = (report.received or report.at) if self._recorded else received
        try:
            in_utc = msgspec.structs.replace(report, at=report.at.astimezone(UTC), received=arrival.astimezone(UTC))
        except OverflowError:  # the year 1, east of Greenwich
            return reject(raw, self._checks.wrong_day(), where, received)
        refusal = self._checks.refusal(in_utc)
        return reject(raw, refusal, where, received) if refusal else in_utc


def reject(raw: bytes, refusal: Refusal, where: str, received: datetime, digest: str | None = None) -> Reject:
    """A Reject for these bytes; `digest` is given where `raw` is only the beginning of the input."""
    return Reject(
        digest=digest or digest_of(raw),
        reason=refusal.reason,
        field=refusal.field,
        remedy=refusal.remedy,
        where=where,
        received=received,
        sample=sample_of(raw),
    )


def _decode(raw: bytes) -> Report:
    """A report of the right form. Raises one of _ERRORS."""
    try:
        report: Report = _decoder.decode(raw)
        return report
    except msgspec.ValidationError as strict:
        # The decoder is strict (RFC 3339 times, no 57.0); what ISO 8601 and JSON allow is accepted here.
        try:
            fields = msgspec.json.decode(raw)
        except _ERRORS:
            fields = None
        if not isinstance(fields, dict):
            raise strict
        converted: Report = msgspec.convert(_tidy(fields), Report)
        return converted


def _tidy(fields: dict[str, Any]) -> dict[str, Any]:
    """The same fields with ISO 8601 times as RFC 3339 and whole floats as integers; the rest untouched."""
    tidy = dict(fields)
    for name in ("at", "received"):
        if isinstance(tidy.get(name), str):
            try:
                tidy[name] = datetime.fromisoformat(tidy[name]).isoformat()
            except ValueError:
                continue
    for name in ("count", "minutes", "amount"):
        value = tidy.get(name)
        if isinstance(value, float) and value.is_integer():
            tidy[name] = int(value)
    return tidy
