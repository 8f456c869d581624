"""Wire format v1: what may be reported on the day, and what makes a report well formed.

A report is one JSON object. Every kind shares `id` (unique with `source`), `kind`, `at`
(when it was observed, ISO 8601 with offset), `source`, and optionally `received` (when it
arrived) and `v` (wire format version). Only `checkins`, `early_vote` and `correction` can
change turnout.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from warroom.domain.places import Latitude, Longitude, PlaceId

Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Count = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Severity = Literal["low", "medium", "high"]
ShiftStatus = Literal["scheduled", "checked_in", "en_route", "on_site", "left", "no_show"]


class _Report(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    id: Name
    at: Moment
    source: Name
    received: Moment | None = None
    v: Literal[1] = 1


class Checkins(_Report, frozen=True, kw_only=True, tag="checkins"):
    """Cumulative ballots or check-ins since the polls opened, at a precinct or at a whole site."""

    count: Count
    precinct: PlaceId | None = None
    site: PlaceId | None = None


class Correction(_Report, frozen=True, kw_only=True, tag="correction"):
    """Replaces the count of an earlier report, or voids it: the only way to lower a counter at once.

    `corrects` is the id of a report of the same source, or of `corrects_source` where a
    director corrects somebody else's. Of several corrections the latest observed counts.
    """

    corrects: Name
    corrects_source: Name | None = None
    count: Count | None = None
    void: bool = False


class Wait(_Report, frozen=True, kw_only=True, tag="wait"):
    """Minutes that a voter who joins the line now will wait."""

    site: PlaceId
    minutes: Annotated[int, msgspec.Meta(ge=0, le=1_440)]


class Incident(_Report, frozen=True, kw_only=True, tag="incident"):
    """Something went wrong at a site or a precinct."""

    category: Name
    severity: Severity
    text: Text = ""
    site: PlaceId | None = None
    precinct: PlaceId | None = None


class EarlyVote(_Report, frozen=True, kw_only=True, tag="early_vote"):
    """Cumulative ballots cast before the day, by method."""

    precinct: PlaceId
    count: Count
    method: Literal["in_person", "mail"]


class Contact(_Report, frozen=True, kw_only=True, tag="contact"):
    """One attempt to reach a voter; the voter is not named."""

    precinct: PlaceId
    channel: Literal["door", "phone", "text"]
    result: Name
    volunteer: Name | None = None


class Shift(_Report, frozen=True, kw_only=True, tag="shift"):
    """Where a volunteer is in the course of a shift."""

    volunteer: Name
    status: ShiftStatus
    site: PlaceId | None = None
    precinct: PlaceId | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


class Money(_Report, frozen=True, kw_only=True, tag="money"):
    """Money raised, in cents."""

    amount: Annotated[int, msgspec.Meta(ge=-1_000_000_000, le=1_000_000_000)]
    campaign: Name


class Ad(_Report, frozen=True, kw_only=True, tag="ad"):
    """Money spent on advertising, in cents."""

    amount: Annotated[int, msgspec.Meta(ge=-1_000_000_000, le=1_000_000_000)]
    campaign: Name


Report = Checkins | Correction | Wait | Incident | EarlyVote | Contact | Shift | Money | Ad


class Reject(msgspec.Struct, frozen=True, kw_only=True):
    """Input that cannot be counted, kept where people can see it.

    `where` names file and line, or topic and offset; `sample` is at most 200 characters
    of the input; `digest` identifies the same input sent again.
    """

    digest: str
    reason: str
    field: str
    remedy: str
    where: str
    received: datetime
    sample: str
