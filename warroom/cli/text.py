"""`warroom text`: texts that answer an alert."""

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from warroom.cli.parts import Data, Day, stop_on_signal
from warroom.dayfolder import DayFolder, load_day
from warroom.loading import frames_of, roster_of, shipped_file
from warroom.settings import connect_store, data_dir
from warroom.store.client import Client
from warroom.texting.contactlist import FILE as CONTACTS
from warroom.texting.contactlist import ContactFaults, read_contacts
from warroom.texting.guards import WORDS, Recipient
from warroom.texting.rules import FILE, Texting, TextingError, load_texting, parse_texting

if TYPE_CHECKING:  # the model is slow to import, and other commands do without it
    from warroom.history.rerun import Moment
    from warroom.texting.check import Checked
    from warroom.texting.contacts import ContactStore

Country = Annotated[str, typer.Option(help="Country of numbers without a +.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    text = typer.Typer(help="Texts that answer an alert: rules propose, people decide.", no_args_is_help=True)
    for command in (check, propose, send, slack, key, load, export, purge):
        text.command()(command)
    app.add_typer(text, name="text")


def check(
    day_dir: Day,
    rules: Annotated[Path | None, typer.Option(help=f"A file of rules instead of the folder's {FILE}.")] = None,
    assume_share: Annotated[
        float, typer.Option(min=0, max=1, help=f"Without {CONTACTS}: a list of this share of the registered.")
    ] = 0.0,
    approve_minutes: Annotated[float, typer.Option(min=0, max=600, help="How long people take to approve.")] = 10.0,
    country: Country = "US",
    as_json: Json = False,
) -> None:
    """Say what each rule would have done on a recorded day: when, how many people, how many in time, who was kept out.

    Example: warroom text check days/2025-06-24 --assume-share 0.2
    """
    from rich.progress import Progress

    from warroom.history.rerun import Rerun
    from warroom.history.sources import from_folder
    from warroom.texting.check import Check, run_check
    from warroom.texting.propose import Places

    folder = load_day(day_dir)
    texting = parse_texting(rules.read_bytes(), str(rules)) if rules else load_texting(day_dir)
    if texting is None:
        raise typer.BadParameter(f"{day_dir} has no {FILE}: see docs/texting.md, or give --rules", param_hint="DAY_DIR")
    faults = ContactFaults()
    people = list(_people(folder, assume_share, country, faults))
    if not people:
        raise typer.BadParameter(
            f"nobody to text: put a {CONTACTS} into {day_dir}, or give --assume-share 0.2", param_hint="--assume-share"
        )
    tape = from_folder(folder).tape
    rerun = Rerun(frames_of(folder))
    whole = rerun.left(folder.day.minutes_open)
    roster = roster_of(folder)
    with Progress(transient=True, disable=as_json) as bar:
        task = bar.add_task("the day once more", total=whole)
        moments = _counted(rerun.go(tape, folder.day.minutes_open), lambda: bar.advance(task))
        found = run_check(
            Check(texting, folder.day, Places(roster.precincts, roster.sites), people, approve_minutes), moments
        )
    _tell(found, texting, folder, len(people), faults, as_json)


def propose(data: Data = None) -> None:
    """Turn open alerts into requests that wait for a person's approval, by the loaded day's rules. Run one.

    Example: REDIS_URL=redis://10.0.0.5/0 warroom text propose
    """
    from warroom.texting.proposer import Proposer

    client = connect_store(data)
    Proposer(client, _rules(client)).run(stop_on_signal())


def send(data: Data = None) -> None:
    """Send what people approved, by the sender of the loaded day's rules; the default sends nothing. Run one.

    Example: REDIS_URL=redis://10.0.0.5/0 WARROOM_TEXT_KEY=... warroom text send
    """
    from warroom.texting.outgoing import Sending
    from warroom.texting.senders.registry import open_sender

    client = connect_store(data)
    texting = _rules(client)
    worker = Sending(client, texting, _contacts(data), open_sender(texting.sender))
    asyncio.run(worker.run(stop_on_signal()))


def slack(data: Data = None) -> None:
    """Tell the staff in Slack of new high alerts, of those nobody moves on, and of texts that wait. Run one.

    Example: REDIS_URL=redis://10.0.0.5/0 WARROOM_SLACK_WEBHOOK=https://hooks.slack.com/... warroom text slack
    """
    from warroom.texting.senders._http import address
    from warroom.texting.senders.slack import Slack
    from warroom.texting.staff_alerts import SETTING, StaffAlerts

    url = address(os.environ, SETTING, "the address of an incoming webhook of Slack")
    StaffAlerts(connect_store(data), Slack(url)).run(stop_on_signal())


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


def export(
    contact_id: Annotated[str, typer.Argument(help="The campaign's id of the person.", show_default=False)],
    data: Data = None,
) -> None:
    """Print all that is held about one person, for that person.

    Example: warroom text export C-1041 --data var/2026-11-03
    """
    held = _contacts(data).export(contact_id)
    typer.echo(json.dumps(held if held is not None else {"contact_id": contact_id, "held": None}))


def purge(
    data: Data = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete every name and number of the list from the store; that somebody opted out stays, as a digest.

    Example: warroom text purge --data var/2026-11-03
    """
    contacts = _contacts(data)
    if not yes:
        typer.confirm("Delete every person of the list from the store?", abort=True)
    typer.echo(f"{contacts.purge():,} people deleted")


def _rules(client: Client) -> Texting:
    raw = shipped_file(client, FILE)
    if raw is None:
        raise TextingError(f"the loaded day has no {FILE}: see docs/texting.md, then load the day again")
    return parse_texting(raw)


def _contacts(data: Path | None) -> "ContactStore":
    from warroom.texting.contacts import ContactStore
    from warroom.texting.vault import wrapping_key

    return ContactStore(connect_store(data), wrapping_key())


def _people(folder: DayFolder, share: float, country: str, faults: ContactFaults) -> Iterator[Recipient]:
    path = folder.path / CONTACTS
    if path.exists():
        for p in read_contacts(path, folder.precinct_ids, country, faults):
            yield Recipient(
                precinct=p.precinct, band=p.band, language=p.language, timezone=p.timezone, opted_out=p.opted_out
            )
        return
    for row in folder.precincts.itertuples():
        registered = 0 if row.registered != row.registered else row.registered
        yield from (Recipient(precinct=row.precinct_id) for _ in range(round(registered * share)))


def _counted(moments: Iterable["Moment"], done: Callable[[], None]) -> Iterator["Moment"]:
    for moment in moments:
        yield moment
        done()


def _tell(
    found: "Checked", texting: Texting, folder: DayFolder, people: int, faults: ContactFaults, as_json: bool
) -> None:
    from rich.console import Console
    from rich.table import Table

    if as_json:
        body = {"list": people, "left_out_rows": dict(faults.counts), "alerts": found.alerts,
                "proposed": msgspec.to_builtins(found.proposed),
                "why_not": [{"rule": r, "reason": w, "steps": n} for (r, w), n in found.why_not.items()]}  # fmt: skip
        typer.echo(json.dumps(body))
        return
    console = Console()
    for fault in faults.lines:
        console.print(fault, markup=False)
    console.print(f"{folder.day.name}: {people:,} people on the list, {found.alerts:,} alerts", markup=False)
    table = Table("rule", "proposed", "first", "people", "sent", "kept out", "expected votes, 90 %", "cost")
    for rule in texting.rule:
        mine = [p for p in found.proposed if p.rule == rule.name]
        kept: dict[str, int] = {}
        for one in mine:
            for guard, n in one.kept_out.items():
                kept[WORDS[guard]] = kept.get(WORDS[guard], 0) + n  # type: ignore[index]
        gone = [p for p in mine if p.outcome == "sent"]
        low, middle, high = (sum(p.voters[k] for p in gone) for k in range(3))
        first = folder.day.opens_at + timedelta(minutes=min((p.minute for p in mine), default=0))
        table.add_row(
            rule.name, f"{len(mine)} ({len(gone)} sent)", f"{first.astimezone(folder.day.tz):%H:%M}" if mine else "–",
            f"{sum(p.people for p in mine):,}", f"{sum(p.sent for p in mine):,}",
            "\n".join(f"{n:,} {word}" for word, n in sorted(kept.items(), key=lambda item: -item[1])) or "–",
            f"{middle:.0f} ({low:.0f} to {high:.0f})", f"${sum(p.cost_cents for p in gone) / 100:,.0f}",
        )  # fmt: skip
    console.print(table)
    for outcome in sorted({p.outcome for p in found.proposed} - {"sent"}):
        console.print(f"{sum(p.outcome == outcome for p in found.proposed)} requests not sent: {outcome}")
    for (rule_name, reason), steps in found.why_not.most_common(8):
        console.print(f"not proposed by {rule_name}, {steps:,} times: {reason}", markup=False)
