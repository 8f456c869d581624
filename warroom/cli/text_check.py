"""`warroom text check`: what the rules would have done on a recorded day."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from warroom.cli.parts import Day
from warroom.texting.contactlist import FILE as CONTACTS
from warroom.texting.contactlist import ContactFaults, read_contacts
from warroom.texting.guards import WORDS, Recipient
from warroom.texting.rules import FILE, Texting, load_texting, parse_texting

if TYPE_CHECKING:  # folder and model are slow to import, and other commands do without them
    from warroom.dayfolder import DayFolder
    from warroom.history.rerun import Moment
    from warroom.texting.check import Checked, Proposed

MOST_REASONS = 8


def check(
    day_dir: Day,
    rules: Annotated[Path | None, typer.Option(help=f"A file of rules instead of the folder's {FILE}.")] = None,
    assume_share: Annotated[
        float,
        typer.Option(
            min=0, max=1,
            help=f"Without {CONTACTS}: a list of this share of the registered, or of the most ballots ever cast "
            "where nobody knows how many are registered.",
        ),
    ] = 0.0,
    approve_minutes: Annotated[float, typer.Option(min=0, max=600, help="How long people take to approve.")] = 10.0,
    country: Annotated[str, typer.Option(help="Country of numbers without a +.")] = "US",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:  # fmt: skip
    """Say what each rule would have done on a recorded day: when, how many people, how many in time, who was kept out.

    Example: warroom text check days/2025-06-24 --assume-share 0.2
    """
    from rich.progress import Progress

    from warroom.dayfolder import load_day
    from warroom.history.rerun import Rerun
    from warroom.history.sources import from_folder
    from warroom.loading import frames_of, roster_of
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
    roster = roster_of(folder)
    with Progress(transient=True, disable=as_json) as bar:
        task = bar.add_task("the day once more", total=rerun.left(folder.day.minutes_open))
        moments = _counted(rerun.go(tape, folder.day.minutes_open), lambda: bar.advance(task))
        found = run_check(
            Check(texting, folder.day, Places(roster.precincts, roster.sites), people, approve_minutes), moments
        )
    (_as_json if as_json else _as_table)(found, texting, folder, len(people), faults)


def _people(folder: "DayFolder", share: float, country: str, faults: ContactFaults) -> Iterator[Recipient]:
    path = folder.path / CONTACTS
    if path.exists():
        for p in read_contacts(path, folder.precinct_ids, country, faults):
            yield Recipient(
                precinct=p.precinct, band=p.band, language=p.language, timezone=p.timezone, opted_out=p.opted_out
            )
        return
    most_ever = folder.history.groupby("precinct_id")["ballots"].max()
    voters = folder.precincts.set_index("precinct_id")["registered"]
    for precinct, count in voters.fillna(most_ever.reindex(voters.index)).fillna(0).items():
        yield from (Recipient(precinct=str(precinct)) for _ in range(round(count * share)))


def _counted(moments: Iterable["Moment"], done: Callable[[], None]) -> Iterator["Moment"]:
    for moment in moments:
        yield moment
        done()


def _as_json(found: "Checked", _: Texting, __: "DayFolder", people: int, faults: ContactFaults) -> None:
    body = {
        "list": people, "left_out_rows": dict(faults.counts), "alerts": found.alerts,
        "proposed": msgspec.to_builtins(found.proposed),
        "why_not": [{"rule": r, "reason": w, "alerts": n} for (r, w), n in found.why_not.items()],
    }  # fmt: skip
    typer.echo(json.dumps(body))


def _as_table(found: "Checked", texting: Texting, folder: "DayFolder", people: int, faults: ContactFaults) -> None:
    """One row a rule that fits a terminal of 80 columns; guards, and what was not proposed, in lines below."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for fault in faults.lines:
        console.print(fault, markup=False)
    console.print(f"{folder.day.name}: {people:,} people on the list, {found.alerts:,} alerts", markup=False)
    table = Table(box=SIMPLE_HEAD)
    table.add_column("rule", no_wrap=True, min_width=max((len(rule.name) for rule in texting.rule), default=4))
    for name in ("requests", "from", "people", "texted", "votes, 90 %", "cost"):
        table.add_column(name, justify="right", no_wrap=True)
    for rule in texting.rule:
        table.add_row(rule.name, *_figures([p for p in found.proposed if p.rule == rule.name], folder))
    console.print(table)
    for rule in texting.rule:
        for words, n in _kept_out(p for p in found.proposed if p.rule == rule.name):
            console.print(f"{rule.name}: {n:,} kept out: {words}", markup=False, highlight=False)
    for (name, outcome), n in Counter((p.rule, p.outcome) for p in found.proposed if p.outcome != "sent").items():
        console.print(f"{name}: requests not sent: {n:,}, {outcome}", markup=False, highlight=False)
    for (name, reason), n in found.why_not.most_common(MOST_REASONS):
        console.print(f"{name}: alerts not answered: {n:,}, {reason}", markup=False, highlight=False)


def _figures(mine: "list[Proposed]", folder: "DayFolder") -> list[str]:
    gone = [p for p in mine if p.outcome == "sent"]
    low, middle, high = (sum(p.voters[k] for p in gone) for k in range(3))
    first = folder.day.moment_of(min((p.minute for p in mine), default=0))
    return [
        f"{len(mine):,}", f"{first:%H:%M}" if mine else "–",
        f"{sum(p.people for p in mine):,}", f"{sum(p.sent for p in mine):,}",
        f"{middle:.0f} ({low:.0f} to {high:.0f})", f"${sum(p.cost_cents for p in gone) / 100:,.0f}",
    ]  # fmt: skip


def _kept_out(proposed: "Iterable[Proposed]") -> list[tuple[str, int]]:
    """(guard in words, people), most first."""
    kept: Counter[str] = Counter()
    for one in proposed:
        for guard, n in one.kept_out.items():
            kept[WORDS[guard]] += n  # type: ignore[index]
    return kept.most_common()
