"""`warroom purge`: after the day, nobody's name and number stays in the store."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from warroom.access.audit import Event
from warroom.access.audit_log import AuditLog
from warroom.cli.parts import Data
from warroom.purge import Purged, purge_contacts, purge_people
from warroom.settings import audit_file, connect_store
from warroom.store.client import Client

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
LEFT = (
    "Left in the store, without a name or a number: who said STOP (digests), what became of each text (references), "
    "shifts and reports (the day folder's ids; what reporters wrote, as they wrote it), accounts, the audit log."
)
YOURS = (
    "Not in the store, yours to delete: contacts.csv and volunteers.csv, which the next `warroom up` or `warroom load` "
    "would bring back; the file of `warroom codes`; the raw log; what Spoke and the provider keep; copies."
)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(purge)


def purge(data: Data = None, yes: Yes = False) -> None:
    """After the day: delete every supporter and every volunteer from the store, with the codes of their phones.

    Write the report of the day first: `warroom report`. Until the day is loaded again nobody can report by phone.

    Example: warroom purge --data var/2026-11-03
    """
    client = connect_store(data)
    if not yes:
        typer.confirm("Delete all supporters, all volunteers and their phones' codes from the store?", abort=True)
    _say(purge_people(client), client, data)


def purge_list(data: Data = None, yes: Yes = False) -> None:
    """Delete every name and number of the list from the store; that somebody opted out stays, as a digest.

    Example: warroom text purge --data var/2026-11-03
    """
    client = connect_store(data)
    if not yes:
        typer.confirm("Delete every person of the list from the store?", abort=True)
    _say(purge_contacts(client), client, data, listed_only=True)


def _say(gone: Purged, client: Client, data: Path | None, listed_only: bool = False) -> None:
    what = f"{gone.contacts:,} people of the list"
    if not listed_only:
        what += f", {gone.volunteers:,} volunteers, {gone.codes:,} phones' codes"
    AuditLog(client, audit_file(data)).write(
        Event(action="purge", object=what, said=getpass.getuser(), door="command line")
    )
    typer.echo(f"Deleted from the store: {what}.")
    typer.echo("Volunteers were left as they are: `warroom purge` deletes them too." if listed_only else LEFT)
    typer.echo(YOURS)
    if not gone.rewritten:
        typer.echo(
            "The store's own file may still hold them: it was not written anew. Look at its disk, then run this again.",
            err=True,
        )
        raise typer.Exit(1)
