"""`warroom bench`: what this machine can take."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    bench = typer.Typer(help="Measure what this machine can take.", no_args_is_help=True)
    bench.command("ingest")(ingest)
    bench.callback()(lambda: None)  # one command today, and still called by its name
    app.add_typer(bench, name="bench")


def ingest(
    day_dir: Annotated[
        Path | None, typer.Argument(help="A day folder with recorded reports; by default the made-up city.")
    ] = None,
    reports: Annotated[int, typer.Option(min=1_000, help="At most so many reports of the day.")] = 60_000,
    rate: Annotated[float, typer.Option(min=1, help="Reports a second for the waiting times.")] = 20_000,
    ways: Annotated[str, typer.Option(help="Comma-separated: kafka, http, file.")] = "kafka,http,file",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Reports a second from a Kafka topic, HTTP and a file to readable state, and how long each one takes.

    Starts a store, a tally and a broker of its own in a temporary folder, and ends them. Takes about a minute.
    Exit code 1 says that a reach is missed.

    Example: warroom bench ingest days/2025-06-24 --ways kafka,file
    """
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from bench.figures import as_json as figures_json
    from bench.figures import machine, show
    from bench.ingest import WAYS, run

    names = [name.strip() for name in ways.split(",") if name.strip()]
    if unknown := [name for name in names if name not in WAYS]:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(WAYS)}", param_hint="--ways")
    if day_dir is not None and not (day_dir / "reports.jsonl").is_file():
        raise typer.BadParameter(f"{day_dir} holds no reports.jsonl: name a day with recorded reports")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what it started is ended
    before = machine()
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), transient=True, disable=as_json) as bar:
        task = bar.add_task("starting", total=None)
        rows, notes = run(day_dir, reports, rate, names, lambda text: bar.update(task, description=text))
    if as_json:
        typer.echo(figures_json(rows, machine=before, notes=notes))
    else:
        notes.append(f"{before['cores']} cores; load before {before['load'][0]}")
        show(f"Ingest · {before['date']}", rows, notes)
    if any(row.met is False for row in rows):
        raise typer.Exit(1)
