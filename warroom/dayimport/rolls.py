"""Sources that describe precincts one by one: who votes where, how many are registered, what it is called."""

import re
from dataclasses import dataclass

from warroom.dayimport.archive import Members
from warroom.dayimport.coordinates import mend
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.joining import Named, plain
from warroom.dayimport.rawtext import number, read_rows, require
from warroom.dayimport.source import Source
from warroom.dayimport.vip import VipFeed


@dataclass(frozen=True)
class Site:
    """A poll site as a source gives it. `site_id` is '' where the source has no id: name and address make one."""

    site_id: str
    name: str
    address: str
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True)
class RollRow:
    """What one row says of one precinct; None and '' where it says nothing."""

    named: Named
    name: str = ""
    region: str = ""
    registered: float | None = None
    lat: float | None = None
    lon: float | None = None
    site: Site | None = None


@dataclass(frozen=True)
class Roll:
    """One source's rows. `asked` is the name that the user told us to join by."""

    file: str
    what: str
    rows: list[RollRow]
    asked: str = ""


def polling_places(source: Source, timezone: str, findings: Findings) -> Roll:
    """Poll sites by precinct: the Center for Public Integrity's columns, or any others by options.

    Their layout: https://github.com/PublicI/us-polling-places. Options: precinct, site, name, address, county,
    region, lat, lon, registered name columns; where=column:value keeps some rows.
    """
    columns = {
        "precinct": source.option("precinct", "precinct_id"), "label": source.option("label", "precinct_name"),
        "site": source.option("site", "polling_place_id"), "name": source.option("name", "name"),
        "address": source.option("address", "address"), "county": source.option("county", "county_name"),
        "region": source.option("region", ""), "lat": source.option("lat", "lat"), "lon": source.option("lon", "lon"),
        "registered": source.option("registered", "registered"),
    }  # fmt: skip
    rows = []
    for line, row in rows_of(source, findings, (columns["precinct"].lower(), columns["name"].lower())):
        cell = {key: row.get(column.lower(), "") for key, column in columns.items()}
        if not cell["precinct"]:
            expected, remedy = "the precinct that votes there", "Fill it in; the row is left out."
            findings.fault(source.file, line, columns["precinct"], "a blank cell", expected, remedy)
            continue
        at = mend(cell["lat"], cell["lon"], timezone)
        if at.said:
            findings.note(source.file, at.said, f"line {line}: {cell['lat']}, {cell['lon']}")
        site = None
        if cell["name"] or cell["address"] or cell["site"]:
            name = _without_precinct(cell["name"], cell["precinct"])
            if name != cell["name"]:
                findings.note(
                    source.file, "the precinct's number in front of a building's name taken off", cell["name"]
                )
            site = Site(cell["site"], name, cell["address"], at.lat, at.lon)
        else:
            findings.note(source.file, "rows without a polling place", f"line {line}")
        keys = {columns["precinct"]: cell["precinct"], columns["label"]: cell["label"]}
        named = Named({key: value for key, value in keys.items() if value}, cell["county"])
        registered = number(cell["registered"], source.file, line, columns["registered"], findings)
        rows.append(RollRow(named, cell["label"], cell["region"] or "", registered, site=site))
    return Roll(source.file, "poll sites", rows, source.option("precinct"))


def _without_precinct(name: str, precinct: str) -> str:
    """The building alone, where the precinct stands in front: one building then has one name.

    >>> _without_precinct("01/02 ANNUNCIATION CHURCH", "0102")
    'ANNUNCIATION CHURCH'
    """
    found = re.match(r"(\d+)[/-](\d+)\s+(\S.*)", name)
    return found[3] if found and plain(found[1] + found[2]) == plain(precinct) else name


def registered_voters(source: Source, findings: Findings) -> Roll:
    """Registered voters by precinct: columns `precinct` and `registered`, or those that the options name.

    OpenElections files are read by their rows "Registered Voters".
    """
    precinct, county = source.option("precinct", "precinct").lower(), source.option("county", "county").lower()
    registered, rows = source.option("registered", "registered").lower(), []
    for line, row in rows_of(source, findings, (precinct,)):
        long_form = "office" in row and "votes" in row and not source.option("registered")
        if long_form and row["office"].casefold() != "registered voters":
            continue
        column = "votes" if long_form else registered
        require(row, (column,), source.file)
        count = number(row[column], source.file, line, column, findings)
        if row[precinct] and count is not None:
            rows.append(RollRow(Named({precinct: row[precinct]}, row.get(county, "")), registered=count))
    return Roll(source.file, "registered voters", rows, source.option("precinct").lower())


def rows_of(source: Source, findings: Findings, needed: tuple[str, ...]):  # type: ignore[no-untyped-def]
    """Rows of a source that pass its `where`; ImportProblem where a needed column or every row is absent."""
    members = Members(source.path, findings)
    seen = 0
    for name in members.names(".csv", ".txt", ".tsv") or members.names():
        with members.open(name) as raw:
            for line, row in read_rows(raw, name, findings):
                if not seen:
                    require(row, needed, source.file)
                    _known_where(source, row)
                seen += 1
                if source.keeps(row) and all(column in row for column in needed):
                    yield line, row
    if not seen:
        raise ImportProblem(source.file, "no rows", "a header and rows", "Check that the download is complete.")


def _known_where(source: Source, row: dict[str, str]) -> None:
    """Raise ImportProblem for a `where` that names no column: it would keep nothing, in silence."""
    conditions = filter(None, source.option("where").split(","))
    require(row, tuple(condition.partition(":")[0].strip().lower() for condition in conditions), source.file)


def vip_roll(feed: VipFeed, source: Source, day_sites: dict[str, Site | None]) -> Roll:
    """The precincts of a VIP feed. `day_sites`: {precinct key: where it votes on the day}."""
    rows = [
        RollRow(
            Named(
                {kind: value for kind, value in (("number", unit.number), ("id", unit.key),
                                                 ("external_identifier", unit.external_id), ("name", unit.name))
                 if value},
                feed.localities.get(unit.locality_id, ""),
            ),
            unit.name, feed.localities.get(unit.locality_id, ""), site=day_sites.get(unit.key),
        )
        for unit in feed.units.values()
        if not unit.mail_only
    ]  # fmt: skip
    return Roll(source.file, "VIP precincts", rows, source.option("precinct"))
