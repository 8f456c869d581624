"""Boundaries in whichever form they come."""

from warroom.dayimport import geojson, shapefiles
from warroom.dayimport.archive import Members
from warroom.dayimport.areas import Areas
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.source import Source


def read_areas(source: Source, timezone: str, findings: Findings) -> Areas:
    """Outlines of GeoJSON or shapefile, zipped or not. Raises ImportProblem for anything else."""
    members = Members(source.path, findings)
    for endings, read in (((".geojson", ".json"), geojson.read), ((".shp",), shapefiles.read)):
        if names := members.names(*endings):
            if len(names) > 1:
                findings.note(source.file, f"several layers; {names[0]!r} is read", "; ".join(names[1:4]))
            return read(source, names[0], members, timezone, findings)
    found = ", ".join(members.names()[:5]) or "nothing"
    raise ImportProblem(source.file, found, "GeoJSON or a shapefile", "Export the layer as GeoJSON (WGS 84).")
