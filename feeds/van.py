"""Contact history and survey answers that VAN exports: who was reached where and how, without the who.

`van:///path/contacts.xls?precincts=/path/vanid-precinct.csv`. The columns are those of VAN's own exports; see
docs/feeds.md. Of a person only a salted digest leaves this module, inside the id of the report.
"""

from collections.abc import Mapping
from datetime import datetime, time
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from feeds._contact_words import channel_of, result_of
from feeds._export import OPTIONS as COMMON
from feeds._export import ExportFeed, export_options
from feeds._export_rows import OTHER_DAY, NotThisDay
from feeds._faults import Refusal
from feeds._feed import Feed
from feeds._precincts import PrecinctOf, precinct_lookup
from feeds._salt import read_salt, salted
from feeds._table import read_table
from feeds._url import FeedURLError, merge_options
from warroom.domain.election import ElectionDay

SCHEMES = ("van",)
ABOUT = "contact history and survey answers exported from VAN, as contacts by precinct"
OPTIONS = (*COMMON, "precincts", "precinct_column", "channel", "question")

VANID, WHEN, TYPE = "Voter File VANID", "Date Canvassed", "Contact Type"
RESULT, QUESTION, ANSWER = "Result", "Survey Question Name", "Survey Response"
INPUT, CREATED = "Input Type Name", "Date Created"
CHANNELS = ("door", "phone", "text")
SOURCE = "van"
_FORMS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%m/%d/%y")


def open_feed(url: str, options: dict[str, Any]) -> Feed:
    """The feed of this export. Raises FeedURLError for wrong options.

    Options: `precincts`, a CSV of two columns, VANID and precinct; or `precinct_column`, the name of a column
    of the export itself; `channel` where the export does not name it; `question`, whose answers are the
    results of a survey export; `follow` and `poll_ms` as everywhere.
    """
    given = merge_options(url, options, OPTIONS)
    path, common = export_options(url, given, "van")
    channel = str(given.get("channel") or "")
    if channel and channel not in CHANNELS:
        raise FeedURLError(f"{url}: channel={channel} is none of {', '.join(CHANNELS)}.")
    column, crosswalk = str(given.get("precinct_column") or ""), str(given.get("precincts") or "")
    if bool(column) == bool(crosswalk):
        raise FeedURLError(
            f"{url}: say where the precincts are: precincts=FILE.csv (columns VANID and precinct), "
            "or precinct_column=NAME of the export."
        )
    if column in (VANID, "Contact Name", "Canvassed By", "Created By"):
        raise FeedURLError(f"{url}: precinct_column={column} holds people, not precincts.")
    file = path.parent / crosswalk if crosswalk else None
    return ExportFeed(
        path, partial(_translator, file, column, channel, str(given.get("question") or "")), read_table, **common
    )


def _translator(file: Path | None, column: str, channel: str, question: str, day: ElectionDay) -> "VanRows":
    salt = read_salt()
    return VanRows(day, salt, precinct_lookup(file, salt, column, VANID), channel, question)


class VanRows:
    """The rows of one export, contact history or survey answers, as its columns say."""

    needs: tuple[str, ...] = (VANID, WHEN, TYPE)

    def __init__(
        self, day: ElectionDay, salt: bytes, precinct_of: PrecinctOf, channel: str = "", question: str = ""
    ) -> None:
        self._day = day
        self._salt = salt
        self._precinct_of = precinct_of
        self._channel = channel
        self._question = question.casefold().strip()

    def fields(self, row: Mapping[str, str]) -> list[dict[str, Any]] | Refusal | NotThisDay:
        """The contact of this row. Rows of a survey that are one contact share an id, and so count once."""
        if RESULT not in row and ANSWER not in row:
            return Refusal("missing_field", RESULT, f"Export the contacts with the column {RESULT} or {ANSWER}.")
        result = self._result(row)
        if result is None:
            return []
        when = _moment(row[WHEN], row.get(CREATED, ""))
        if when is None:
            return Refusal("bad_time", WHEN, f"Write {WHEN} as 6/24/2025 or 6/24/2025 3:15 PM.")
        if when.date() != self._day.date:
            return OTHER_DAY
        channel = self._channel or channel_of(row[TYPE], row.get(INPUT, ""))
        if channel is None:
            remedy = f"{TYPE} names no door, phone or text: leave such rows out, or set the feed's option channel."
            return Refusal("bad_choice", TYPE, remedy)
        precinct = self._precinct_of(row)
        if not precinct:
            return Refusal("no_place", "precinct", "Add this row's precinct: the crosswalk or the column has none.")
        if not row[VANID]:
            return Refusal("missing_field", VANID, f"Fill in {VANID}: it tells one contact from another.")
        at = when.replace(tzinfo=self._day.tz).isoformat()
        made = salted(self._salt, row[VANID], at, channel, result)
        return [{"id": made, "kind": "contact", "source": SOURCE, "at": at, "precinct": precinct,
                 "channel": channel, "result": result}]  # fmt: skip

    def _result(self, row: Mapping[str, str]) -> str | None:
        """What came of the contact; None for an answer to another question than the one that is asked for."""
        if RESULT in row:
            return result_of(row[RESULT])
        if not self._question:
            return "spoke"  # who answers a survey was spoken to
        return result_of(row.get(ANSWER, "")) if row.get(QUESTION, "").casefold() == self._question else None


def _moment(canvassed: str, created: str) -> datetime | None:
    """Local time of the contact. A date alone is its midnight, unless it was entered the same day: then that."""
    when = _read(canvassed)
    entered = _read(created) if when is not None and when.time() == time() else None
    return entered if when and entered and entered.date() == when.date() else when


@lru_cache(maxsize=4_096)  # an export names the same minutes again and again
def _read(text: str) -> datetime | None:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 local to the day; its zone follows
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
