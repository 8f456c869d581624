"""Day folders: make an empty one, and the night before, say whether the room is ready for its day."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from warroom.cli.dayimport import import_day
from warroom.cli.parts import Data
from warroom.dayfolder import DayFolder, DayFolderError, load_day, write_template
from warroom.settings import data_dir

if TYPE_CHECKING:
    from warroom.readiness._run import Found


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    days = typer.Typer(help="Make day folders.", no_args_is_help=True)
    days.command("new")(new)
    days.command("import")(import_day)
    app.add_typer(days, name="day")
    app.command()(check)


def new(day_dir: Annotated[Path, typer.Argument(help="The folder to make.")]) -> None:
    """Make an empty day folder in which every file and column is explained.

    Example: warroom day new days/2026-11-03
    """
    write_template(day_dir)
    typer.echo(f"made {day_dir}: fill in the files as its README.md says, then run `warroom check {day_dir}`")


def check(
    day_dir: Annotated[Path, typer.Argument(help="The day folder.")],
    data: Data = None,
    url: Annotated[str, typer.Option(help="Where screens open the room: its answer and certificate are tried.")] = "",
    ntp: Annotated[str, typer.Option(help="A time server to ask; without it nothing outside is asked.")] = "",
    at: Annotated[str, typer.Option(help="Judge as of this local time of the day: YYYY-MM-DDTHH:MM.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say whether the room is ready for its day: folder, store, disks, clocks, feeds, people, texting, pages.

    Green, amber or red, each with its remedy; what cannot be looked at says so. Exit code 0 without red, 1 with red,
    2 where the day folder cannot be used. See docs/night-before.md.

    Example: warroom check days/2026-11-03 --url https://room.example.org
    """
    try:
        folder = load_day(day_dir)
    except DayFolderError as error:
        if as_json:
            typer.echo(json.dumps({"ok": False, "faults": [vars_of(f) for f in error.faults]}))
            raise typer.Exit(2) from None
        raise
    from warroom.readiness._finding import worst
    from warroom.readiness._place import open_place
    from warroom.readiness._run import run

    moment = _moment(at, folder) if at else None
    place = open_place(folder, data_dir(day_dir, data), now=moment, address=url, ntp=ntp)
    found = list(run(place))
    light = worst(finding for part in found for finding in part.findings)
    if as_json:
        typer.echo(json.dumps(_as_json(folder, found, light)))
    else:
        _show(folder, found)
    if light == "red":
        raise typer.Exit(1)


def _moment(text: str, folder: DayFolder) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=folder.day.tz).astimezone(UTC)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no time: write YYYY-MM-DDTHH:MM", param_hint="--at") from error


def _counts(folder: DayFolder) -> dict[str, int]:
    return {
        "precincts": len(folder.precincts), "sites": len(folder.site_ids), "drawn": len(folder.geometry),
        "elections": int(folder.history["election_id"].nunique()),
    }  # fmt: skip


def _as_json(folder: DayFolder, found: "list[Found]", light: str) -> dict[str, object]:
    listed = [{"check": p.check, **msgspec.to_builtins(f)} for p in found for f in p.findings]
    warnings = [vars_of(w) for w in folder.warnings]
    return {"ok": light != "red", "light": light, **_counts(folder), "findings": listed, "warnings": warnings}


def _show(folder: DayFolder, found: "list[Found]") -> None:
    from rich.console import Console

    from warroom.readiness._table import show

    show(Console(), f"{folder.day.name}: " + ", ".join(f"{n:,} {name}" for name, n in _counts(folder).items()), found)
    for warning in folder.warnings:
        typer.echo(f"note: {warning}")


def vars_of(fault: object) -> dict[str, object]:
    """A fault as a JSON object."""
    return {name: getattr(fault, name) for name in ("file", "line", "column", "found", "expected", "remedy")}
