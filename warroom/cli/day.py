"""Day folders: make an empty one, check one."""

import json
from pathlib import Path
from typing import Annotated

import typer

from warroom.cli.dayimport import import_day
from warroom.dayfolder import DayFolderError, load_day, write_template


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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say whether a day folder is fit for the day, with every fault in one message.

    Example: warroom check days/2026-11-03
    """
    try:
        folder = load_day(day_dir)
    except DayFolderError as error:
        if as_json:
            typer.echo(json.dumps({"ok": False, "faults": [vars_of(f) for f in error.faults]}))
            raise typer.Exit(2) from None
        raise
    found = {
        "precincts": len(folder.precincts), "sites": len(folder.site_ids), "drawn": len(folder.geometry),
        "elections": int(folder.history["election_id"].nunique()),
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps({"ok": True, **found, "warnings": [vars_of(w) for w in folder.warnings]}))
        return
    typer.echo(f"{folder.day.name}: " + ", ".join(f"{value:,} {name}" for name, value in found.items()))
    for warning in folder.warnings:
        typer.echo(f"note: {warning}")


def vars_of(fault: object) -> dict[str, object]:
    """A fault as a JSON object."""
    return {name: getattr(fault, name) for name in ("file", "line", "column", "found", "expected", "remedy")}
