"""The command `warroom rejected`: what could not be counted and why, and to read it again once it is mended."""

import getpass
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from warroom.cli.parts import Data, options_of
from warroom.settings import connect_store

MOST = 20_000


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(rejected)


def rejected(
    again: Annotated[
        str, typer.Option("--replay", metavar="URL", help="Read this feed's rejected input again: its URL.")
    ] = "",
    data: Data = None,
    raw: Annotated[Path | None, typer.Option(help="Folder where the raw input is kept.")] = None,
    options: Annotated[str, typer.Option(help="As for `warroom feed`: a JSON object of its options.")] = "{}",
    by: Annotated[str, typer.Option(help="Who does it; default: this machine's user.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For a script.")] = False,
) -> None:
    """Show what could not be counted, or read it again after a mapping or the day folder was mended.

    Example: warroom rejected --replay 'file:///srv/drop/reports.jsonl?follow=1' --data var/my-day
    """
    client = connect_store(data)
    raw = raw or (data or Path("var")) / "raw"
    told = _replay(client, again, options_of(options), raw, by) if again else _listed(client)
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
    elif again:
        typer.echo(
            f"{told['looked']} rejected: {told['accepted']} accepted now, {told['still']} refused again, "
            f"{told['missing']} could not be found again. {told['note']}".rstrip()
        )
    else:
        for row in told["feeds"]:
            typer.echo(f"{row['feed']}: {row['open']} x {row['reason']} ({row['mended']} more mended). {row['remedy']}")
        if not told["feeds"]:
            typer.echo("Nothing was rejected.")


def _replay(client: Any, url: str, options: dict[str, Any], raw: Path, by: str) -> dict[str, Any]:
    from feeds.registry import open_feed
    from warroom.cli.running import mender_of
    from warroom.store.day import DayClock, read_day
    from warroom.store.wire import epoch_ms

    read_day(client)
    feed = open_feed(url, {**options, "raw_dir": str(raw)})
    now_ms = epoch_ms(DayClock(client).now())
    outcome = mender_of(feed, client, raw).mend(by or getpass.getuser(), now_ms)
    return {"feed": feed.name, **msgspec.structs.asdict(outcome)}


def _listed(client: Any) -> dict[str, Any]:
    from warroom.store.rejects import RejectList

    rows: dict[tuple[str, str], dict[str, Any]] = defaultdict(lambda: {"open": 0, "mended": 0, "remedy": ""})
    for refused in RejectList(client).rows(MOST):
        row = rows[refused.feed, refused.reason]
        row["mended" if refused.mended else "open"] += 1
        row["remedy"] = row["remedy"] or refused.remedy
    return {"feeds": [{"feed": feed, "reason": reason, **row} for (feed, reason), row in sorted(rows.items())]}
