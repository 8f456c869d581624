"""Replays a feed's rejected input when a director asks for it: beside the running feed, or once by command."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from feeds._again import copies_of, read_again
from warroom.domain.reports import Reject
from warroom.store.feeds import FeedStore, Mended, Outcome
from warroom.store.ports import Intake

_log = logging.getLogger(__name__)

LOOK_S = 0.5
MOST_AT_ONCE = 20_000  # rejects in one go, newest first: bounds memory, and a second press takes the rest

Rejects = Callable[[str], dict[str, Reject]]  # a feed's open rejects, {digest: reject}, newest first


class Mender:
    """One feed's. `open_intake` gives an intake of the day as it is loaded now, not as it was at the feed's start."""

    def __init__(
        self, feed: Any, store: FeedStore, open_rejects: Rejects, open_intake: Callable[[], Intake],
        raw_dir: Path | None,
    ) -> None:  # fmt: skip
        self._feed = feed
        self._store = store
        self._open_rejects = open_rejects
        self._open_intake = open_intake
        self._raw_dir = raw_dir

    def watch(self, stop: threading.Event) -> None:
        """Do what is asked for, until `stop`; a store that is away is waited for."""
        while not stop.is_set():
            self.look()
            stop.wait(LOOK_S)

    def look(self) -> None:
        """Do what is asked for now, if anything. Never raises: a feed must not end because of it."""
        try:
            asked = self._store.take_asked(self._feed.name)
            if asked is not None:
                self.mend(asked.by, asked.at_ms)
        except Exception as error:
            _log.warning("feed %s: the rejected were not replayed (%s)", self._feed.name, type(error).__name__)

    def mend(self, by: str, at_ms: int) -> Outcome:
        """Read the feed's open rejects again, mark those that are good now, and say what it came to."""
        name, rejects = self._feed.name, self._open_rejects(self._feed.name)
        looked = dict(list(rejects.items())[:MOST_AT_ONCE])
        copies = copies_of(self._feed, self._raw_dir)
        again = read_again(self._feed, self._open_intake(), looked, copies)
        self._store.put_mended({d: Mended(name, looked[d].reason, by, at_ms) for d in again.accepted})
        outcome = Outcome(
            by=by, at_ms=at_ms, looked=len(looked), accepted=len(again.accepted), still=len(again.still),
            missing=len(again.missing), note=_note(len(again.missing), copies, len(rejects) - len(looked)),
        )  # fmt: skip
        self._store.put_outcome(name, outcome)
        return outcome


def _note(missing: int, copies: list[Path], left: int) -> str:
    parts = []
    if missing and not copies:
        parts.append("There is no raw copy of this feed's input on its machine: send it again from its source.")
    elif missing:
        parts.append(
            "What was not found is not in the raw copies on the feed's machine (too long, kept elsewhere, or "
            "cleared away): send it again from its source."
        )
    if left:
        parts.append(f"{left} older ones were not looked at: replay again.")
    return " ".join(parts)
