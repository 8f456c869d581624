"""One import from end to end: read every source, join, carry, write, check, report."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from warroom.dayfolder import DayFolderError, load_day
from warroom.dayfolder.schema import HISTORY, PRECINCTS, SITES
from warroom.dayimport.areas import repaired
from warroom.dayimport.crosswalk import read_points
from warroom.dayimport.dayanswers import day_values
from warroom.dayimport.draft import Draft
from warroom.dayimport.existing import Existing, Row, geometry_text, read_existing
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.geo import need
from warroom.dayimport.outlines import adopt_areas, geojson_of
from warroom.dayimport.past import Past, joined_rows
from warroom.dayimport.places import place_precincts, place_sites
from warroom.dayimport.report import ImportReport, save
from warroom.dayimport.request import ImportRequest, Read, kept_going, read_sources
from warroom.dayimport.rolls import vip_roll
from warroom.dayimport.vip_sites import day_sites, site_of
from warroom.dayimport.writing import day_text, table_text, write_changed


def run_import(request: ImportRequest, progress: Callable[[str], None] = lambda step: None) -> ImportReport:
    """Build or extend a day folder. Good rows count; what is bad is in the report's faults.

    Raises ImportProblem where nothing can be written (no precincts, no date, no time zone) and DayFolderError
    where the folder that is there cannot be read. `progress` is told each step in words.
    """
    findings, report = Findings(), ImportReport(str(request.out))
    existing = read_existing(request.out)
    timezone = request.answers.zone(existing.day)
    read = read_sources(request, timezone, findings, progress)
    day = day_values(request.answers, existing.day, read.feed, request.out, request.force, findings)
    draft = Draft(existing, request.force, request.keep_unmatched, findings)
    shapes = _join(request, read, draft, day, findings, report, progress)
    if not draft.precincts:
        remedy = "Give --precincts, --vip, --sites or --registered; the faults above may say why one failed."
        found = "; ".join(str(fault) for fault in findings.faults[:5]) or "no source that lists precincts"
        raise ImportProblem(request.out, found, "the day's precincts", remedy)
    drawn = geojson_of(shapes, "precincts.geojson") if shapes else {}
    outlines = existing.outlines | drawn if request.force else drawn | existing.outlines
    history = _carry_all(request, existing, draft, outlines, timezone, findings, report, progress)
    place_precincts(draft, findings)
    if request.place_sites:
        place_sites(draft, findings)
    progress("writing")
    texts = _changed_texts(existing, day, draft, history, outlines, request.out)
    report.written = write_changed(request.out, texts)
    report.joins, report.notes = draft.joins, findings.notes
    report.faults, report.fault_count = findings.faults, findings.fault_count
    report.counts = {
        "precincts": len(draft.precincts), "sites": len(draft.sites), "drawn": len(outlines),
        "elections": len({row["election_id"] for row in history}),
        "registered voters known": sum(1 for row in draft.precincts.values() if row.get("registered")),
    }  # fmt: skip
    _check(request.out, report)
    save(report, request.out)
    return report


def _changed_texts(
    existing: Existing, day: Row, draft: Draft, history: list[Row], outlines: dict[str, Any], out: Path
) -> dict[str, str]:  # fmt: skip
    """{file: text} of what differs from the folder: a file that says the same keeps its comments and its form."""
    texts = {}
    if day != {key: str(value) for key, value in existing.day.items() if str(value).strip()}:
        texts["day.toml"] = day_text(day)
    if draft.precincts != existing.precincts:
        texts[PRECINCTS.file] = table_text(PRECINCTS, list(draft.precincts.values()))
    if draft.sites != existing.sites:
        texts[SITES.file] = table_text(SITES, list(draft.sites.values()))
    if history != existing.history or not (out / HISTORY.file).is_file():
        texts[HISTORY.file] = table_text(HISTORY, history)
    if outlines != existing.outlines:
        texts["precincts.geojson"] = geometry_text(outlines)
    return texts


def _join(
    request: ImportRequest, read: Read, draft: Draft, day: Row, findings: Findings, report: ImportReport,
    progress: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    """Join the sources, the one that defines the precincts first; returns {precinct: shape}."""
    progress("joining")
    rolls = list(read.rolls)
    if read.feed and request.vip:
        chosen, report.vip = day_sites(read.feed, date.fromisoformat(day["date"]), findings)
        rolls.insert(0, vip_roll(read.feed, request.vip, chosen))
    shapes: dict[str, Any] = {}
    if read.areas and request.precincts:
        asked = request.precinct_property or request.precincts.option("property")
        others = {roll.file: [name for row in roll.rows for name in row.named.keys.values()] for roll in rolls}
        with kept_going(findings):
            shapes = adopt_areas(draft, read.areas, request.precincts, asked, others, findings)
    for roll in rolls:
        draft.adopt(roll)
    if report.vip and not report.vip.with_location and read.feed:
        for place in read.feed.places.values():  # vote centres: no precinct names them, the board still shows them
            if not place.early and not place.drop_box:
                draft.add_site(site_of(place))
    return shapes


def _carry_all(
    request: ImportRequest, existing: Existing, draft: Draft, outlines: dict[str, Any], timezone: str,
    findings: Findings, report: ImportReport, progress: Callable[[str], None],
) -> list[Row]:  # fmt: skip
    """Rows of history.csv: what was there, and the new elections behind it."""
    history = list(existing.history)
    if not request.history:
        return history
    points = None
    if request.points:
        with kept_going(findings):
            points = read_points(request.points, findings)
    shapes: dict[str, Any] = {}
    if request.crosswalks and outlines:
        with kept_going(findings):
            shapes = _shapes_of(outlines, set(draft.precincts), findings)
    past = Past(list(draft.precincts), shapes, list(request.crosswalks), points, timezone, findings)
    kept = {row["election_id"] for row in history}
    fresh: dict[str, list[Row]] = {}  # a label may come in several files, one for each county
    for source in request.history:
        progress(f"history: {source.label}")
        if source.label in kept and not request.force:
            what = f"{source.label} is in history.csv already and is kept"
            findings.note(source.file, what, remedy="--force replaces it.")
            continue
        with kept_going(findings):
            rows, carried = past.read(source)
            fresh[source.label] = joined_rows(fresh.get(source.label, []), rows)
            report.history.append(carried)
    history = [row for row in history if row["election_id"] not in fresh]
    return history + [row for rows in fresh.values() for row in rows]


def _shapes_of(outlines: dict[str, Any], precincts: set[str], findings: Findings) -> dict[str, Any]:
    """{precinct: shape} of today's outlines, those that the folder had already among them."""
    shapely = need("shapely", "precincts.geojson")
    names = [name for name in outlines if name in precincts]
    shapes = repaired([shapely.geometry.shape(outlines[name]) for name in names], names, "precincts.geojson", findings)
    return {name: shape for name, shape in zip(names, shapes, strict=True) if shape is not None}


def _check(folder: Path, report: ImportReport) -> None:
    """What `warroom check` says of the folder as it is now."""
    try:
        report.check_warnings = load_day(folder).warnings
    except DayFolderError as error:
        report.check_faults = error.faults
    report.ok = not report.check_faults and not report.fault_count
