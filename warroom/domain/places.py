"""Places: the precinct that votes and the poll site where it does."""

from typing import Annotated

import msgspec

PlaceId = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Voters = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]


class Precinct(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest unit that reports (ED, division, VTD). `registered` counts voters who may vote today.

    `languages` help at its doors.
    """

    precinct_id: PlaceId
    name: str = ""
    region: str = ""
    site_id: str = ""
    registered: Voters | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    languages: tuple[str, ...] = ()


class PollSite(msgspec.Struct, frozen=True, kw_only=True):
    """A building where one or more precincts vote."""

    site_id: PlaceId
    name: str = ""
    address: str = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
