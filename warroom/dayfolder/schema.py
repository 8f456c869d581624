"""The files of a day folder and their columns, once: the checks, the template and its README use it."""

from dataclasses import dataclass
from typing import Literal

ColumnKind = Literal["id", "text", "count", "ballots", "lat", "lon", "date", "moment", "yes_no"]


@dataclass(frozen=True)
class Column:
    """One column: its name, what its cells must be, and what it means. A required column is never blank."""

    name: str
    kind: ColumnKind
    about: str
    required: bool = False


@dataclass(frozen=True)
class TableSchema:
    """One CSV file. `key` names the column whose values must be unique; empty where rows may repeat."""

    file: str
    about: str
    columns: tuple[Column, ...]
    key: str = ""
    required: bool = False
    may_be_empty: bool = True

    @property
    def names(self) -> list[str]:
        """Column names in the order of the contract."""
        return [column.name for column in self.columns]


_LAT = "Latitude in degrees, WGS 84."
_LON = "Longitude in degrees, WGS 84; west of Greenwich is negative."

PRECINCTS = TableSchema(
    "precincts.csv",
    "The smallest units that report on the day (precinct, election district, division).",
    (
        Column("precinct_id", "id", "Identifier, kept as text: 0412 stays 0412.", required=True),
        Column("name", "text", "What people call it."),
        Column("region", "text", "Borough, ward or district that totals are shown for."),
        Column("site_id", "text", "Poll site where it votes, as in sites.csv."),
        Column("registered", "count", "Voters who may vote in this election; blank where unknown."),
        Column("lat", "lat", _LAT),
        Column("lon", "lon", _LON),
        Column("languages", "text", "Languages that help at its doors; several separated by semicolons."),
    ),
    key="precinct_id",
    required=True,
    may_be_empty=False,
)
SITES = TableSchema(
    "sites.csv",
    "Poll sites: the buildings where one or more precincts vote.",
    (
        Column("site_id", "id", "Identifier, kept as text.", required=True),
        Column("name", "text", "Name of the building."),
        Column("address", "text", "Street address."),
        Column("lat", "lat", _LAT),
        Column("lon", "lon", _LON),
    ),
    key="site_id",
)
HISTORY = TableSchema(
    "history.csv",
    "Ballots at earlier elections, already on the precinct ids of this day.",
    (
        Column("election_id", "id", "One name for one election, such as 2021-06-22_primary_dem.", required=True),
        Column("date", "date", "Day of that election, YYYY-MM-DD.", required=True),
        Column("type", "text", "primary, general or special.", required=True),
        Column("party", "text", "Party of a primary; blank otherwise."),
        Column("precinct_id", "id", "A precinct_id of precincts.csv.", required=True),
        Column("ballots", "ballots", "Ballots cast; a fraction where boundaries were redrawn.", required=True),
    ),
    required=True,
)
EARLY_VOTE = TableSchema(
    "early_vote.csv",
    "Ballots cast before the day, cumulative.",
    (
        Column("precinct_id", "id", "A precinct_id of precincts.csv.", required=True),
        Column("as_of", "moment", "When the count was taken: a date, or date and time.", required=True),
        Column("count", "count", "Ballots cast so far.", required=True),
    ),
)
VOLUNTEERS = TableSchema(
    "volunteers.csv",
    "People who can be sent somewhere.",
    (
        Column("volunteer_id", "id", "Identifier, kept as text.", required=True),
        Column("name", "text", "Name."),
        Column("phone", "text", "Telephone number, with country code."),
        Column("skills", "text", "What they can do; several separated by semicolons."),
        Column("languages", "text", "Languages they speak; several separated by semicolons."),
        Column("has_car", "yes_no", "yes or no; blank counts as no."),
        Column("home_lat", "lat", _LAT),
        Column("home_lon", "lon", _LON),
    ),
    key="volunteer_id",
)
SHIFTS = TableSchema(
    "shifts.csv",
    "Who is where, and from when to when.",
    (
        Column("volunteer_id", "id", "A volunteer_id of volunteers.csv.", required=True),
        Column("site_id", "text", "Poll site of the shift."),
        Column("precinct_id", "text", "Precinct of the shift."),
        Column("role", "text", "Poll watcher, canvasser, driver and so on."),
        Column("start", "moment", "Local time HH:MM on the day, or date and time.", required=True),
        Column("end", "moment", "Local time HH:MM on the day, or date and time; after start.", required=True),
        Column("break_start", "moment", "When their break begins, inside the shift; blank where none is planned."),
        Column("break_minutes", "count", "How long the break lasts; blank counts as 30."),
    ),
)
TABLES = (PRECINCTS, SITES, HISTORY, EARLY_VOTE, VOLUNTEERS, SHIFTS)
BY_FILE = {table.file: table for table in TABLES}
