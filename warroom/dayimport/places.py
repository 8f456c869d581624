"""Stand-ins for coordinates that no source gives, each one noted."""

from statistics import fmean

from warroom.dayimport.draft import Draft, degrees
from warroom.dayimport.findings import Findings


def place_precincts(draft: Draft, findings: Findings) -> None:
    """A precinct without a point gets its poll site's, so that the map can show it; the board spreads those apart."""
    for name, row in draft.precincts.items():
        site = draft.sites.get(row.get("site_id", ""), {})
        if not row.get("lat") and site.get("lat"):
            row["lat"], row["lon"] = site["lat"], site["lon"]
            findings.note("precincts.csv", "precincts without an outline, shown at their poll site", name)


def place_sites(draft: Draft, findings: Findings) -> None:
    """A site without coordinates gets the middle of its precincts: right to a street or two, never an address."""
    points: dict[str, list[tuple[float, float]]] = {}
    for row in draft.precincts.values():
        if row.get("site_id") and row.get("lat"):
            points.setdefault(row["site_id"], []).append((float(row["lat"]), float(row["lon"])))
    for name, row in draft.sites.items():
        if not row.get("lat") and name in points:
            row["lat"] = degrees(fmean(lat for lat, _ in points[name]))
            row["lon"] = degrees(fmean(lon for _, lon in points[name]))
            findings.note("sites.csv", "sites without coordinates, put in the middle of their precincts", name)
