"""`warroom day import`: a day folder from the field's own files."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import to_builtins

from warroom.dayimport.source import Source, parse_source

if TYPE_CHECKING:
    from warroom.dayimport.request import ImportRequest

_TABLE = ("precinct", "county", "where")
_ROLL = (*_TABLE, "registered")
_SITES = (*_ROLL, "label", "site", "name", "address", "region", "lat", "lon")
_AREAS = ("property", "crs", "region", "name")
_HISTORY = (*_TABLE, "ballots", "date", "type", "party", "map")
_CROSSWALK = ("property", "crs", "from", "to", "share", "where")
_POINTS = ("lat", "lon", "weight", "where")


def import_day(
    out_dir: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="The day folder to make or to add to.")],
    date: Annotated[str, typer.Option(help="Day of the election, YYYY-MM-DD.")] = "",
    timezone: Annotated[str, typer.Option(help="IANA name, such as America/New_York.")] = "",
    polls: Annotated[str, typer.Option(help="Local opening and close, such as 06:00-21:00.")] = "",
    name: Annotated[str, typer.Option(help="Name of the election, as the board shows it.")] = "",
    type_: Annotated[str, typer.Option("--type", help="primary, general or special.")] = "",
    party: Annotated[str, typer.Option(help="Whose primary it is.")] = "",
    vip: Annotated[str, typer.Option(help="VIP feed: XML, or the folder or zip of flat files.")] = "",
    precincts: Annotated[str, typer.Option(help="Outlines: GeoJSON or shapefile, zipped or not.")] = "",
    precinct_property: Annotated[str, typer.Option(help="Property of the outlines that names the precinct.")] = "",
    sites: Annotated[str, typer.Option(help="Polling places by precinct, CSV.")] = "",
    registered: Annotated[str, typer.Option(help="Registered voters by precinct, CSV.")] = "",
    history: Annotated[
        list[str] | None, typer.Option(help="LABEL=FILE: results of an earlier election; repeat.")
    ] = None,
    crosswalk: Annotated[list[str] | None, typer.Option(help="LABEL=FILE: that election's outlines; repeat.")] = None,
    crosswalk_points: Annotated[str, typer.Option(help="CSV of points with weights: share by voters, not area.")] = "",
    keep_unmatched: Annotated[bool, typer.Option(help="Make precincts of rows that meet none.")] = False,
    place_sites: Annotated[bool, typer.Option(help="Put sites without coordinates amid their precincts.")] = False,
    force: Annotated[bool, typer.Option(help="Let new values replace what the folder has.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Build a day folder from the field's formats, with a report of what joined and what did not.

    Columns are named behind a file: --history '2024-11-05_general=results.csv?precinct=ed&ballots=total'.
    Sources can be given again later: what the folder has is kept. See docs/import.md.

    Example: warroom day import days/2026-11-03 --date 2026-11-03 --timezone America/New_York --polls 06:00-21:00
    --vip feed.zip --precincts eds.geojson --history 2024=results.csv --crosswalk 2024=eds2024.geojson
    """
    from warroom.dayimport.dayanswers import DayAnswers
    from warroom.dayimport.request import ImportRequest

    with _in_words(as_json):
        request = ImportRequest(
            out_dir, DayAnswers(name, date, timezone, polls, type_, party),
            vip=_one(vip, ("precinct",)), precincts=_one(precincts, _AREAS), precinct_property=precinct_property,
            registered=_one(registered, _ROLL), sites=_one(sites, _SITES),
            history=_many(history, _HISTORY), crosswalks=_many(crosswalk, _CROSSWALK),
            points=_one(crosswalk_points, _POINTS), force=force, keep_unmatched=keep_unmatched,
            place_sites=place_sites,
        )  # fmt: skip
        _run(request, as_json)


def _run(request: "ImportRequest", as_json: bool) -> None:
    """Import, print the report, and end with code 2 where something was left out."""
    from rich.progress import Progress

    from warroom.dayimport import report as reports
    from warroom.dayimport.run import run_import

    with Progress(transient=True, disable=as_json or not sys.stderr.isatty()) as bar:
        task = bar.add_task("import", total=None)
        report = run_import(request, lambda step: bar.update(task, description=step))
    text = reports.as_json(report).decode() if as_json else reports.as_text(report)
    typer.echo(text, err=not as_json and not report.ok)
    if not report.ok:
        raise typer.Exit(2)


@contextmanager
def _in_words(as_json: bool) -> Iterator[None]:
    """What stops an import as a message (or one JSON object) and exit code 2."""
    from warroom.dayfolder import DayFolderError
    from warroom.dayimport.findings import ImportProblem

    try:
        yield
    except (ImportProblem, DayFolderError, OSError) as error:
        if isinstance(error, ImportProblem):
            faults, text = [error.fault], str(error)
        elif isinstance(error, DayFolderError):
            faults, text = error.faults, f"{error}\nThe folder is left as it is: put these right first."
        else:
            text = f"{error.filename or 'the folder'}: {error.strerror}. Check permissions and free space."
            faults = []
        if as_json:
            typer.echo(json.dumps({"ok": False, "message": text, "faults": [to_builtins(fault) for fault in faults]}))
        else:
            typer.echo(f"warroom: {text}", err=True)
        raise typer.Exit(2) from None


def _one(text: str, known: tuple[str, ...]) -> Source | None:
    return parse_source(text, known) if text else None


def _many(texts: list[str] | None, known: tuple[str, ...]) -> tuple[Source, ...]:
    return tuple(parse_source(text, known, labelled=True) for text in texts or [])
