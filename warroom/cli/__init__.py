"""The command line: one command a part, and a few that wire the parts together."""

import logging
import sys

import typer

from feeds._feed import FeedError
from feeds._url import FeedURLError
from warroom.access.accounts import AccountError
from warroom.cli import (
    account,
    audit,
    backtest,
    bench,
    codes,
    day,
    history,
    key,
    machine,
    model,
    parts,
    produce,
    rejected,
    report,
    text,
)
from warroom.dayfolder import DayFolderError
from warroom.dayfolder.template import FolderNotEmptyError
from warroom.store.codes import NoCodeKeyError, UnknownVolunteerError
from warroom.store.day import NoDayError, OtherDayError
from warroom.store.server import StoreUnavailable
from warroom.texting.contactlist import ContactsError
from warroom.texting.rules import TextingError
from warroom.texting.senders.registry import SenderError
from warroom.texting.vault import VaultError
from warroom.web.access import AccessError

# bad input that a person can mend: said in words, exit code 2, no traceback
MENDABLE = (
    DayFolderError,
    FolderNotEmptyError,
    NotADirectoryError,
    FeedError,
    FeedURLError,
    NoDayError,
    OtherDayError,
    StoreUnavailable,
    AccessError,
    AccountError,
    ContactsError,
    TextingError,
    SenderError,
    VaultError,
    NoCodeKeyError,
    UnknownVolunteerError,
)

app = typer.Typer(
    name="warroom", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Election-day war room: who should have voted by now, where they have not, and who goes there.",
)  # fmt: skip
machine.add_to(app)
parts.add_to(app)
produce.add_to(app)
backtest.add_to(app)
bench.add_to(app)
day.add_to(app)
model.add_to(app)
history.add_to(app)
key.add_to(app)
report.add_to(app)
rejected.add_to(app)
codes.add_to(app)
account.add_to(app)
audit.add_to(app)
text.add_to(app)


def main() -> None:
    """Run one command; bad input ends with exit code 2 and a message that says what to do."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        app()
    except MENDABLE as error:
        print(f"warroom: {error}", file=sys.stderr)
        sys.exit(2)
