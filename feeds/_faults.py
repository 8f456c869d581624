"""Names what is wrong with an input: a short reason, the field, and how the sender puts it right."""

import re
from typing import NamedTuple

import msgspec

KINDS = "checkins, correction, wait, incident, early_vote, contact, shift, money, ad"
_TIME = "Write it as 2025-06-24T09:15:00-04:00."
_COUNT = "Write a whole number of at least 0 without quotes; it is the total since the polls opened."
_COUNTS = ("count", "minutes", "amount")
_CHOICES = ("severity", "method", "channel", "status", "void")


class Refusal(NamedTuple):
    """Why one input is not counted. `reason` is a fixed name; `field` '' where the whole input is meant."""

    reason: str
    field: str
    remedy: str


NOT_UTF8 = Refusal("not_utf8", "", "Save or send it as UTF-8; every second byte NUL means UTF-16.")
TOO_LONG = Refusal("too_long", "", "Send one report to a line, at most 64 KiB; the file may lack line breaks.")
TOO_DEEP = Refusal("not_json", "", "Send one flat JSON object to a line: this one is nested too deep.")
NOT_AN_OBJECT = Refusal("not_an_object", "", "Send one JSON object { ... } to a line.")
NO_PLACE = Refusal("no_place", "precinct", "Name the precinct, or the site where only the site is known.")
EMPTY_CORRECTION = Refusal("empty_correction", "count", "Give the right count, or void: true.")
TWO_CORRECTIONS = Refusal("two_corrections", "void", "Give either the right count or void: true, not both.")


def unknown_place(field: str, name: str, known: frozenset[str]) -> Refusal:
    """A precinct or site that the day does not have; a lost leading zero is recognised.

    >>> unknown_place("precinct", "412", frozenset({"0412"})).remedy
    'Did you mean 0412? Identifiers are text: 412 is another one.'
    """
    padded = (name.zfill(width) for width in range(len(name) + 1, len(name) + 5))
    meant = next((text for text in (*padded, name.strip(), name.upper()) if text in known), None)
    if meant:
        remedy = f"Did you mean {meant}? Identifiers are text: {name[:64]} is another one."
    else:
        remedy = f"Use a {field} id of the day folder, or add this one to {field}s.csv."
    return Refusal(f"unknown_{field}", field, remedy)


def wrong_day(field: str, when: str) -> Refusal:
    """A moment that cannot be of this day; `when` says what the day is."""
    return Refusal("wrong_day", field, f"Check date and time: this day is {when}.")


def bad_time(field: str) -> Refusal:
    """A moment that cannot be read."""
    return Refusal("bad_time", field, _TIME)


def explain(error: Exception) -> Refusal:
    """The refusal behind an error of the decoder."""
    if isinstance(error, UnicodeError):
        return NOT_UTF8
    if isinstance(error, RecursionError):
        return TOO_DEEP
    message = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return Refusal("not_json", "", f"Send one complete JSON object to a line ({message[:80]}).")
    if missing := re.search(r"missing required field `(\w+)`", message):
        return Refusal("missing_field", missing[1], f"Add the field {missing[1]}.")
    path = re.search(r"at `\$\.(\w+)", message)
    if not path:
        return NOT_AN_OBJECT
    return _of_field(path[1], message)


def _of_field(field: str, message: str) -> Refusal:
    """Refusal for a field that is there but wrong."""
    if field == "kind":
        return Refusal("unknown_kind", field, f"Use one of {KINDS}.")
    if field == "v":
        return Refusal("bad_version", field, "This server reads version 1: leave v out, or send 1.")
    if field in ("at", "received"):
        if "timezone" in message:
            return Refusal("no_offset", field, f"Add the offset from UTC. {_TIME}")
        return bad_time(field)
    if field in _COUNTS:
        return Refusal("bad_count", field, _COUNT)
    if field in _CHOICES:
        return Refusal("bad_choice", field, f"See the wire format for the values of {field} ({message[:80]}).")
    if field in ("lat", "lon"):
        return Refusal("bad_position", field, "Send decimal degrees, or leave both out.")
    return Refusal("bad_text", field, "Send text in quotes: not empty, not overlong, without control characters.")
