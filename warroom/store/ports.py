"""What each room may ask of the store. Redis stands behind these, or a double in a unit test."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from warroom.domain.election import ElectionDay
from warroom.domain.reports import Reject, Report

DONE = "done"  # a feed that has read all there is: not silent, ended
NOTE = "note: "  # before the words of a feed that runs and has something to say all the same

Position = str | Mapping[str, int]  # a feed's place; or {"reports/0": next offset} of the parts it has read of


class Intake(Protocol):
    """The feeds' side of the store: everything that happens on the day goes in here, once."""

    def day(self) -> ElectionDay:
        """The loaded day. Raises NoDayError where none is loaded."""

    def loaded(self) -> object:
        """A mark of the load that day and places are of: another one once the day was loaded again.

        Asked before every report, so it must cost nothing; day and places change with its answer alone.
        """

    def precinct_ids(self) -> frozenset[str]:
        """Every precinct of the day."""

    def site_ids(self) -> frozenset[str]:
        """Every poll site of the day."""

    def now(self) -> datetime:
        """The day's clock, UTC-aware: the wall clock, or the replayed minute."""

    def position(self, feed: str) -> str | None:
        """Where this feed stopped reading; None where it never did."""

    def places(self, feed: str) -> dict[str, int]:
        """Where each part of the source was left, by whichever process of this feed read it last."""

    def put_frame(
        self,
        feed: str,
        reports: Sequence[Report],
        rejects: Sequence[Reject] = (),
        position: Position | None = None,
    ) -> None:
        """Append these in frames, in their order, and the feed's new position; durable on return.

        Durable: in the store's file as it is configured, and in a replica's memory where one follows.
        Several processes may read one source under one name, each some parts of it: what one puts of its parts
        leaves the places of the others as they are.
        Every report carries `received`. The same may be put again, also after a part of it: the state is a
        function of the set of reports.
        """

    def put_trouble(self, feed: str, trouble: str) -> None:
        """Say on the board what holds a feed up; '' says it is well, DONE that it has ended, NOTE that it runs."""

    def paused(self, feed: str) -> bool:
        """Whether a director has told this feed to wait: it reads no further until it is told to go on."""

    def put_lag(self, feed: str, lag: Mapping[str, int]) -> None:
        """Show how many items of the source wait to be read, by part of it: {"reports/0": 12}."""
