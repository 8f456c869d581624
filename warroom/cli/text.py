"""`warroom text`: texts that answer an alert."""

import asyncio
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from warroom.cli.parts import Data, Day, each_load
from warroom.cli.purge import purge_list
from warroom.cli.text_check import check
from warroom.settings import connect_store, data_dir
from warroom.store.client import Client
from warroom.store.day import shipped_file
from warroom.texting.contactlist import FILE as CONTACTS
from warroom.texting.contactlist import ContactFaults, read_contacts
from warroom.texting.rules import FILE, Texting, TextingError, parse_texting

if TYPE_CHECKING:  # the model is slow to import, and other commands do without it
    from warroom.texting.contacts import ContactStore

Country = Annotated[str, typer.Option(help="Country of numbers without a +.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    text = typer.Typer(help="Texts that answer an alert: rules propose, people decide.", no_args_is_help=True)
    for command in (check, propose, send, slack, key, load, opted_out, export):
        text.command()(command)
    text.command("purge")(purge_list)
    app.add_typer(text, name="text")


def propose(data: Data = None) -> None:
    """Turn open alerts into requests that wait for a person's approval, by the loaded day's rules. Run one.

    Example: REDIS_URL=redis://10.0.0.5/0 warroom text propose
    """
    from warroom.texting.proposer import Proposer

    client = connect_store(data)
    each_load(client, lambda over: Proposer(client, _rules(client)).run(over))


def send(data: Data = None) -> None:
    """Send what people approved, by the sender of the loaded day's rules; the default sends nothing. Run one.

    Example: REDIS_URL=redis://10.0.0.5/0 WARROOM_TEXT_KEY=... warroom text send
    """
    from warroom.texting.outgoing import Sending
    from warroom.texting.senders.registry import open_sender

    client, contacts = connect_store(data), _contacts(data)

    def sending(over: threading.Event) -> None:
        texting = _rules(client)
        asyncio.run(Sending(client, texting, contacts, open_sender(texting.sender)).run(over))

    each_load(client, sending)


def slack(data: Data = None) -> None:
    """Tell the staff in Slack of new high alerts, of those nobody moves on, and of texts that wait. Run one.

    Example: REDIS_URL=redis://10.0.0.5/0 WARROOM_SLACK_WEBHOOK=https://hooks.slack.com/... warroom text slack
    """
    from warroom.texting.senders._http import address
    from warroom.texting.senders.slack import Slack
    from warroom.texting.staff_alerts import SETTING, StaffAlerts

    url = address(os.environ, SETTING, "the address of an incoming webhook of Slack")
    client = connect_store(data)
    each_load(client, lambda over: StaffAlerts(client, Slack(url)).run(over))


def key() -> None:
    """Print a new key for WARROOM_TEXT_KEY; keep it where the store's files are not.

    Example: export WARROOM_TEXT_KEY=$(warroom text key)
    """
    from warroom.texting.vault import new_key

    typer.echo(new_key())


def load(day_dir: Day, data: Data = None, country: Country = "US", as_json: Json = False) -> None:
    """Put the campaign's list into the store, names and numbers encrypted with WARROOM_TEXT_KEY.

    Example: warroom text load days/2026-11-03
    """
    from warroom.dayfolder import load_day

    folder, faults = load_day(day_dir), ContactFaults()
    people = _contacts(data_dir(day_dir, data)).load(
        read_contacts(day_dir / CONTACTS, folder.precinct_ids, country, faults)
    )
    if as_json:
        typer.echo(json.dumps({"people": people, "left_out_rows": dict(faults.counts), "first": faults.lines}))
        return
    for fault in faults.lines:
        typer.echo(fault, err=True)
    left_out = sum(faults.counts.values())
    typer.echo(f"{people:,} people; {left_out:,} rows left out" + (", see above" if left_out else ""))


def opted_out(day_dir: Day, data: Data = None, country: Country = "US") -> None:
    """Print the ids of those of contacts.csv who said STOP here, for the campaign's own list and the next day.

    Example: warroom text opted-out days/2026-11-03 > said-stop.txt
    """
    from warroom.dayfolder import load_day

    folder, contacts = load_day(day_dir), _contacts(data_dir(day_dir, data))
    for person in read_contacts(day_dir / CONTACTS, folder.precinct_ids, country, ContactFaults()):
        if contacts.opted_out(contacts.digests.digest(person.phone)):
            typer.echo(person.contact_id)


def export(
    contact_id: Annotated[str, typer.Argument(help="The campaign's id of the person.", show_default=False)],
    data: Data = None,
) -> None:
    """Print all that is held about one person, for that person.

    Example: warroom text export C-1041 --data var/2026-11-03
    """
    from warroom.store.day import read_day
    from warroom.texting.held import held_about

    client = connect_store(data)
    held = held_about(client, _contacts(data), contact_id, read_day(client).timezone)
    typer.echo(json.dumps(held if held is not None else {"contact_id": contact_id, "held": None}))


def _rules(client: Client) -> Texting:
    raw = shipped_file(client, FILE)
    if raw is None:
        raise TextingError(f"the loaded day has no {FILE}: see docs/texting.md, then load the day again")
    return parse_texting(raw)


def _contacts(data: Path | None) -> "ContactStore":
    from warroom.texting.contacts import ContactStore
    from warroom.texting.vault import wrapping_key

    return ContactStore(connect_store(data), wrapping_key())
