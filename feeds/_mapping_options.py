"""The options of a mapping as a person writes them in feeds.toml, checked; every error says what to write."""

import re
import tomllib
from collections.abc import Mapping as Table
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec

from feeds._url import FeedURLError
from warroom.domain.reports import Report

Path_ = str | list[str]  # a column or a dotted path; of several, the texts are joined by a space
ISO, UNIX, UNIX_MS = "iso", "unix", "unix_ms"
NUMBERS = ("count", "minutes", "amount", "lat", "lon", "v")
TIMES = ("at", "received")
KINDS = {kind.__struct_config__.tag: kind for kind in get_args(Report)}
TARGETS = ("kind", *dict.fromkeys(name for kind in KINDS.values() for name in kind.__struct_fields__))


class MappingError(FeedURLError):
    """The mapping cannot be used; the message names the option and the remedy."""


class MappingOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `[feed.mapping]` table. `pad` is a width by field, `multiply` a factor by field."""

    fields: dict[str, Path_] = {}
    constants: dict[str, str | int | float | bool] = {}
    values: dict[str, dict[str, str | int | float | bool]] = {}
    kind: str = ""
    source: str = ""
    id: list[str] = []
    time_format: str = ISO
    timezone: str = ""
    pad: dict[str, int] = {}
    multiply: dict[str, int | float] = {}


def read_options(given: object) -> MappingOptions:
    """The options of a table, or of the TOML file that a text names. Raises MappingError."""
    if isinstance(given, str):
        given = _file(Path(given))
    if not isinstance(given, Table):
        raise MappingError("mapping: write a table [feed.mapping], or the path of a TOML file.")
    try:
        options = msgspec.convert(dict(given), MappingOptions)
    except msgspec.ValidationError as error:
        raise MappingError(_explained(str(error))) from None
    _check(options)
    return options


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"mapping={path}: no TOML file that can be read ({error}).") from error


def _explained(message: str) -> str:
    if unknown := re.search(r"unknown field `(.+?)`", message):
        known = ", ".join(MappingOptions.__struct_fields__)
        return f"mapping.{unknown[1]}: no such option; known are {known}."
    at = re.search(r"`(?:key in )?\$\.?(.*)`$", message)
    option = f"mapping.{at[1]}" if at and at[1] else "mapping"
    return f"{option}: {message.partition(' - at ')[0]}; see the section on mappings in docs/feeds.md."


def _check(options: MappingOptions) -> None:
    for option in ("fields", "constants", "values", "pad", "multiply"):
        for name in getattr(options, option):
            if name not in TARGETS:
                raise MappingError(f"mapping.{option}.{name}: no field of a report; known are {', '.join(TARGETS)}.")
    said = {*options.fields, *options.constants}
    for name in ("kind", "source"):
        if not getattr(options, name) and name not in said:
            example = "checkins" if name == "kind" else "county-epollbook"
            raise MappingError(f'mapping.{name}: missing; write {name} = "{example}", or fields.{name} = a column.')
    if options.kind and options.kind not in KINDS:
        raise MappingError(f"mapping.kind = {options.kind!r}: not one of {', '.join(KINDS)}.")
    if "at" not in options.fields:
        raise MappingError('mapping.fields.at: missing; name the column of the time, such as at = "time".')
    _check_times(options)
    _check_needed(options, said)


def _check_times(options: MappingOptions) -> None:
    if options.timezone:
        try:
            ZoneInfo(options.timezone)
        except (ValueError, OSError, KeyError):
            raise MappingError(
                f'mapping.timezone = {options.timezone!r}: no IANA zone; for example "America/New_York".'
            ) from None
    form = options.time_format
    if form in (ISO, UNIX, UNIX_MS):
        return
    if "%" not in form:
        raise MappingError(
            f'mapping.time_format = {form!r}: write "iso", "unix", "unix_ms", or a format such as "%m/%d/%Y %I:%M %p".'
        )
    try:
        datetime.strptime("", form)  # noqa: DTZ007 only the format is tried: a bad directive is named
    except ValueError as error:
        if "bad directive" in str(error) or "stray %" in str(error):
            raise MappingError(f"mapping.time_format = {form!r}: {error}.") from None
    if "%z" not in form and not options.timezone:
        raise MappingError(
            "mapping.timezone: missing; the time_format has no offset from UTC (%z), so name the zone of the times."
        )


def _check_needed(options: MappingOptions, said: set[str]) -> None:
    """A constant kind shows at once which fields its reports would always lack."""
    if not options.kind:
        return
    needed = {field.encode_name for field in msgspec.structs.fields(KINDS[options.kind]) if field.required}
    lacking = sorted(needed - said - {"id", "at", "source"})
    if lacking:
        raise MappingError(
            f"mapping.fields.{lacking[0]}: missing; a report of kind {options.kind} needs {', '.join(lacking)}."
        )
    if options.kind == "checkins" and not said & {"precinct", "site"}:
        raise MappingError("mapping.fields.precinct: missing; name the column of the precinct, or of the site.")
