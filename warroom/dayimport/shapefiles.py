"""Shapefile boundaries (.shp with .dbf and .prj beside it, or a zip of them), projection read from the .prj."""

import io
import warnings
from typing import Any

from warroom.dayimport.archive import Members
from warroom.dayimport.areas import Areas, finish
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.geo import need
from warroom.dayimport.geojson import text_of
from warroom.dayimport.source import Source

_LARGEST = 2 << 30  # bytes a part; the format itself ends at 2 GB


def read(source: Source, name: str, members: Members, timezone: str, findings: Findings) -> Areas:
    """Outlines and attributes. Raises ImportProblem for a broken file; a broken record is a fault and left out."""
    shapefile, shapely = need("shapefile", source.file), need("shapely", source.file)
    stem = name[:-4]
    parts = {end: _part(members, f"{stem}.{end}") for end in ("shp", "shx", "dbf", "prj", "cpg")}
    if not parts["dbf"]:
        remedy = "Give the zip, or put the .dbf beside the .shp."
        raise ImportProblem(source.file, "a .shp without its .dbf", "both, since the .dbf names the precincts", remedy)
    encoding = (parts["cpg"] or b"").decode("ascii", "replace").strip() or "utf-8"
    shapes, properties = [], []
    try:
        "".encode(encoding)
    except LookupError:
        encoding = "utf-8"
    try:
        files = {end: io.BytesIO(data) for end, data in parts.items() if data and end in ("shp", "shx", "dbf")}
        with warnings.catch_warnings(record=True) as warned:
            reader = shapefile.Reader(**files, encoding=encoding, encodingErrors="replace")
        for warning in warned:
            findings.note(source.file, str(warning.message), remedy="Check that the layer is whole.")
        fields = [field[0] for field in reader.fields[1:]]
        for number in range(_records(reader, parts["shp"] or b"", source, findings)):
            shape = _one(reader, number, source, shapely, findings)
            if shape is not None:
                shapes.append(shape)
                values = reader.record(number)
                properties.append({key: text for key, value in zip(fields, values, strict=False)
                                   if (text := text_of(value))})  # fmt: skip
    except Exception as error:  # pyshp raises whatever its struct reading meets
        remedy = "Export the layer again, with .shx, .dbf and .prj."
        found = f"a shapefile that cannot be read ({type(error).__name__}: {error})"
        raise ImportProblem(source.file, found, "a whole shapefile", remedy) from None
    prj = (parts["prj"] or b"").decode("utf-8", "replace").strip()
    if not prj and not source.option("crs"):
        findings.note(source.file, "no .prj: coordinates taken for degrees", remedy="Else say ?crs=EPSG:2263.")
    return finish(source, shapes, properties, prj or None, timezone, findings)


def _records(reader: Any, shp: bytes, source: Source, findings: Findings) -> int:
    """How many records to read: no more than the .shp has room for, whatever a spoiled .dbf declares."""
    room = max(len(shp) - 100, 0) // 12  # 100 bytes of header; a record takes 12 or more
    if len(reader) > room:
        found, expected = f"{len(reader):,} records declared", f"at most {room:,}, which is what the .shp has room for"
        findings.fault(source.file, None, "", found, expected, "Export the layer again; the rest is read.")
    return min(len(reader), room)


def _one(reader: Any, number: int, source: Source, shapely: Any, findings: Findings) -> Any:
    try:
        shape = reader.shape(number)
        return shapely.geometry.shape(shape.__geo_interface__) if shape.points else None
    except Exception as error:
        found, where = f"an outline that cannot be read ({type(error).__name__})", f"record {number + 1}"
        findings.fault(source.file, None, where, found, "a polygon", "Export the layer again.")
        return None


def _part(members: Members, name: str) -> bytes | None:
    if name not in members.names():
        beside = members.path.with_name(members.path.stem + "." + name.rsplit(".", 1)[1])
        if members.path.suffix.lower() == ".shp":
            for file in (beside, beside.with_suffix(beside.suffix.upper())):
                if file.is_file():
                    return file.read_bytes()
        return None
    with members.open(name) as raw:
        return raw.read(_LARGEST)
