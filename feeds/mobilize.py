"""Shifts from Mobilize: its attendances, by the API or from a saved answer of it, as `shift` reports.

`mobilize://api.mobilize.us/v1?organization=123` asks again and again; `mobilize:///path/attendances.json` reads.
"""

import csv
import ipaddress
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from feeds._attendances import Attendances
from feeds._export import OPTIONS as COMMON
from feeds._export import ExportFeed, export_options
from feeds._export_rows import Record, Rows
from feeds._feed import Feed, FeedError, Trouble
from feeds._frames import Framer
from feeds._live import LiveParser
from feeds._mobilize_api import Stopped, Wait, attendances
from feeds._objects import read_objects
from feeds._url import FeedURLError, merge_options, number
from warroom.domain.election import ElectionDay
from warroom.store.ports import Intake

SCHEMES = ("mobilize",)
ABOUT = "attendances of Mobilize, by its API or from a saved answer, as shifts"
OPTIONS = (*COMMON, "organization", "every_s", "volunteers", "sites")

_SIGNUPS = timedelta(days=180)  # who signed up earlier than this for the day is not asked for
_OVERLAP_S = 60  # asked for again each time: changes that were saved while we asked


def open_feed(url: str, options: dict[str, Any]) -> Feed:
    """The feed of these attendances. Raises FeedURLError for wrong options.

    Options: `organization`, Mobilize's number of it; `every_s`, seconds between two questions (default 60);
    `volunteers`, a CSV of Mobilize's person and our volunteer; `sites`, a CSV of Mobilize's event and our site;
    of a saved file also `follow` and `poll_ms`. The key comes from the environment.
    """
    given = merge_options(url, options, OPTIONS)
    volunteers, sites = (Path(str(given[name])) if given.get(name) else None for name in ("volunteers", "sites"))
    translators = partial(_translator, volunteers, sites)
    parts = urlsplit(url)
    if not parts.netloc:
        path, common = export_options(url, given, "mobilize")
        return ExportFeed(path, translators, read_objects, **common)
    organization = str(given.get("organization") or "")
    if not organization.isdecimal():
        raise FeedURLError(f"{url}: organization={organization or '…'} is missing or no number.")
    plain = _is_this_machine(parts.hostname or "")
    base = f"{'http' if plain else 'https'}://{parts.netloc}{parts.path}"
    name = str(given.get("name") or f"mobilize:{organization}")
    return MobilizeFeed(base, organization, translators, name=name, every_s=number(url, given, "every_s", 60))


class _Position(msgspec.Struct, frozen=True):
    since: int  # seconds since 1970: the newest change that was put


class MobilizeFeed:
    """One organization's attendances, asked for every `every_s` seconds: what changed since the last time."""

    def __init__(
        self,
        base: str,
        organization: str,
        translators: Callable[[ElectionDay], Attendances],
        *,
        name: str,
        every_s: float = 60,
        wait: Wait = threading.Event.wait,
    ) -> None:
        self.name = name
        self._base = base
        self._organization = organization
        self._translators = translators
        self._every_s = every_s
        self._wait = wait

    def run(self, intake: Intake, stop: threading.Event) -> None:
        """Ask until `stop`. Raises FeedError where the key is refused or Parsons is not installed."""
        trouble = Trouble(intake, self.name)
        framer = Framer(intake, self.name, stop, None, trouble)
        framer.well()
        while not stop.is_set():
            try:
                self._ask(intake, framer, trouble, stop)
            except Stopped:
                return
            self._wait(stop, self._every_s)

    def _ask(self, intake: Intake, framer: Framer, trouble: Trouble, stop: threading.Event) -> None:
        stored = intake.position(self.name)
        newest = msgspec.json.decode(stored, type=_Position).since if stored else 0
        first = int((intake.day().begins_at - _SIGNUPS).timestamp())
        since = datetime.fromtimestamp(newest - _OVERLAP_S if newest else first, UTC).isoformat()
        parser = LiveParser(intake)
        rows = Rows(self._translators(intake.day()), parser, self.name)
        # The whole list comes first: the position may only move when nothing before it is still to come.
        listed = list(attendances(self._base, self._organization, since, trouble.say, stop, self._wait))
        for row in sorted(listed, key=_modified):
            newest = max(newest, _modified(row))
            record = Record(row["id"] if isinstance(row.get("id"), int) else 0, row)
            for item in rows.items(record, intake.now()):
                if not framer.put(item, position=partial(_position, newest)):
                    return
        if framer.flush():
            framer.well()


def _modified(row: dict[str, Any]) -> int:
    value = row.get("modified_date")
    return value if isinstance(value, int) and 0 <= value < 2**40 else 0


def _position(since: int) -> str:
    return msgspec.json.encode(_Position(since)).decode()


def _translator(volunteers: Path | None, sites: Path | None, day: ElectionDay) -> Attendances:
    return Attendances(day, _pairs(volunteers, "volunteers"), _pairs(sites, "sites"))


def _pairs(file: Path | None, option: str) -> dict[str, str]:
    """The two columns of a CSV with one line of names. Raises FeedError."""
    if file is None:
        return {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.reader(opened))
    except (OSError, UnicodeError, csv.Error) as error:
        raise FeedError(f"{file} cannot be read ({error}). Check the option {option}.") from error
    if any(len(row) != 2 for row in rows if row):
        raise FeedError(f"{file}: give two columns, Mobilize's number and our id, with their names in the first line.")
    return {theirs.strip(): ours.strip() for theirs, ours in (row for row in rows[1:] if row)}


def _is_this_machine(host: str) -> bool:
    """A counterpart on this machine is asked without TLS; every other server with it."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
