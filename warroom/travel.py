"""Where `warroom moves` has its travel times from: WARROOM_TRAVEL_URL, WARROOM_TRAVEL_FILE, or coordinates."""

import logging
import math
from collections.abc import Mapping
from pathlib import Path

from anomaly.osrm import OsrmTable
from anomaly.roads import ByMatrix, ByRoad, TravelTimes
from warroom.dayfolder.faults import Fault, describe, listed
from warroom.dayfolder.schema import Column, TableSchema
from warroom.dayfolder.table import read_table

logger = logging.getLogger(__name__)

URL, FILE = "WARROOM_TRAVEL_URL", "WARROOM_TRAVEL_FILE"
MATRIX = TableSchema(
    "travel.csv",
    "Minutes between poll sites, door to door.",
    (
        Column("from_site", "id", "Poll site where somebody is, as in sites.csv.", required=True),
        Column("to_site", "id", "Poll site of the precinct in need.", required=True),
        Column("minutes", "ballots", "Minutes it takes; a fraction is allowed.", required=True),
    ),
)


def travel_from(environ: Mapping[str, str]) -> TravelTimes | None:
    """The travel times that are set up; None for coordinates alone.

    A setting that cannot be used is an error in the log, and coordinates are used: suggestions go on.
    """
    url, file = environ.get(URL, ""), environ.get(FILE, "")
    if url and file:
        logger.error("moves: %s and %s are both set: unset one; the file is used", URL, FILE)
    if file:
        known, faults = read_matrix(Path(file))
        if faults:
            logger.error("moves: %s:\n%s", FILE, "\n".join(describe(faults)))
        return ByMatrix(known)
    if not url:
        return None
    try:
        return ByRoad(OsrmTable(url))
    except ValueError as error:
        logger.error("moves: %s cannot be used: %s; coordinates are used", URL, error)
        return None


def read_matrix(path: Path) -> tuple[dict[tuple[str, str], float], list[Fault]]:
    """{(from site, to site): minutes} of a CSV file, and what is wrong with it, by line. Good rows count.

    Of a pair given twice the last row counts.
    """
    table, faults = read_table(path, MATRIX)
    found: dict[tuple[str, str], float] = {}
    if table is None:
        return found, faults
    for line, row in zip(table.frame.index, table.frame.itertuples(index=False), strict=True):
        minutes = _minutes(str(row.minutes))
        if row.from_site and row.to_site and minutes is not None:
            found[str(row.from_site), str(row.to_site)] = minutes
        else:
            fault = Fault(path.name, int(line), "", listed([str(cell) for cell in row]),
                          "two sites and a number of minutes of at least 0", "The row is not used.")  # fmt: skip
            faults.append(fault)
    return found, faults


def _minutes(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
