"""`warroom codes`: what volunteers open the phone page with; `renew` and `revoke` for one of them."""

import csv
import os
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from warroom.cli.parts import Data
from warroom.domain.csv_cells import safe_cell
from warroom.settings import data_dir, store_url
from warroom.store.client import connect

Address = Annotated[str, typer.Option(help="Where phones reach this room; stands in the links.")]
Volunteer = Annotated[str, typer.Argument(help="volunteer_id of volunteers.csv", show_default=False)]
HERE = "http://127.0.0.1:8050"


class _MakeByDefault(TyperGroup):
    """`warroom codes DAY_DIR` is `warroom codes make DAY_DIR`."""

    def parse_args(self, ctx, args):  # type: ignore[no-untyped-def]
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


codes = typer.Typer(
    cls=_MakeByDefault, no_args_is_help=True,
    help="Codes and links for the volunteers' phone page.\n\n"
    "Example: warroom codes days/2026-11-03 --out codes.csv --address https://room.example.org",
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(codes, name="codes")


@codes.command()
def make(
    out: Annotated[Path, typer.Option(help="The CSV file to write: volunteer_id, code, link.")],
    day_dir: Annotated[Path | None, typer.Argument(metavar="[DAY_DIR]", help="The day folder.")] = None,
    data: Data = None,
    address: Address = HERE,
) -> None:
    """Write everybody's code and link. Who has one keeps it: run it again after volunteers were added.

    Example: warroom codes days/2026-11-03 --out codes.csv --address https://room.example.org
    """
    from warroom.store.people import PeopleStore

    client, store = _open(data_dir(day_dir, data) if day_dir else data)
    everybody = PeopleStore(client).volunteers()
    if not everybody:
        raise typer.BadParameter("the loaded day has no volunteers: add volunteers.csv to the day folder")
    issued = store.issue(everybody)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="") as to:
        rows = csv.writer(to)
        rows.writerow(["volunteer_id", "code", "link"])
        rows.writerows([safe_cell(i.volunteer), i.code, _link(address, i.token)] for i in issued)
    left = len(everybody) - len(issued)
    typer.echo(f"{out}: {len(issued):,} codes{f', {left:,} revoked ones left out' if left else ''}. Keep it secret.")


@codes.command()
def renew(volunteer: Volunteer, data: Data = None, address: Address = HERE) -> None:
    """Give one volunteer a new code; the old one, and every phone that used it, is out at once.

    Example: warroom codes renew V012 --data var/2026-11-03
    """
    issued = _open(data)[1].renew(volunteer)
    typer.echo(f"{volunteer}: {issued.code}  {_link(address, issued.token)}")


@codes.command()
def revoke(volunteer: Volunteer, data: Data = None) -> None:
    """Let nobody in by one volunteer's codes any more, until they are renewed.

    Example: warroom codes revoke V012 --data var/2026-11-03
    """
    _open(data)[1].revoke(volunteer)
    typer.echo(f"{volunteer}: revoked")


def _open(data: Path | None):  # type: ignore[no-untyped-def]
    from warroom.domain.codes import Coder
    from warroom.store.codes import CodeStore, code_secret

    url = store_url(data)
    client = connect(url)
    return client, CodeStore(client, Coder(code_secret(url)))


def _link(address: str, token: str) -> str:
    return f"{address.rstrip('/')}/report#{token}"
