"""day.toml: what the user said, what the folder said before, what the feed says; in that order of trust."""

import re
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from warroom.dayfolder.daytoml import LATEST
from warroom.dayimport.elections import TYPES
from warroom.dayimport.existing import Row
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.vip import VipFeed, usual_hours

_HOURS = ("polls_open", "polls_close")
_POLLS = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})$")


@dataclass(frozen=True)
class DayAnswers:
    """Options of the command line as given; '' where not."""

    name: str = ""
    date: str = ""
    timezone: str = ""
    polls: str = ""
    type: str = ""
    party: str = ""

    def zone(self, existing: dict[str, Any]) -> str:
        """The time zone. Raises ImportProblem where it is not said, or is none."""
        zone = self.timezone or str(existing.get("timezone", ""))
        if not zone:
            remedy = "Add --timezone America/New_York, or the day's own."
            raise ImportProblem("--timezone", "nothing", "the IANA name of the time zone", remedy)
        try:
            return ZoneInfo(zone).key
        except (KeyError, ValueError, OSError):
            remedy = "Such as America/New_York, America/Chicago, America/Phoenix."
            raise ImportProblem("--timezone", repr(zone), "the IANA name of a time zone", remedy) from None

    def values(self) -> Row:
        """What was said, as keys of day.toml. Raises ImportProblem for what cannot be read."""
        said = {"name": self.name, "date": self.date, "timezone": self.timezone, "type": self.type, "party": self.party}
        if self.date and not _is_date(self.date):
            raise ImportProblem("--date", repr(self.date), "a date YYYY-MM-DD", "Such as --date 2026-11-03.")
        if self.type and self.type not in TYPES:
            raise ImportProblem("--type", repr(self.type), f"one of {', '.join(TYPES)}", "A runoff is special.")
        if self.polls:
            opens, closes = _hours(self.polls)
            said |= {"polls_open": f"{opens:%H:%M}", "polls_close": f"{closes:%H:%M}"}
        return {key: value for key, value in said.items() if value}


def day_values(
    answers: DayAnswers, existing: dict[str, Any], feed: VipFeed | None, out: Path, force: bool, findings: Findings
) -> Row:  # fmt: skip
    """Every key of day.toml. Raises ImportProblem where one that is needed is known to nobody.

    What the folder says is kept; --force lets the options replace it.
    """
    said = answers.values()
    there = {key: str(value) for key, value in existing.items() if str(value).strip()}
    force = force or "date" not in there  # a template that nobody has filled in
    for key in said.keys() & there.keys():
        if said[key] != there[key] and not force:
            findings.note(
                "day.toml", f"{key} = {there[key]!r} is kept, not {said[key]!r}", remedy="--force replaces it."
            )
    day = there | said if force else said | there
    if feed is not None:
        _from_feed(day, feed, findings)
    if day.get("date") and not day.get("name"):
        day["name"] = f"Election of {day['date']}"
        findings.note("day.toml", f"named {day['name']!r}", remedy="--name gives it its own.")
    if not day.get("type"):
        day["type"] = "general"
        findings.note("day.toml", "type taken for general", remedy="--type primary or special, where it is one.")
    for key, option in (("date", "--date 2026-11-03"), *((key, "--polls 06:00-21:00") for key in _HOURS)):
        if not day.get(key):
            raise ImportProblem(out, f"no {key}", "the day's own", f"Add {option}.", column=key)
    return day


def _from_feed(day: Row, feed: VipFeed, findings: Findings) -> None:
    """Fill what is still blank from the feed, and say so."""
    if feed.date and not day.get("date"):
        day["date"] = feed.date
        findings.note(feed.file, f"date {feed.date} taken from the feed")
    elif feed.date and feed.date != day.get("date"):
        what = f"the feed is about {feed.date}, the day is {day['date']}"
        findings.note(feed.file, what, remedy="Check that it is this election's feed.")
    if feed.name and not day.get("name"):
        day["name"] = feed.name
    kind = next((kind for kind in TYPES if kind in feed.election_type.casefold()), "")
    if kind and not day.get("type"):
        day["type"] = kind
        findings.note(feed.file, f"type {kind} taken from the feed")
    if not day.get("polls_open") and not day.get("polls_close") and _is_date(day.get("date", "")):
        hours = usual_hours(feed, date.fromisoformat(day["date"]))
        if hours:
            day["polls_open"], day["polls_close"] = (f"{hour:%H:%M}" for hour in hours)
            findings.note(feed.file, f"polls {day['polls_open']}-{day['polls_close']} taken from the feed, local time")


def _hours(text: str) -> tuple[time, time]:
    found = _POLLS.match(text.strip())
    try:
        opens, closes = (time.fromisoformat(clock.zfill(5)) for clock in found.groups()) if found else (time(), time())
    except ValueError:
        opens, closes = time(), time()
    if closes <= opens:
        expected, remedy = "two local times, the close later", f"Such as --polls 06:00-21:00. {LATEST}"
        raise ImportProblem("--polls", repr(text), expected, remedy)
    return opens, closes


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
