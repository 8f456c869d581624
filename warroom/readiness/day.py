"""The day folder: what loading it warns of, whether its day is still to come, and hours that can be polls' hours."""

from dataclasses import dataclass
from datetime import datetime

from warroom.dayfolder.faults import Fault
from warroom.domain.election import ElectionDay
from warroom.readiness._finding import Finding, green, some
from warroom.readiness._place import Place
from warroom.store.day import DayClock

ORDER, TITLE = 10, "Day folder"
SHORTEST_H, LONGEST_H = 8, 17  # of one day's voting in the United States: 10 to 16 hours in 2024
EARLIEST_OPEN_H, LATEST_CLOSE_H = 5, 23
SOON_DAYS = 2


@dataclass(frozen=True)
class Facts:
    """The day, what is odd in its folder, and precincts whose poll site is not known.

    `rehearsal` is the minute of a replay that holds the room's clock, None on a live room.
    """

    day: ElectionDay
    now: datetime
    warnings: list[Fault]
    precincts: int
    without_site: list[str]
    rehearsal: datetime | None = None


def look(place: Place) -> Facts:
    """Read what the folder says, and the room's own clock where a room runs."""
    clock = DayClock(place.client) if place.client is not None else None
    rehearsal = clock.now() if clock is not None and clock.anchor() is not None else None
    table = place.folder.precincts
    without = table.loc[table["site_id"] == "", "precinct_id"]
    return Facts(place.folder.day, place.now, place.folder.warnings, len(table), list(without), rehearsal)


def judge(facts: Facts) -> list[Finding]:
    """The folder, the date, the hours, the sites."""
    return [_folder(facts), _date(facts), _hours(facts.day), _sites(facts)]


def _folder(facts: Facts) -> Finding:
    if not facts.warnings:
        return green("files", f"no fault, nothing odd; {facts.precincts:,} precincts")
    first = facts.warnings[0]
    what = f"no fault; {len(facts.warnings)} odd: {first}"
    return Finding("files", "amber", what, "mend each line that `warroom check DAY_DIR --json` lists under warnings")


def _date(facts: Facts) -> Finding:
    day, local = facts.day, facts.now.astimezone(facts.day.tz)
    away = (day.date - local.date()).days
    if facts.rehearsal is not None:
        at = f"{facts.rehearsal.astimezone(day.tz):%d %B %Y %H:%M}"
        if 0 <= away <= SOON_DAYS:
            remedy = "stop the room and start it for the day with a --data folder of its own"
            return Finding("date", "red", f"the room's clock is held by a replay, at {at}", remedy)
        return green("date", f"a rehearsal of {day.date:%d %B %Y}: a replay holds the room's clock, at {at}")
    if away < 0:
        remedy = (
            f"put the right date into day.toml; for a rehearsal of a past day add `--at {day.date.isoformat()}T00:00`"
        )
        return Finding("date", "red", f"{day.date:%d %B %Y} is {-away:,} days ago", remedy)
    when = {0: "today", 1: "tomorrow"}.get(away, f"in {away:,} days")
    return green("date", f"{day.date:%A, %d %B %Y}: {when}")


def _hours(day: ElectionDay) -> Finding:
    hours = day.minutes_open / 60
    what = f"polls open {day.polls_open:%H:%M} to {day.polls_close:%H:%M} ({hours:g} hours), {day.timezone}"
    odd = (
        not SHORTEST_H <= hours <= LONGEST_H
        or day.polls_open.hour < EARLIEST_OPEN_H
        or day.polls_close.hour >= LATEST_CLOSE_H
    )
    if odd:
        remedy = "compare polls_open and polls_close in day.toml with the election office's; 8 p.m. is 20:00"
        return Finding("polls' hours", "amber", f"{what}: unusual", remedy)
    return green("polls' hours", what)


def _sites(facts: Facts) -> Finding:
    if facts.without_site:
        what = f"{len(facts.without_site):,} of {facts.precincts:,} precincts name no poll site: "
        remedy = "fill in site_id in precincts.csv, and the site's address in sites.csv"
        return Finding("poll sites", "amber", what + some(facts.without_site), remedy)
    return green("poll sites", "every precinct has one")
