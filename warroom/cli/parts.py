"""Each part by itself, for several machines: web, tally, watch, feed, load."""

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import redis
import typer

from warroom.settings import audit_file, connect_store, deadlines_from, store_url
from warroom.store.client import Client
from warroom.store.day import loaded_mark

logger = logging.getLogger(__name__)

LOOK_S = 2.0  # how old the look at whether the day was loaded again may be

Data = Annotated[Path | None, typer.Option("--data", help="Data folder of a running `warroom up`.")]
Day = Annotated[Path, typer.Argument(metavar="DAY_DIR", help="The day folder.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (load, tally, watch, moves, web, feed):
        app.command()(command)


def stop_on_signal() -> threading.Event:
    """An event that Ctrl-C and a polite kill set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def each_load(client: Client, run: Callable[[threading.Event], None]) -> None:
    """Run a part that knows the day until a signal; begin it anew whenever the day is loaded again.

    `run` builds the part from the store and runs it until its event is set: by the signal, or by another load.
    """
    stop = stop_on_signal()
    while not stop.is_set():
        over, mark = threading.Event(), loaded_mark(client)
        threading.Thread(target=_tell_when_over, args=(client, mark, stop, over), daemon=True).start()
        run(over)


def _tell_when_over(client: Client, mark: str, stop: threading.Event, over: threading.Event) -> None:
    while not stop.wait(LOOK_S):
        try:
            if loaded_mark(client) not in ("", mark):
                logger.warning("the day was loaded again: this part begins anew with it")
                break
        except redis.RedisError:  # what was known last holds
            continue
    over.set()


def load(day_dir: Day, data: Data = None, shards: int = 1) -> None:
    """Load a day folder into the store; parts that run go on with the day as it is now.

    Example: REDIS_URL=redis://10.0.0.5/0 warroom load days/2026-11-03
    """
    from warroom.dayfolder import load_day
    from warroom.loading import load_into_store

    folder = load_day(day_dir)
    load_into_store(connect_store(data), folder, shards)
    typer.echo(f"{folder.day.name}: {len(folder.precincts):,} precincts loaded")


def tally(data: Data = None, shard: int = 0) -> None:
    """Fold reports into the state of each precinct. Run as many as you like.

    Example: REDIS_URL=redis://10.0.0.5/0 warroom tally
    """
    from warroom.tally.worker import TallyWorker

    TallyWorker(connect_store(data), shard, f"{os.uname().nodename}-{uuid4().hex[:8]}").run(stop_on_signal())


def watch(data: Data = None) -> None:
    """Score precincts against expectation, open and close alerts, publish the board. Run one.

    Example: REDIS_URL=redis://10.0.0.5/0 warroom watch
    """
    from anomaly.watch import Watch
    from warroom.loading import frames_of, shipped_folder

    client = connect_store(data)
    each_load(client, lambda over: Watch(client, frames_of(shipped_folder(client))).run(over))


def moves(data: Data = None) -> None:
    """Suggest who should go where for the alerts that are open, and note who has arrived. Run one.

    Example: REDIS_URL=redis://10.0.0.5/0 warroom moves
    """
    from anomaly.moves import Moves
    from warroom.travel import travel_from

    deadlines, travel = deadlines_from(os.environ), travel_from(os.environ)
    client = connect_store(data)
    each_load(client, lambda over: Moves(client, deadlines, travel).run(over))


def web(
    data: Data = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; anything but this machine needs keys.")
    ] = "127.0.0.1",
    port: int = 8050,
    workers: Annotated[int, typer.Option(help="Web processes; one serves hundreds of screens.")] = 1,
    raw: Annotated[Path | None, typer.Option(help="Folder where the raw input of the doors is kept.")] = None,
) -> None:
    """Serve the pages, the API and the live stream.

    Example: REDIS_URL=redis://10.0.0.5/0 WARROOM_DIRECTOR_KEY=... warroom web --host 0.0.0.0
    """
    from warroom.access.shared_keys import Access
    from warroom.web.oidc import Provider

    Access.from_environment(os.environ, host)  # say what is missing before gunicorn starts
    Provider.from_environment()
    env = {**os.environ, "REDIS_URL": store_url(data), "WARROOM_HOST": host}
    if raw is not None:
        env["WARROOM_RAW_DIR"] = str(raw)
    if audit := audit_file(data):
        env["WARROOM_AUDIT_FILE"] = str(audit)
    command = [
        sys.executable, "-m", "gunicorn", "--worker-class", "asgi", "--workers", str(workers),
        "--bind", f"{host}:{port}", "--graceful-timeout", "1", "--log-level", "warning", "--no-control-socket",
        "--websocket-max-message-size", "131072",
        "warroom.web.app:build()",
    ]  # fmt: skip
    os.execve(sys.executable, command, env)  # noqa: S606


def feed(
    url: Annotated[str, typer.Argument(help="file:///path/to/reports.jsonl, …; see docs/feeds.md")],
    data: Data = None,
    raw: Annotated[Path | None, typer.Option(help="Folder where the raw input is kept.")] = None,
    options: Annotated[str, typer.Option(help="A JSON object of the options that feeds.toml would hold.")] = "{}",
) -> None:
    """Run one feed.

    Example: warroom feed 'file:///srv/drop/reports.jsonl?follow=1' --data var/my-day
    """
    from feeds.registry import open_feed
    from warroom.cli.running import run_feed

    raw_dir = raw or (data or Path("var")) / "raw"
    opened = open_feed(url, {**options_of(options), "raw_dir": str(raw_dir)})
    run_feed(opened, url.partition(":")[0].lower(), connect_store(data), raw_dir, stop_on_signal())


def options_of(text: str) -> dict[str, Any]:
    """A feed's options from JSON. Raises BadParameter for anything but one object."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"no JSON ({error})", param_hint="--options") from error
    if not isinstance(found, dict):
        raise typer.BadParameter('no object: write {"follow": 1}', param_hint="--options")
    return found
