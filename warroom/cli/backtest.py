"""`warroom backtest`: what the model would have said on a recorded day (contract 3)."""

import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from warroom.cli.parts import Day
from warroom.dayfolder import load_day
from warroom.loading import frames_of

CHECKPOINTS = "09:00,12:00,15:00,18:00,20:00"


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(backtest)


def backtest(
    day_dir: Day,
    out: Annotated[Path, typer.Option(help="Folder for forecasts.csv, totals.csv and alerts.jsonl.")],
    at: Annotated[str, typer.Option(help="Checkpoints, local time.")] = CHECKPOINTS,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run a recorded day through the model, using at each checkpoint only what had arrived by then.

    Example: warroom backtest days/2025-06-24 --out runs/first --at 09:00,12:00,15:00
    """
    from rich.progress import Progress

    from anomaly.backtest import run_backtest

    folder = load_day(day_dir)
    checkpoints = [clock.strip() for clock in at.split(",") if clock.strip()]
    if folder.reports is None:
        raise typer.BadParameter(f"{day_dir} holds no reports.jsonl: there is nothing to run", param_hint="DAY_DIR")
    reports, unread = read_reports(folder.reports)
    with Progress(transient=True, disable=as_json) as bar:
        task = bar.add_task("backtest", total=None)
        run_backtest(
            frames_of(folder),
            reports,
            out,
            checkpoints,
            lambda done, whole: bar.update(task, completed=done, total=whole),
        )
    summary = {
        "reports": len(reports),
        "unreadable_lines": unread,
        "out": str(out),
        "checkpoints": checkpoints,
    }
    typer.echo(json.dumps(summary) if as_json else f"{len(reports):,} reports → {out} ({unread} unreadable lines)")


def read_reports(path: Path) -> tuple[list[dict], int]:  # type: ignore[type-arg]
    """Recorded reports as found, dirt included, and how many lines were no JSON object."""
    found, unread = [], 0
    for line in path.read_bytes().splitlines():
        if not line.strip():
            continue
        try:
            report = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            report = None
        if isinstance(report, dict):
            found.append(report)
        else:
            unread += 1
    return found, unread
