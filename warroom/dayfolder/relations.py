"""What does not fit together between the files of a day: nothing that stops the day, so all are warnings."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from warroom.dayfolder.faults import Fault, listed
from warroom.domain.election import ElectionDay

_FAR_KM = 300.0
_TYPES = ("primary", "general", "special")


def unknown_ids(file: str, column: str, ids: Iterable[str], known: Iterable[str], known_file: str) -> list[Fault]:
    """One warning, with counts, for the ids that `known_file` does not have; blank ids are not counted.

    >>> unknown_ids("history.csv", "precinct_id", ["412", "0413"], ["0412", "0413"], "precincts.csv")[0].found
    "1 of 2 not in precincts.csv: '412'"
    """
    given = dict.fromkeys(name for name in ids if name)
    known = set(known)
    strange = [name for name in given if name not in known]
    if not strange:
        return []
    found = f"{len(strange):,} of {len(given):,} not in {known_file}: {listed(strange)}"
    # Spreadsheets read 0412 as the number 412: the most common reason, and the easiest to put right.
    bare = {name.lstrip("0"): name for name in known}
    dropped = next((name for name in strange if name.isdigit() and name.lstrip("0") in bare), None)
    remedy = "Rows that name them are kept but not used."
    if dropped:
        remedy = f"{dropped} may be {bare[dropped.lstrip('0')]}: format the column as text in a spreadsheet."
    return [Fault(file, None, column, found, f"ids of {known_file}", remedy)]


def blank_cells(file: str, frame: pd.DataFrame, column: str, effect: str) -> list[Fault]:
    """One warning with the number of rows that leave `column` blank."""
    blank = frame[column].isna() | (frame[column].astype(str) == "")
    if not blank.any():
        return []
    found = f"{int(blank.sum()):,} of {len(frame):,} rows blank"
    return [Fault(file, None, column, found, "a value", effect)]


def places(file: str, frame: pd.DataFrame, timezone: str) -> list[Fault]:
    """Warnings about coordinates: half a pair, a place far from all others, a sign that looks wrong."""
    warnings: list[Fault] = []

    def warn(column: str, found: str, expected: str, remedy: str) -> None:
        warnings.append(Fault(file, None, column, found, expected, remedy))

    half = frame["lat"].isna() != frame["lon"].isna()
    if half.any():
        found = f"{int(half.sum()):,} rows with only one of lat and lon (first: line {frame.index[half][0]})"
        warn("lat, lon", found, "both or neither", "They are not placed on the map.")
    whole = frame.dropna(subset=["lat", "lon"])
    if whole.empty:
        return warnings
    lat, lon = whole["lat"].median(), whole["lon"].median()
    north_km = (whole["lat"] - lat) * 111.2
    east_km = (whole["lon"] - lon) * 111.2 * np.cos(np.radians(lat))
    far = np.hypot(north_km, east_km) > _FAR_KM
    if far.any():
        found = f"{int(far.sum()):,} rows over {_FAR_KM:.0f} km from the middle (line {whole.index[far][0]})"
        warn("lat, lon", found, "places close together", "Check signs and order.")
    if timezone.startswith("America/") and lon > 0:
        found = f"longitudes around {lon:+.1f} with the time zone {timezone}"
        warn("lon", found, "negative longitudes", "West is negative: check the sign.")
    return warnings


def breaks(shifts: pd.DataFrame) -> list[Fault]:
    """One warning for the breaks that do not begin inside their shift."""
    begins = shifts["break_start"]
    outside = begins.notna() & ((begins < shifts["start"]) | (begins >= shifts["end"]))
    if not outside.any():
        return []
    found = f"{int(outside.sum()):,} breaks outside their shift (first: line {shifts.index[outside][0]})"
    remedy = "They are not reckoned with."
    return [Fault("shifts.csv", None, "break_start", found, "a time from start to end", remedy)]


def history_rows(history: pd.DataFrame, day: ElectionDay) -> tuple[pd.DataFrame, list[Fault]]:
    """History with one row for each election and precinct, and what was odd about it.

    Identical rows count once; several different rows of one precinct and election are added up, as parts.
    """
    file, warnings = "history.csv", []
    if history.empty:
        remedy = "Add earlier elections: without them nobody knows what to expect."
        return history, [Fault(file, None, "", "no rows", "earlier elections of these precincts", remedy)]
    odd_types = [name for name in history["type"].unique() if name not in _TYPES]
    if odd_types:
        remedy = "Such elections are compared with none of the day's type."
        warnings.append(Fault(file, None, "type", listed(odd_types), "primary, general or special", remedy))
    late = history.loc[history["date"] >= day.date.isoformat(), "election_id"].unique()
    if len(late):
        found = f"elections on or after the day: {listed(list(late))}"
        warnings.append(Fault(file, None, "date", found, f"dates before {day.date}", "Check the dates."))
    described = history.drop_duplicates(["election_id", "date", "type", "party"])
    mixed = described.loc[described["election_id"].duplicated(), "election_id"].unique()
    if len(mixed):
        found = f"several dates, types or parties for {listed(list(mixed))}"
        remedy = "Give each election its own id."
        warnings.append(Fault(file, None, "election_id", found, "one of each", remedy))
    once = history.drop_duplicates()
    keys = ["election_id", "precinct_id"]
    parts = int(once.duplicated(keys).sum())
    if parts or len(once) < len(history):
        found = f"{len(history) - len(once):,} repeated rows and {parts:,} further rows of a precinct"
        expected, remedy = "one row for each of both", "Repeats count once; different rows are added up."
        warnings.append(Fault(file, None, "election_id, precinct_id", found, expected, remedy))
        rest = {name: "first" for name in once.columns if name not in [*keys, "ballots"]}
        summed = once.groupby(keys, sort=False, as_index=False).agg({**rest, "ballots": "sum"})
        return summed[list(history.columns)], warnings
    return history, warnings
