"""One import from end to end: read every source, join, carry, write, check, report."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from warroom.dayfolder import DayFolderError, load_day
from warroom.dayfolder.schema import HISTORY, PRECINCTS, SITES
from warroom.dayimport.archive import Members
from warroom.dayimport.areas import Areas
from warroom.dayimport.boundaries import read_areas
from warroom.dayimport.crosswalk import read_points
from warroom.dayimport.dayanswers import DayAnswers, day_values
from warroom.dayimport.draft import Draft
from warroom.dayimport.existing import Existing, Row, geometry_text, read_existing
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.outlines import adopt_areas, geojson_of
from warroom.dayimport.past import Past
from warroom.dayimport.places import place_precincts, place_sites
from warroom.dayimport.report import ImportReport, save
from warroom.dayimport.rolls import Roll, polling_places, registered_voters, vip_roll
from warroom.dayimport.source import Source
from warroom.dayimport.vip import VipFeed, collect
from warroom.dayimport.vip_flat import read_feed
from warroom.dayimport.vip_sites import day_sites, site_of
from warroom.dayimport.writing import day_text, table_text, write_changed


@dataclass(frozen=True)
class ImportRequest:
    """What the user asked for. `force` lets new values replace old ones; else they only fill what is blank."""

    out: Path
    answers: DayAnswers
    vip: Source | None = None
    precincts: Source | None = None
    precinct_property: str = ""
    registered: Source | None = None
    sites: Source | None = None
    history: tuple[Source, ...] = ()
    crosswalks: tuple[Source, ...] = ()
    points: Source | None = None
    force: bool = False
    keep_unmatched: bool = False
    place_sites: bool = False


@dataclass
class _Read:
    """The sources as read; what could not be read is None and a fault."""

    feed: VipFeed | None = None
    areas: Areas | None = None
    rolls: list[Roll] = field(default_factory=list)


def run_import(request: ImportRequest, progress: Callable[[str], None] = lambda step: None) -> ImportReport:
    """Build or extend a day folder. Good rows count; what is bad is in the report's faults.

    Raises ImportProblem where nothing can be written (no precincts, no date, no time zone) and DayFolderError
    where the folder that is there cannot be read. `progress` is told each step in words.
    """
    findings, report = Findings(), ImportReport(str(request.out))
    existing = read_existing(request.out)
    timezone = request.answers.zone(existing.day)
    read = _read_sources(request, timezone, findings, report, progress)
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
    texts = {"day.toml": day_text(day), PRECINCTS.file: table_text(PRECINCTS, draft.precincts.values())}
    if draft.sites:
        texts[SITES.file] = table_text(SITES, draft.sites.values())
    texts[HISTORY.file] = table_text(HISTORY, history)
    if outlines:
        texts["precincts.geojson"] = geometry_text(outlines)
    report.written = write_changed(request.out, texts)
    report.kept = [name for name in texts if name not in report.written]
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


@contextmanager
def _kept_going(findings: Findings) -> Iterator[None]:
    """A source that cannot be used is a fault; the others still count."""
    try:
        yield
    except ImportProblem as problem:
        findings.add(problem.fault)


def _read_sources(
    request: ImportRequest, timezone: str, findings: Findings, report: ImportReport, progress: Callable[[str], None]
) -> _Read:
    read = _Read()
    if request.vip:
        progress(f"reading {request.vip.file}")
        with _kept_going(findings):
            members = Members(request.vip.path, findings)
            read.feed = collect(request.vip.file, read_feed(members, findings), timezone, findings)
    if request.precincts:
        progress(f"reading {request.precincts.file}")
        with _kept_going(findings):
            read.areas = read_areas(request.precincts, timezone, findings)
    if request.sites:
        progress(f"reading {request.sites.file}")
        with _kept_going(findings):
            read.rolls.append(polling_places(request.sites, timezone, findings))
    if request.registered:
        progress(f"reading {request.registered.file}")
        with _kept_going(findings):
            read.rolls.append(registered_voters(request.registered, findings))
    return read


def _join(
    request: ImportRequest, read: _Read, draft: Draft, day: Row, findings: Findings, report: ImportReport,
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
        with _kept_going(findings):
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
        with _kept_going(findings):
            points = read_points(request.points, findings)
    shapes: dict[str, Any] = {}
    if request.crosswalks and outlines:
        with _kept_going(findings):
            shapes = _shapes_of(outlines, set(draft.precincts))
    past = Past(list(draft.precincts), shapes, list(request.crosswalks), points, timezone, findings)
    for source in request.history:
        progress(f"history: {source.label}")
        there = any(row["election_id"] == source.label for row in history)
        if there and not request.force:
            findings.note(
                source.file, f"{source.label} is in history.csv already and is kept", remedy="--force replaces it."
            )
            continue
        with _kept_going(findings):
            rows, carried = past.read(source)
            history = [row for row in history if row["election_id"] != source.label] + rows
            report.history.append(carried)
    return history


def _shapes_of(outlines: dict[str, Any], precincts: set[str]) -> dict[str, Any]:
    from warroom.dayimport.geo import need

    shapely = need("shapely", "precincts.geojson")
    shapes = {name: shapely.geometry.shape(geometry) for name, geometry in outlines.items() if name in precincts}
    return {name: shape if shape.is_valid else shapely.make_valid(shape) for name, shape in shapes.items()}


def _check(folder: Path, report: ImportReport) -> None:
    """What `warroom check` says of the folder as it is now."""
    try:
        report.check_warnings = load_day(folder).warnings
    except DayFolderError as error:
        report.check_faults = error.faults
    report.ok = not report.check_faults and not report.fault_count
