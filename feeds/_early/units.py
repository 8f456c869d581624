"""From counts by the publisher's groups to counts by the day's precincts, and to reports. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from feeds._early.groups import Group
from feeds._early.layout import Method
from feeds._early.places import Places, plain
from feeds._samples import digest_of
from warroom.domain.reports import Reject

Unit = tuple[str, Method]  # precinct id of the day, method


class Matched(NamedTuple):
    """Ballots by unit; ballots of places that the day does not have; and what was left out as another county's."""

    units: dict[Unit, int]
    unknown: dict[tuple[str, str], int]  # {(county, precinct): ballots}
    elsewhere: int
    precincts: int  # of the publisher, with ballots, in the counties that are read
    alone: bool  # one county only, so that a precinct's name says enough

    @property
    def known_share(self) -> float:
        """Share of the publisher's precincts that the day has, 0 to 1; 1 where there are none."""
        return 1.0 - len(self.unknown) / self.precincts if self.precincts else 1.0

    @property
    def ballots_share(self) -> float:
        """Share of the ballots that are in precincts of the day, 0 to 1."""
        found, lost = sum(self.units.values()), sum(self.unknown.values())
        return found / (found + lost) if found + lost else 1.0

    def text(self) -> str:
        """The rate in words, for the log and the board."""
        found, lost = sum(self.units.values()), sum(self.unknown.values())
        return (
            f"{self.precincts - len(self.unknown):,} of {self.precincts:,} precincts matched ({self.known_share:.1%}), "
            f"{found:,} of {found + lost:,} ballots ({self.ballots_share:.1%})"
        )


def match(
    ballots: Mapping[int, int], groups: Sequence[Group], places: Places, county: str, alone: bool | None = None
) -> Matched:
    """Join {group code: ballots} to the day. With `county` given, only that county's rows are read.

    `alone` is known where these are several files together: whether each by itself is of one county.
    """
    wanted = plain(county)
    read = {groups[code]: n for code, n in ballots.items() if not wanted or plain(groups[code].county) == wanted}
    if alone is None:
        alone = len({plain(group.county) for group in read}) <= 1
    units: Counter[Unit] = Counter()
    unknown: Counter[tuple[str, str]] = Counter()
    for group, n in read.items():
        found = places.find(group.county, group.precinct, alone)
        if found is None:
            unknown[group.county, group.precinct] += n
        else:
            units[found, group.method] += n
    seen = {(group.county, group.precinct) for group in read}
    return Matched(dict(units), dict(unknown), sum(ballots.values()) - sum(read.values()), len(seen), alone)


def report_id(event: str, unit: Unit) -> str:
    """The id of a unit's report in one event (file and as-of): the same file gives the same reports again."""
    return blake2b("\x1f".join((event, *unit)).encode(), digest_size=12).hexdigest()


def rejects(
    matched: Matched, refused: Mapping[str, int], bad_rows: Mapping[str, int], series: str, where: str, now: datetime
) -> list[Reject]:
    """One reject for each precinct that is not known and for each reason; never one for a voter.

    Their digests do not depend on the day: the same gap is one entry in the list, however often it is sent.
    """
    found = [
        _reject(
            "unknown_precinct", "precinct",
            "Add a line county,precinct,precinct_id to the crosswalk (option precincts), or the precinct to the day.",
            f"{n:,} ballots in {' / '.join(filter(None, place))}", f"{series} {place}", where, now,
        )
        for place, n in sorted(matched.unknown.items())
    ]  # fmt: skip
    for reason, n in sorted(refused.items()):
        field, remedy = _REASONS[reason]
        found.append(_reject(reason, field, remedy, f"{n:,} ballots", f"{series} {reason}", where, now))
    for reason, n in sorted(bad_rows.items()):
        remedy = "Close and double quotes on the same line; every row has as many cells as the header."
        found.append(_reject(reason, "", remedy, f"{n:,} rows", f"{series} rows {reason}", where, now))
    return found


_REASONS = {
    "after_as_of": ("at", "Dated after the file itself: check the dates, or the option as_of."),
    "bad_choice": ("method", "Say in [feed.layout] which words mean in_person and which mail."),
    "missing_field": ("voter", "No voter's number, so they cannot be counted once: ask the publisher."),
    "no_place": ("precinct", "No precinct stands in these rows."),
    "bad_count": ("count", "Write whole numbers of at least 0."),
    "total_differs": ("count", "The file's own total is another: some rows may be missing; fetch it again."),
}


def _reject(reason: str, field: str, remedy: str, sample: str, key: str, where: str, now: datetime) -> Reject:
    return Reject(
        digest=digest_of(key.encode()), reason=reason, field=field, remedy=remedy, where=where, received=now,
        sample=sample[:200],
    )  # fmt: skip
