"""Reads one file of early or absentee ballots, whatever it is packed in, to voters or counts by group."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from feeds._early.count import Counting
from feeds._early.groups import Groups
from feeds._early.layout import Layout, find_layout, folded, nearest
from feeds._early.rows import Batch, NotStraight, fast_batches, listed_batch, slow_batches, wanted_of
from feeds._early.source import BadTable, Header, Source, is_workbook, open_table, read_header
from feeds._early.voters import Voters
from feeds._early.workbook import Sheet, read_workbook


class Terms(NamedTuple):
    """How to read: the user's layout, the as-of where the user states it, and what all files share."""

    groups: Groups
    key: str
    zone: ZoneInfo
    layout: Layout | None = None
    as_of: datetime | None = None


class EarlyFile(NamedTuple):
    """What one file says. `counts` is {group code: ballots}; of a file of voters, `voters` says it instead.

    `refused` is {reason: ballots that do not count}; `bad_rows` {reason: rows that could not be read}.
    """

    layout: Layout
    header: list[str]
    digest: str
    as_of: datetime
    voters: Voters
    counts: dict[int, int]
    rows: int
    ballots: int
    total: int | None
    refused: Counter[str]
    bad_rows: Counter[str]

    @property
    def voted(self) -> int:
        """Voters, each once; or ballots, of a file of counts."""
        return len(self.voters) if self.layout.voter else self.ballots


def read_early(path: Path, terms: Terms, now: datetime) -> EarlyFile:
    """Read the file. Without a stated as-of, a workbook's own line says it, or the time of the file, at most `now`.

    Raises OSError, and BadTable for what cannot be read as early votes.
    """
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if is_workbook(path):
        return _of_workbook(path, terms, min(written, now))
    header = read_header(path)
    layout = find_layout(header.columns, terms.layout)
    if layout is None:
        raise _unknown(header.columns)
    as_of = terms.as_of or min(written, now)
    return _of_table(path, terms, as_of, layout, header)


def _of_table(path: Path, terms: Terms, as_of: datetime, layout: Layout, header: Header) -> EarlyFile:
    wanted = wanted_of(header, layout.columns, folded)
    bad: Counter[str] = Counter()
    with open_table(path) as source:
        try:
            return _counted(fast_batches(source, wanted), source, terms, as_of, layout, header.columns, bad)
        except NotStraight:
            pass
    with open_table(path) as source:
        return _counted(slow_batches(source, wanted, bad), source, terms, as_of, layout, header.columns, bad)


def _of_workbook(path: Path, terms: Terms, written: datetime) -> EarlyFile:
    sheet = read_workbook(path, terms.layout)
    as_of = terms.as_of or _local(sheet, terms.zone) or written
    with path.open("rb") as file:
        source = Source(file)
        return _counted([listed_batch(sheet.rows)], source, terms, as_of, sheet.layout, sheet.header, Counter())


def _counted(
    batches: Iterable[Batch], source: Source, terms: Terms, as_of: datetime, layout: Layout, header: list[str],
    bad: Counter[str],
) -> EarlyFile:  # fmt: skip
    counting = Counting(layout, terms.groups, terms.key, as_of.astimezone(terms.zone).date())
    for batch in batches:
        counting.add(batch)
    return EarlyFile(
        layout=layout, header=header, digest=source.digest(), as_of=as_of, voters=counting.voters(),
        counts=dict(counting.counts), rows=counting.rows, ballots=counting.ballots, total=counting.total,
        refused=+counting.refused, bad_rows=bad,
    )  # fmt: skip


def _local(sheet: Sheet, zone: ZoneInfo) -> datetime | None:
    return sheet.as_of.replace(tzinfo=zone).astimezone(UTC) if sheet.as_of else None


def _unknown(header: list[str]) -> BadTable:
    if near := nearest(header):
        layout, lacking = near
        return BadTable("bad_header", f"This looks like {layout.name}, but lacks {', '.join(lacking)}.")
    return BadTable("unknown_file", "Its first line is of no known file: describe its columns in [feed.layout].")
