"""`warroom report`: the after-action report of a day as one HTML file."""

import json
import os
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from warroom.cli.parts import Day
from warroom.dayfolder import load_day
from warroom.loading import frames_of
from warroom.settings import data_dir


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(report)


def report(
    day_dir: Day,
    out: Annotated[Path, typer.Option(help="The HTML file to write.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="Data folder of the room, running or stopped; default var/<day>.")
    ] = None,
    finals: Annotated[Path | None, typer.Option(help="CSV precinct_id,ballots: was the model right?")] = None,
    recorded: Annotated[bool, typer.Option(help="Use the folder's recorded reports, not the room's store.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write what became of the day as one HTML file that needs no network and prints on A4.

    From the room's store where there is one, else from the recorded reports of the day folder.

    Example: warroom report days/2026-11-03 --out report.html
    """
    from rich.progress import Progress

    from anomaly.earlyvote import with_early
    from warroom.history.calibration import FinalsError, read_finals
    from warroom.history.page import render_report
    from warroom.history.record import record_of
    from warroom.history.sources import from_folder, from_store, room_store
    from warroom.store.state import StateReader

    if out.suffix.lower() not in (".html", ".htm"):
        raise typer.BadParameter(f"{out} is no HTML file name: end it in .html", param_hint="--out")
    try:
        known = None if finals is None else read_finals(finals)
    except FinalsError as error:
        raise typer.BadParameter(str(error), param_hint="--finals") from None
    folder = load_day(day_dir)
    home = None if recorded else data_dir(day_dir, data)
    with room_store(home, None if recorded else os.environ.get("REDIS_URL")) as client:
        if client is None and data is not None and not recorded:
            raise typer.BadParameter(f"{data} holds no store: nothing ran there", param_hint="--data")
        source = from_folder(folder) if client is None else from_store(client, folder)
        frames = frames_of(folder) if client is None else with_early(frames_of(folder), StateReader(client).units())
    with Progress(transient=True, disable=as_json) as bar:
        task = bar.add_task("the day once more", total=None)
        record = record_of(frames, source, known, lambda done, whole: bar.update(task, completed=done, total=whole))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(render_report(record, datetime.now(UTC), version("warroom")), encoding="utf-8")
    said = {"out": str(out), "origin": record.origin, "reports": record.totals["received"],
            "alerts": len(record.alerts), "dispatches": len(record.dispatches)}  # fmt: skip
    typer.echo(json.dumps(said) if as_json else f"{out}: from {record.origin}, {said['reports']:,} reports, "
               f"{said['alerts']} alerts")  # fmt: skip
