"""Volunteers: who has a code, who has tried it and sent a test report, against T-7, T-3 and T-1."""

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from warroom.domain.readiness import MILESTONE_DAYS, deadlines, readiness
from warroom.readiness._finding import Finding, NotLooked, green, some
from warroom.readiness._place import Place
from warroom.store import keys
from warroom.store.day import DayClock
from warroom.store.people import PeopleStore
from warroom.store.signs import signs_before
from warroom.store.wire import epoch_ms

ORDER, TITLE = 60, "Volunteers"
MOST_AWAITED_SHARE = 0.5  # after T-3


@dataclass(frozen=True)
class Facts:
    """How many volunteers and codes there are, who is still awaited (ids), and the deadlines in epoch ms."""

    volunteers: int
    codes: int
    awaited: list[str]
    due: dict[int, int]
    now_ms: int
    tz: tzinfo
    make_codes: str


def look(place: Place) -> Facts:
    """Count codes and signs in the store. Raises NotLooked where no room runs, or the day is not loaded."""
    day = place.folder.day
    listed = 0 if place.folder.volunteers is None else len(place.folder.volunteers)
    make = f"warroom codes {shlex.quote(str(place.folder.path))} --out codes.csv{place.on} --address https://ROOM"
    if not listed:
        return Facts(0, 0, [], {}, 0, day.tz, make)
    client = place.store()
    if DayClock(client).anchor() is not None:
        what = "a replay holds the room's clock, so nobody was asked to try anything"
        raise NotLooked(what, "check the room of the day itself")
    known = PeopleStore(client).volunteers()
    if not known:
        raise NotLooked("this day's volunteers are not in the store", place.start)
    now_ms = epoch_ms(place.now)
    heard = signs_before(client, known.keys(), epoch_ms(day.begins_at))
    [now] = readiness(known, heard, {0: now_ms})
    codes = int(client.hlen(keys.CODE_HOLDERS))
    return Facts(len(known), codes, now.awaited, deadlines(day), now_ms, day.tz, make)


def judge(facts: Facts) -> list[Finding]:
    """Codes made, codes tried."""
    if not facts.volunteers:
        return [green("volunteers", "none in the day folder: reports come from feeds only")]
    return [_made(facts), _tried(facts)]


def _made(facts: Facts) -> Finding:
    what = f"{facts.codes:,} codes for {facts.volunteers:,} volunteers"
    if facts.codes < facts.volunteers:
        remedy = f"`{facts.make_codes}` gives everybody one; who has one keeps it"
        return Finding("codes made", "amber", what, remedy)
    return green("codes made", what)


def _tried(facts: Facts) -> Finding:
    ready, left = facts.volunteers - len(facts.awaited), len(facts.awaited)
    past = [days for days in MILESTONE_DAYS if facts.now_ms >= facts.due[days]]
    ahead = [days for days in MILESTONE_DAYS if facts.now_ms < facts.due[days]]
    what = f"{ready:,} of {facts.volunteers:,} have logged in and sent a test report"
    if ahead:
        due = datetime.fromtimestamp(facts.due[ahead[0]] / 1000, UTC).astimezone(facts.tz)
        what += f"; T-{ahead[0]} ends {due:%d %B %H:%M}"
    if not left or not past:
        return green("codes tried", what)
    late = len(past) > 1 and left > MOST_AWAITED_SHARE * facts.volunteers
    remedy = f"call them, or give their sites to others; /volunteers lists them: {some(facts.awaited)}"
    return Finding("codes tried", "red" if late else "amber", f"{what}; {left:,} have not", remedy)
