"""What a file of early and absentee ballots looks like: the published forms, and any other by its column names.

A layout either lists voters (`voter`: one person may have several rows) or holds counts (`count`).
Headers: North Carolina State Board of Elections (absentee_YYYYMMDD.csv), Georgia Secretary of State
(STATEWIDE.csv, older files with `Post #`), Pennsylvania Department of State (daily mail ballot report).
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from feeds._url import FeedURLError

Method = Literal["in_person", "mail"]


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of the columns that count, and the words in them; '' where a file has no such column.

    `in_person` and `mail` are parts of the words in column `method`; `always` is for a file of one method.
    A row counts where `status` holds one of `accepted` (any row, where `status` is ''). `date` is the day on
    which a ballot came in, by `date_format`. `sheet` and `total` are for workbooks: the sheet that is read,
    and the word that begins its line of totals.
    """

    name: str = "your layout"
    voter: str = ""
    count: str = ""
    precinct: str
    county: str = ""
    method: str = ""
    in_person: tuple[str, ...] = ("person", "early", "stop")
    mail: tuple[str, ...] = ("mail", "absentee", "electronic", "military", "overseas", "uocava")
    always: Method | None = None
    status: str = ""
    accepted: tuple[str, ...] = ()
    date: str = ""
    date_format: str = "%m/%d/%Y"
    sheet: str = ""
    total: str = ""

    @property
    def columns(self) -> dict[str, str]:
        """{role: column} of the columns that are read; no other column leaves the parser."""
        roles = ("voter", "count", "precinct", "county", "method", "status", "date")
        return {role: column for role in roles if (column := getattr(self, role))}


KNOWN = (
    Layout(
        name="North Carolina absentee", voter="ncid", precinct="precinct_desc", county="county_desc",
        method="ballot_req_type", status="ballot_rtn_status", accepted=("ACCEPTED", "ACCEPTED - CURED"),
        date="ballot_rtn_dt",
    ),
    Layout(
        name="Georgia absentee", voter="Voter Registration #", precinct="County Precinct", county="County",
        method="Ballot Style", status="Ballot Status", accepted=("A",), date="Ballot Return Date",
    ),
    Layout(
        name="Pennsylvania mail ballots", count="Total Ballots Returned", precinct="CountyName", always="mail",
        sheet="Total", total="TOTAL",
    ),
)  # fmt: skip


def find_layout(header: Sequence[str], given: Layout | None = None) -> Layout | None:
    """The layout that this header is of: `given`, or one of KNOWN; None where it is neither.

    >>> find_layout(["CountyName", "Total Applications Approved", "Total Ballots Returned"]).name
    'Pennsylvania mail ballots'
    """
    names = {folded(name) for name in header}
    known = (given,) if given else KNOWN
    return next((one for one in known if all(folded(column) in names for column in one.columns.values())), None)


def nearest(header: Sequence[str]) -> tuple[Layout, list[str]] | None:
    """The known layout that this header nearly is, and the columns that it lacks; None where it is none."""
    names = {folded(name) for name in header}
    for one in KNOWN:
        lacking = [column for column in one.columns.values() if folded(column) not in names]
        if len(lacking) < len(one.columns) / 2:
            return one, lacking
    return None


def folded(name: str) -> str:
    """A column name for comparing: without regard to case and outer space."""
    return name.strip().casefold()


def read_layout(given: object) -> Layout | None:
    """The `[feed.layout]` table of feeds.toml, or the path of a TOML file with it. Raises FeedURLError."""
    if given is None:
        return None
    if isinstance(given, str):
        try:
            given = tomllib.loads(Path(given).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            raise FeedURLError(f"layout={given}: no TOML file that can be read ({error}).") from error
    if not isinstance(given, Mapping):
        raise FeedURLError("layout: write a table [feed.layout] in feeds.toml; see docs/early-vote.md.")
    try:
        layout = msgspec.convert(dict[str, Any](given), Layout)
    except msgspec.ValidationError as error:
        raise FeedURLError(f"layout: {error}; known are {', '.join(Layout.__struct_fields__)}.") from None
    if bool(layout.voter) == bool(layout.count):
        raise FeedURLError("layout: name either the column of the voter or that of the count.")
    if not layout.method and not layout.always:
        raise FeedURLError('layout: name the column of the method, or always = "mail" or "in_person".')
    if layout.status and not layout.accepted:
        raise FeedURLError('layout.accepted: missing; list the words in the status column that count, such as ["A"].')
    return layout
