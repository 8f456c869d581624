"""Takes files of early votes: keeps who is in which file (in memory), and says what each new file changes."""

import logging
import os
from collections import Counter
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from feeds._drop.checks import not_of_day, refusal
from feeds._drop.how import How
from feeds._drop.ledger import Ledger, Series
from feeds._drop.names import series_of
from feeds._drop.story import Story
from feeds._early.file import EarlyFile, Terms, read_early
from feeds._early.groups import Groups
from feeds._early.places import Places, plain, read_crosswalk
from feeds._early.source import BadTable
from feeds._early.units import Matched, Unit, match, rejects
from feeds._early.voters import Voters, by_group, meet, together, voter_key
from feeds._faults import Refusal
from warroom.domain.reports import Reject, Report
from warroom.store.ports import Intake

_log = logging.getLogger(__name__)


class Taken(NamedTuple):
    """What became of a file: its items for the store, or why it was refused; `note` in words for the state."""

    digest: str
    series: str
    items: list[Report | Reject]
    refusal: Refusal | None
    note: str
    duplicate: bool = False


class EarlyDesk:
    """The files of one feed. Raises FeedError where the crosswalk or the salt cannot be used."""

    def __init__(self, folder: Path, name: str, options: How, intake: Intake, ledger: Ledger) -> None:
        self._folder = folder
        self._source = name[:128]
        self._county = options.county
        self._intake = intake
        self._ledger = ledger
        crosswalk = read_crosswalk(options.precincts) if options.precincts else None
        self._places = Places(intake.precinct_ids(), crosswalk)
        if strays := self._places.strays:
            some = ", ".join(strays[:3])
            _log.warning("feed %s: %s names %d precincts that the day does not have, such as %s", name,
                         options.precincts, len(strays), some)  # fmt: skip
        self._terms = Terms(Groups(), voter_key(os.environ), intake.day().tz, options.layout, options.as_of)
        said = (sorted((crosswalk or {}).items()), options.county, options.layout, options.as_of,
                sorted(intake.precinct_ids()))  # fmt: skip
        self.terms = blake2b(repr(said).encode(), digest_size=8).hexdigest()  # of other terms come other counts
        self._voters: dict[str, Voters] = {}  # {series: who is in its newest file}
        self._units: dict[str, frozenset[Unit]] = {}

    def take(self, path: Path, accepted: bool) -> Taken:
        """Read a file. Raises OSError, BadTable."""
        now = self._intake.now()
        file = read_early(path, self._terms, now)
        matched = self._match(file.counts or by_group(file.voters))
        series = series_of(path.name, file.layout.name, self._counties(file))
        where = f"file {path.name}"
        before = self._ledger.series.get(series)
        same = self._same(file, path.name)
        if same:
            if before is not None and before.digest == file.digest:
                self._remember(series, file, matched)  # after a restart its voters are needed again
            return Taken(file.digest, series, [], None, f"the same as {same}", duplicate=True)
        wrong = not_of_day(file.as_of, self._intake.day(), now) or refusal(before, file, path.name, accepted)
        if wrong:
            return Taken(file.digest, series, [], wrong, wrong.remedy)
        said = f"{file.voted:,} {'voters' if file.layout.voter else 'ballots'}; {matched.text()}"
        units, event = self._joined(series, file, matched)
        self._remember(series, file, matched)
        self._ledger.series[series] = Series(
            file=path.name, digest=file.digest, header=file.header, as_of_ms=round(file.as_of.timestamp() * 1000),
            rows=file.rows, voted=file.voted, has_voters=bool(file.layout.voter), match=matched.text(),
        )  # fmt: skip
        story = Story(self._ledger, series, event, file.as_of, self._source, now)
        told: list[Report | Reject] = list(story.tell(units, restated=accepted))
        told += rejects(matched, _refused(file), file.bad_rows, series, where, now)
        return Taken(file.digest, series, told, None, said)

    def _match(self, counts: dict[int, int], alone: bool | None = None) -> Matched:
        return match(counts, self._terms.groups.names, self._places, self._county, alone)

    def _counties(self, file: EarlyFile) -> list[str]:
        codes = file.counts or by_group(file.voters)
        return sorted({plain(self._terms.groups.names[code].county) for code in codes})

    def _same(self, file: EarlyFile, name: str) -> str:
        """The name of a file with these bytes that was read before; '' where there is none."""
        known = self._ledger.files
        if name in known and known[name].digest == file.digest and known[name].outcome == "read":
            return name
        return next((n for n, seen in known.items() if seen.digest == file.digest and seen.outcome == "read"), "")

    def _remember(self, series: str, file: EarlyFile, matched: Matched) -> None:
        if file.layout.voter:
            self._voters[series] = file.voters
            self._units[series] = frozenset(matched.units)

    def _joined(self, series: str, file: EarlyFile, own: Matched) -> tuple[dict[Unit, int], str]:
        """The counts of this file's units, a voter who is in other files too counted once; and the event's key.

        The files whose voters or units meet this one's are part of the key: with them the counts are others.
        """
        digests = [file.digest]
        units = own.units
        if file.layout.voter:
            self._read_again(series)
            near = [
                other
                for other, voters in self._voters.items()
                if other != series and (self._units[other] & own.units.keys() or meet(voters, file.voters))
            ]
            if near:
                digests += sorted(self._ledger.series[other].digest for other in near)
                joined = together([file.voters, *(self._voters[other] for other in near)], self._terms.groups.ranks())
                everywhere = self._match(by_group(joined), own.alone).units
                units = {unit: n for unit, n in everywhere.items() if unit in own.units or self._changed(unit, n)}
        as_of = file.as_of.isoformat()
        return units, blake2b(" ".join((as_of, self.terms, *digests)).encode(), digest_size=12).hexdigest()

    def _changed(self, unit: Unit, count: int) -> bool:
        precinct, method = unit
        past = self._ledger.units.get(f"{method} {precinct}")
        return past is not None and past.count != count

    def _read_again(self, series: str) -> None:
        """After a restart: who is in the other files of the folder. Their hashes were kept nowhere."""
        for other, known in self._ledger.series.items():
            if other == series or not known.has_voters or other in self._voters:
                continue
            try:
                file = read_early(self._folder / known.file, self._terms, self._intake.now())
            except (OSError, BadTable) as error:
                _log.warning("feed %s: %s cannot be compared with the new file (%s)", self._source, other, error)
                continue
            if file.digest == known.digest:
                self._remember(other, file, self._match(by_group(file.voters)))


def _refused(file: EarlyFile) -> Counter[str]:
    """What the file holds and does not count, by reason."""
    refused = Counter(file.refused)
    if file.total is not None and file.total != file.ballots:
        refused["total_differs"] = abs(file.total - file.ballots)
    return refused
