"""`warroom audit`: was the log changed, and an anchor to write down."""

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from warroom.access.audit import faults
from warroom.access.audit_log import AuditLog
from warroom.cli.parts import Data
from warroom.settings import connect_store
from warroom.store.server import StoreUnavailable

MOST_SAID = 20


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    audit = typer.Typer(help="The record of who did what: verify it, anchor it.", no_args_is_help=True)
    audit.command("verify")(verify)
    audit.command("anchor")(anchor)
    app.add_typer(audit, name="audit")


def verify(
    file: Annotated[
        Path | None, typer.Argument(help="A log file; without one, the store's log.", show_default=False)
    ] = None,
    at: Annotated[str, typer.Option("--anchor", help="N:HASH from `warroom audit anchor` or the server's log.")] = "",
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Look for lines of the audit log that were changed, removed, moved or cut off. Exit code 1 where any was.

    A file is held against the store's head too, where a store runs. Only an anchor that was written down
    elsewhere tells of somebody who rewrote both.

    Example: warroom audit verify var/2026-11-03/audit.jsonl --data var/2026-11-03
    """
    anchored = re.fullmatch(r"(\d+):([0-9a-f]{64})", at.strip())
    if at and not anchored:
        raise typer.BadParameter(
            f"{at!r} is no anchor: give N:HASH as `warroom audit anchor` prints it", param_hint="--anchor"
        )
    if file is not None and not file.is_file():
        raise typer.BadParameter(f"{file}: no such file", param_hint="FILE")
    head: tuple[int, str] | None = None
    log: AuditLog | None = None
    try:
        log = AuditLog(connect_store(data))
        head = log.head()
    except StoreUnavailable:
        if file is None:
            raise
    if file is None:
        assert log is not None
        lines = list(log.lines())
    else:
        lines = file.read_bytes().splitlines()
    found = faults(lines, head)
    if anchored:
        found += [f for f in faults(lines, (int(anchored[1]), anchored[2])) if f not in found]
    against = "the store's head" if head is not None else "no store: lines cut off the end cannot be seen"
    if as_json:
        typer.echo(json.dumps({"lines": len(lines), "ok": not found, "faults": found, "against": against}))
    elif found:
        for fault in found[:MOST_SAID]:
            typer.echo(fault)
        if len(found) > MOST_SAID:
            typer.echo(f"and {len(found) - MOST_SAID} more")
    else:
        typer.echo(f"{len(lines):,} lines, unbroken; held against {against}{' and the anchor' if anchored else ''}")
    if found:
        raise typer.Exit(1)


def anchor(data: Data = None) -> None:
    """Print the number and hash of the last line: write it down where the room's keeper cannot change it.

    Example: warroom audit anchor --data var/2026-11-03
    """
    n, digest = AuditLog(connect_store(data)).head()
    typer.echo(f"{n}:{digest}" if n else "nothing was recorded yet")
