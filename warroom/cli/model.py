"""`warroom model card`: what the model of a day knows, how good it would have been, what it cannot know."""

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from warroom.cli.backtest import read_reports
from warroom.cli.parts import Day
from warroom.dayfolder import load_day
from warroom.loading import frames_of


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    models = typer.Typer(help="Look into the turnout model.", no_args_is_help=True)
    models.callback()(_models)
    models.command("card")(card)
    app.add_typer(models, name="model")


def _models() -> None:
    """Look into the turnout model."""  # a callback keeps `card` a command of its own


def card(
    day_dir: Day,
    out: Annotated[Path, typer.Option(help="The HTML file to write.")],
    reports: Annotated[bool, typer.Option(help="Run the recorded reports too, where there are any.")] = True,
    made_on: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Default: today.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as one JSON object.")] = False,
) -> None:
    """Write the model card of a day as one HTML file that needs no network.

    Example: warroom model card days/2026-11-03 --out card.html
    """
    from rich.progress import Progress

    from anomaly.card import card_facts
    from anomaly.recorded import recorded_day
    from warroom.card import render_card

    if out.suffix.lower() not in (".html", ".htm"):
        raise typer.BadParameter(f"{out} is no HTML file name: end it in .html", param_hint="--out")
    folder = load_day(day_dir)
    frames = frames_of(folder)
    with Progress(transient=True, disable=as_json) as bar:
        recorded = None
        if reports and folder.reports is not None:
            run = bar.add_task("recorded day", total=None)
            recorded = recorded_day(
                frames,
                read_reports(folder.reports)[0],
                lambda done, whole: bar.update(run, completed=done, total=whole),
            )
        past = bar.add_task("past elections", total=None)
        facts = card_facts(frames, recorded, lambda done, whole: bar.update(past, completed=done, total=whole))
    today = (made_on or datetime.now(UTC).astimezone()).date()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(render_card(facts, version("warroom"), today), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(facts, enc_hook=lambda value: value.tolist())))
    else:
        typer.echo(f"{folder.day.name}: model card → {out}")
