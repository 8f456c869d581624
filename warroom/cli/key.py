"""`warroom key`: API keys for who sends reports over the network."""

import json
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from warroom.cli.parts import Data
from warroom.domain.apikeys import (
    MOST_PER_MINUTE,
    PER_MINUTE,
    SCOPES,
    ApiKey,
    BadKeyError,
    checked_source,
    kinds_of,
    webhook_secret,
)  # fmt: skip
from warroom.settings import connect_store, store_url
from warroom.store.apikeys import KeyStore, feed_of, room_secret
from warroom.store.feeds import FeedStore

DAY_MS = 24 * 3_600_000
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    key = typer.Typer(help="API keys: who may send reports over the network.", no_args_is_help=True)
    key.command("new")(new)
    key.command("list")(list_)
    key.command("revoke")(revoke)
    app.add_typer(key, name="key")


def new(
    source: Annotated[str, typer.Argument(help="Name the sender's reports carry as their source.")],
    scope: Annotated[str, typer.Option(help=f"Comma-separated: {', '.join(SCOPES)}.")] = "reports",
    kinds: Annotated[str, typer.Option(help="Only these kinds of the scopes, comma-separated.")] = "",
    days: Annotated[int, typer.Option(min=0, max=3_650, help="Expires after so many days; 0: never.")] = 0,
    per_minute: Annotated[
        int, typer.Option(min=1, max=MOST_PER_MINUTE, help="Reports a minute, and at once after a pause.")
    ] = PER_MINUTE,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make an API key. It is shown once; the store keeps only a digest.

    Example: warroom key new vendor --scope reports,early_vote --days 3
    """
    try:
        allowed = kinds_of(_listed(scope), _listed(kinds))
        checked_source(source)
    except BadKeyError as error:
        raise typer.BadParameter(str(error)) from error
    now_ms = int(time.time() * 1000)
    client = connect_store(data)
    key, token = KeyStore(client).make(source, allowed, now_ms, now_ms + days * DAY_MS if days else None, per_minute)
    FeedStore(client).announce(feed_of(source), "http")
    room = room_secret(store_url(data))
    signing = webhook_secret(room, key.id) if room is not None else ""
    if as_json:
        typer.echo(json.dumps({**_row(key), "key": token, "webhook_secret": signing}))
        return
    typer.echo(f"key:            {token}")
    typer.echo(f"webhook secret: {signing or 'set WARROOM_WEBHOOK_KEY (16 characters or more) to have one'}")
    typer.echo(
        f"{source} may send {', '.join(key.kinds)}; {key.per_minute:,} a minute; expires {_when(key.expires_ms)}"
    )
    typer.echo("Neither is shown again. Send it as `Authorization: Bearer KEY`; see docs/feeds.md.")


def list_(data: Data = None, as_json: Json = False) -> None:
    """List the keys: source, kinds, and whether they still open anything.

    Example: warroom key list
    """
    now_ms = int(time.time() * 1000)
    rows = sorted(KeyStore(connect_store(data)).all().values(), key=lambda key: key.created_ms)
    if as_json:
        typer.echo(json.dumps([_row(key) for key in rows]))
        return
    for key in rows:
        state = key.over(now_ms) or f"expires {_when(key.expires_ms)}"
        typer.echo(f"{key.id}  {key.source}  {','.join(key.kinds)}  {key.per_minute:,}/min  {state}")
    if not rows:
        typer.echo("no keys yet: warroom key new SOURCE")


def revoke(key_id: Annotated[str, typer.Argument(help="As `warroom key list` shows it.")], data: Data = None) -> None:
    """Close a key for ever, within two seconds.

    Example: warroom key revoke 3f9a2c11d0
    """
    key = KeyStore(connect_store(data)).revoke(key_id, int(time.time() * 1000))
    if key is None:
        raise typer.BadParameter(f"there is no key {key_id!r}: see `warroom key list`")
    typer.echo(f"{key.id} of {key.source} is revoked")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _row(key: ApiKey) -> dict[str, object]:
    return {"id": key.id, "source": key.source, "kinds": key.kinds, "per_minute": key.per_minute,
            "created": _when(key.created_ms), "expires": _when(key.expires_ms),
            "revoked": key.revoked_ms is not None}  # fmt: skip


def _when(at_ms: int | None) -> str:
    return "never" if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
