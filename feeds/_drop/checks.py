"""Whether a new file of a cumulative series may take the place of the last one. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from feeds._drop.ledger import Series
from feeds._drop.watch import ACCEPT
from feeds._early.file import EarlyFile
from feeds._early.layout import folded
from feeds._faults import Refusal
from warroom.domain.election import EARLY_VOTING, ElectionDay

_AHEAD = timedelta(minutes=2)


def refusal(before: Series | None, file: EarlyFile, name: str, accepted: bool) -> Refusal | None:
    """Why this file is not taken, with what changed and how to take it all the same; None where it is.

    `accepted` says that somebody has put NAME.accept beside it since it came.
    """
    if before is None:
        return None
    as_of_ms = round(file.as_of.timestamp() * 1000)
    if as_of_ms < before.as_of_ms:
        return Refusal("older_file", "", f"{before.file} of this series is newer: this one adds nothing.")
    if accepted:
        return None
    how = f"To take it, put an empty file {name}{ACCEPT} beside it."
    if changed := header_change(before.header, file.header):
        return Refusal("header_changed", "", f"The columns are not those of {before.file}: {changed}. {how}")
    if file.voted < before.voted or file.rows < before.rows:
        what = "voters" if before.has_voters else "ballots"
        had = f"{before.file} had {before.voted:,} in {before.rows:,}"
        return Refusal("file_shrank", "", f"{file.voted:,} {what} in {file.rows:,} rows; {had}. {how}")
    return None


def not_of_day(as_of: datetime, day: ElectionDay, now: datetime) -> Refusal | None:
    """Refuses an as-of that cannot be of this election, before every row is refused for it."""
    if day.begins_at.astimezone(UTC) - EARLY_VOTING <= as_of <= day.ends_at and as_of <= now + _AHEAD:
        return None
    said = as_of.astimezone(day.tz).isoformat(timespec="minutes")
    how = "Give the option as_of, or the file its own time."
    return Refusal(
        "wrong_day",
        "at",
        f"As of {said}: not in the {EARLY_VOTING.days} days before {day.date}, or still to come. {how}",
    )


def header_change(before: Sequence[str], now: Sequence[str]) -> str:
    """What is new and what is gone, in words; '' where the columns are the same, in whatever order."""
    old, new = {folded(one) for one in before}, {folded(one) for one in now}
    gone = [one[:40] for one in before if folded(one) not in new]
    added = [one[:40] for one in now if folded(one) not in old]
    said = [f"{word} {', '.join(names[:8])}" for word, names in (("gone", gone), ("new", added)) if names]
    return "; ".join(said)
