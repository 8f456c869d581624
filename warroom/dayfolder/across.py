"""Compares the files of a loaded day with one another. Nothing here stops the day: all are warnings."""

from warroom.dayfolder.faults import Fault
from warroom.dayfolder.folder import DayFolder
from warroom.dayfolder.geometry import FILE as GEOJSON
from warroom.dayfolder.relations import blank_cells, breaks, places, unknown_ids


def across_files(folder: DayFolder) -> list[Fault]:
    """Warnings about ids that another file does not know, blank registrations and odd places."""
    precincts, sites = folder.precinct_ids, frozenset(folder.sites["site_id"])
    warnings = blank_cells(
        "precincts.csv", folder.precincts, "registered", "Turnout shares are not known there; ballots are."
    )
    if len(folder.sites):
        effect = "Reports for a whole site do not reach them."
        warnings += blank_cells("precincts.csv", folder.precincts, "site_id", effect)
        warnings += unknown_ids("precincts.csv", "site_id", folder.precincts["site_id"], sites, "sites.csv")
        warnings += places("sites.csv", folder.sites, folder.day.timezone)
    warnings += places("precincts.csv", folder.precincts, folder.day.timezone)
    for file, frame in (("history.csv", folder.history), ("early_vote.csv", folder.early_vote),
                        ("shifts.csv", folder.shifts)):  # fmt: skip
        if frame is not None:
            warnings += unknown_ids(file, "precinct_id", frame["precinct_id"], precincts, "precincts.csv")
    if folder.geometry:
        warnings += unknown_ids(GEOJSON, "precinct_id", folder.geometry, precincts, "precincts.csv")
        warnings += unknown_ids("precincts.csv", "precinct_id", precincts, folder.geometry, GEOJSON)
    if folder.shifts is not None:
        shifts = folder.shifts
        people = [] if folder.volunteers is None else folder.volunteers["volunteer_id"]
        warnings += unknown_ids("shifts.csv", "site_id", shifts["site_id"], folder.site_ids, "sites.csv")
        warnings += unknown_ids("shifts.csv", "volunteer_id", shifts["volunteer_id"], people, "volunteers.csv")
        warnings += breaks(shifts)
    return warnings
