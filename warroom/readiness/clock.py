"""Clocks: this machine's against the store's and against a time server, and the day's time zone."""

import shutil
import subprocess
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from statistics import median
from time import time
from typing import Any
from zoneinfo import ZoneInfo

from warroom.domain.election import ElectionDay
from warroom.readiness._finding import Finding, green
from warroom.readiness._ntp import NoAnswer, kernel_synchronised, offset_s
from warroom.readiness._place import Place

ORDER, TITLE = 40, "Clock"
OFF_S, WRONG_S = 2.0, 60.0  # reports more than a minute ahead of their arrival are held as suspect
AROUND_DAYS = 14


@dataclass(frozen=True)
class Facts:
    """Seconds that other clocks are ahead of this machine's; None where they were not asked.

    `synchronised`: whether the system says that a time server steers its clock, None where it does not say.
    `offsets` are (from the system's zone files, from the package tzdata) of the day's zone in hours, at the
    opening; `changes` the moments within a fortnight at which clocks are changed.
    """

    day: ElectionDay
    store_s: float | None
    synchronised: bool | None
    ntp: str = ""
    ntp_s: float | None = None
    ntp_why: str = ""
    offsets: tuple[float | None, float | None] = (None, None)
    changes: tuple[datetime, ...] = ()


def look(place: Place) -> Facts:
    """Read clocks; the network is asked only where `--ntp` named a server."""
    ntp_s, why = None, ""
    if place.ntp:
        try:
            ntp_s = offset_s(place.ntp)
        except NoAnswer as error:
            why = str(error)
    store_s = None if place.client is None else store_ahead_s(place.client)
    day = place.folder.day
    return Facts(
        day, store_s, _synchronised(), place.ntp, ntp_s, why, (_system_hours(day), _packaged_hours(day)), changes(day)
    )


def judge(facts: Facts) -> list[Finding]:
    """Store, time server, zone."""
    return [*_store(facts), _steered(facts), *_asked(facts), _zone(facts)]


def changes(day: ElectionDay) -> tuple[datetime, ...]:
    """Local moments within a fortnight of the day at which its zone's offset changes, to the hour."""
    start = day.begins_at.astimezone(UTC) - timedelta(days=AROUND_DAYS)
    hours = [start + timedelta(hours=n) for n in range(2 * AROUND_DAYS * 24 + 24)]
    return tuple(
        b.astimezone(day.tz)
        for a, b in pairwise(hours)
        if a.astimezone(day.tz).utcoffset() != b.astimezone(day.tz).utcoffset()
    )


def store_ahead_s(client: Any) -> float:
    """Seconds that the store's clock is ahead; half a round trip is taken off."""

    def one() -> float:
        began = time()
        seconds, micros = client.time()
        return float(seconds + micros / 1e6 - (began + time()) / 2)

    return median(one() for _ in range(5))


def _store(facts: Facts) -> list[Finding]:
    if facts.store_s is None:
        remedy = "start the room and check again"
        return [Finding("store's clock", "unknown", "not looked at: no store answers", remedy)]
    return [_off("store's clock", facts.store_s, "the store's clock")]


def _asked(facts: Facts) -> list[Finding]:
    if not facts.ntp:
        return []
    if facts.ntp_s is None:
        remedy = "name a time server that this network lets through, for example your router, with --ntp"
        return [Finding("time server", "unknown", f"not looked at: {facts.ntp}: {facts.ntp_why}", remedy)]
    return [_off("time server", facts.ntp_s, facts.ntp)]


def _off(name: str, ahead_s: float, other: str) -> Finding:
    size = abs(ahead_s)
    if size <= OFF_S:
        return green(name, f"within {max(0.1, size):.1f} s of this machine's")
    what = f"{other} is {size:.1f} s {'ahead of' if ahead_s > 0 else 'behind'} this machine's clock"
    remedy = "set both clocks from a time server: `sudo timedatectl set-ntp true` on each machine, then check again"
    return Finding(name, "red" if size > WRONG_S else "amber", what, remedy)


def _steered(facts: Facts) -> Finding:
    if facts.synchronised:
        return green("steered", "a time server steers this machine's clock")
    if facts.synchronised is None:
        remedy = "compare this machine's clock with a phone's, or check with `--ntp SERVER`"
        return Finding("steered", "unknown", "not looked at: this system does not tell", remedy)
    if facts.ntp_s is not None and abs(facts.ntp_s) <= OFF_S:
        return green("steered", f"no time server steers this machine's clock, but it is right by {facts.ntp}'s")
    remedy = "`sudo timedatectl set-ntp true`; or see that it is right with `--ntp SERVER`"
    return Finding("steered", "amber", "no time server steers this machine's clock: it may drift", remedy)


def _zone(facts: Facts) -> Finding:
    day = facts.day
    hours = day.opens_at.utcoffset().total_seconds() / 3600  # type: ignore[union-attr]
    system, packaged = facts.offsets
    if system is not None and packaged is not None and system != packaged:
        what = f"{day.timezone} on the day is UTC{packaged:+g} by tzdata, UTC{system:+g} by this system's own files"
        remedy = "bring the system's zones up to date: `sudo apt-get install --only-upgrade tzdata`"
        return Finding("time zone", "red", what, remedy)
    on_day = [c for c in facts.changes if c.date() == day.date]
    if on_day:
        what = f"{day.timezone}: clocks are changed on the day itself, at {on_day[0]:%H:%M}"
        return Finding("time zone", "amber", what, "tell every site which clock the polls' hours are by")
    near = f"; clocks are changed on {facts.changes[0]:%d %B}" if facts.changes else ""
    return green("time zone", f"{day.timezone} is UTC{hours:+g} on the day{near}")


def _synchronised() -> bool | None:
    tool = shutil.which("timedatectl")
    if tool:
        try:
            told = subprocess.run(  # noqa: S603
                [tool, "show", "-p", "NTPSynchronized", "--value"], capture_output=True, text=True, timeout=5
            ).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            told = ""
        if told in ("yes", "no"):
            return told == "yes"
    return kernel_synchronised()


def _system_hours(day: ElectionDay) -> float | None:
    """By the zone files of this system; None where it has none."""
    for folder in zoneinfo.TZPATH:
        try:
            with open(f"{folder}/{day.timezone}", "rb") as file:  # noqa: PTH123
                return _hours(day, ZoneInfo.from_file(file))
        except (OSError, ValueError):
            continue
    return None


def _packaged_hours(day: ElectionDay) -> float | None:
    """By the package tzdata."""
    *folders, name = day.timezone.split("/")
    try:
        with files("tzdata").joinpath("zoneinfo", *folders, name).open("rb") as file:
            return _hours(day, ZoneInfo.from_file(file))
    except (OSError, ValueError, ModuleNotFoundError):
        return None


def _hours(day: ElectionDay, zone: ZoneInfo) -> float:
    offset = datetime.combine(day.date, day.polls_open, zone).utcoffset()
    return 0.0 if offset is None else offset.total_seconds() / 3600
