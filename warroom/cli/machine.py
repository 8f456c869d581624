"""Commands that wire the parts together: everything on one machine, a replay, the demo."""

import os
import shutil
import socket
import sys
import threading
import webbrowser
from contextlib import ExitStack
from datetime import UTC, datetime
from datetime import time as wall_time
from pathlib import Path
from typing import Annotated

import typer

from warroom.access.shared_keys import Access
from warroom.cli.feeding import feed_parts
from warroom.cli.parts import Data, Day, stop_on_signal
from warroom.dayfolder import DayFolder, load_day
from warroom.loading import load_into_store
from warroom.settings import audit_file, connect_store, data_dir, only_one, write_store_url
from warroom.store.client import Client, connect
from warroom.store.day import DayClock, read_day
from warroom.store.server import EmbeddedServer, StoreUnavailable
from warroom.supervisor import Part, Supervisor
from warroom.texting.contactlist import FILE as CONTACTS
from warroom.texting.contactlist import ContactFaults, read_contacts
from warroom.texting.contacts import ContactStore
from warroom.texting.rules import load_texting
from warroom.texting.vault import KEY, KEY_FILE, new_key, wrapping_key

DEMO_SEED = 7
DEMO_STARTS = "09:30"
Port = Annotated[int, typer.Option(help="Port of the pages.")]
Host = Annotated[str, typer.Option(help="Address to listen on; anything but this machine needs keys.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (demo, up, replay):
        app.command()(command)


def up(
    day_dir: Day, data: Data = None, port: Port = 8050, host: Host = "127.0.0.1",
    open_browser: Annotated[bool, typer.Option("--open", help="Open the wall in a browser.")] = False,
) -> None:  # fmt: skip
    """Run everything on this machine: store, tally, watch, pages, and the feeds of feeds.toml.

    Example: warroom up days/2026-11-03
    """
    folder = load_day(day_dir)
    home = data_dir(day_dir, data)
    _run(folder, home, host, port, feed_parts(folder.feeds, home / "raw"), open_browser)


def replay(
    day_dir: Day,
    speed: Annotated[float, typer.Option(min=0.01, max=100_000, help="Day seconds per second.")] = 60.0,
    begin: Annotated[str, typer.Option("--from", help="HH:MM; what came before arrives at once.")] = "",
    resume: Annotated[bool, typer.Option(help="Go on with the clock that is running.")] = False,
    drill: Annotated[bool, typer.Option("--drill", help="This room is a drill's, though its day is to come.")] = False,
    data: Data = None,
) -> None:
    """Feed a recorded day into a running war room, N times as fast as it happened.

    The room keeps the replay's clock and its reports: a room whose day is still to come takes none without --drill.

    Example: warroom replay days/2026-11-03 --speed 600
    """
    from feeds._clock import ReplayClock
    from feeds.registry import open_feed
    from warroom.cli.running import run_feed

    client = connect_store(data_dir(day_dir, data))
    clock, day = DayClock(client), read_day(client)
    if clock.anchor() is None and datetime.now(UTC) < day.closes_at and not drill:
        raise typer.BadParameter(
            f"{day.name} is still to come, and its room would keep the replay's clock and reports. Give the drill a "
            f"room of its own (warroom up {day_dir} --data var/drill), and there say --drill --data var/drill"
        )
    if not resume or clock.anchor() is None:
        starts = _clock(begin) if begin else day.polls_open
        clock.set(datetime.combine(day.date, starts, day.tz), speed)
    day_ms, wall_ms, rate = clock.anchor() or (0, 0, 1.0)
    runs_by = ReplayClock(datetime.fromtimestamp(day_ms / 1000, day.tz), wall_ms / 1000, rate)
    url = f"replay://{day_dir.resolve()}"
    run_feed(open_feed(url, {"clock": runs_by, "name": "replay"}), "replay", client, None, stop_on_signal())


def demo(
    port: Port = 8050, seed: int = DEMO_SEED,
    speed: Annotated[float, typer.Option(help="Day seconds per second.")] = 60.0,
    begin: Annotated[str, typer.Option("--from", help="HH:MM at which the day starts.")] = DEMO_STARTS,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the wall in a browser.")] = False,
    data: Data = None,
) -> None:  # fmt: skip
    """Watch a made-up city vote: the day starts at 09:30 and runs a minute a second, on a store of its own.

    Example: warroom demo
    """
    from warroom.demo import is_demo_day, write_demo_day

    home = data or Path.cwd() / "var" / "demo"
    if os.environ.pop("REDIS_URL", None):
        typer.echo("REDIS_URL is left alone: the demo runs on a store of its own", err=True)
    with ExitStack() as held:
        held.enter_context(only_one(home))
        if any((home / kept).exists() for kept in ("day", "store", "audit.jsonl")) and not is_demo_day(home / "day"):
            raise typer.BadParameter(f"{home} holds something other than a demo: name a folder of its own with --data")
        for old in ("day", "store"):
            shutil.rmtree(home / old, ignore_errors=True)
        (home / "audit.jsonl").unlink(missing_ok=True)
        typer.echo("building Port Marlow, a city that does not exist …")
        write_demo_day(home / "day", seed)
    os.environ.setdefault(KEY, new_key())  # for this run: the made-up list is loaded anew each time
    folder = load_day(home / "day")
    starts = datetime.combine(folder.day.date, _clock(begin), folder.day.tz)
    player = Part("replay", ["replay", str(home / "day"), "--data", str(home), "--resume"], once=True)
    _run(folder, home, "127.0.0.1", port, [player], open_browser, replay_from=(starts, speed))


def _run(
    folder: DayFolder, home: Path, host: str, port: int, extra: list[Part], open_browser: bool,
    replay_from: tuple[datetime, float] | None = None,
) -> None:  # fmt: skip
    Access.from_environment(os.environ, host)
    _check_port(host, port)
    with only_one(home):
        server = None if os.environ.get("REDIS_URL") else EmbeddedServer(home / "store")
        try:
            if server is not None:
                server.ensure()
                write_store_url(home, server.url)
            url = server.url if server is not None else os.environ["REDIS_URL"]
            client = connect(url)
            load_into_store(client, folder)
            if replay_from is not None:
                DayClock(client).set(*replay_from)
            texting = _texting_parts(client, folder)
            parts = [
                Part("tally", ["tally"]),
                Part("watch", ["watch"]),
                Part("moves", ["moves"]),
                Part("history", ["history"]),
                Part("web", ["web", "--host", host, "--port", str(port), "--raw", str(home / "raw")]),
                *texting,
                *extra,
            ]
            address = f"http://{host}:{port}/wall"
            typer.echo(f"{folder.day.name}: {len(folder.precincts):,} precincts. The wall: {address}  (Ctrl-C stops)")
            if open_browser:
                _open_when_up(host, port, address)
            audit = str((audit_file(home) or home).resolve())
            Supervisor(parts, {"REDIS_URL": url, "WARROOM_AUDIT_FILE": audit}, server).run(stop_on_signal())
        finally:
            if server is not None:
                server.stop()


def _texting_parts(client: Client, folder: DayFolder) -> list[Part]:
    """Rules propose where the day has them; the list is loaded and texts are sent only with a key for the list."""
    slack = [Part("slack", ["text", "slack"])] if os.environ.get("WARROOM_SLACK_WEBHOOK") else []
    if load_texting(folder.path) is None:
        return slack
    parts = [*slack, Part("texting", ["text", "propose"])]
    if not (folder.path / CONTACTS).exists():
        return parts
    if not (os.environ.get(KEY) or os.environ.get(KEY_FILE)):
        typer.echo(f"{CONTACTS} is not loaded: set {KEY} to the key that `warroom text key` prints", err=True)
        return parts
    faults = ContactFaults()
    people = ContactStore(client, wrapping_key()).load(
        read_contacts(folder.path / CONTACTS, folder.precinct_ids, os.environ.get("WARROOM_TEXT_COUNTRY", "US"), faults)
    )
    left_out = sum(faults.counts.values())
    typer.echo(f"{people:,} people on the campaign's list; {left_out:,} rows left out (`warroom text load` says why)")
    return [*parts, Part("texts", ["text", "send"])]


def _clock(text: str) -> wall_time:
    try:
        return wall_time.fromisoformat(text.zfill(5))
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a time of day: write HH:MM", param_hint="--from") from error


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StoreUnavailable(
                f"port {port} on {host} is taken ({error.strerror}): choose another with --port"
            ) from error


def _open_when_up(host: str, port: int, address: str) -> None:
    """Open the person's browser once the pages answer; on a machine without a screen do nothing."""
    if sys.platform != "darwin" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return

    def wait_and_open() -> None:
        for _ in range(150):
            with socket.socket() as probe:
                if probe.connect_ex((host, port)) == 0:
                    webbrowser.open(address)
                    return
            threading.Event().wait(0.2)

    threading.Thread(target=wait_and_open, daemon=True).start()
