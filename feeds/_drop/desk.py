"""Reads one dropped file after the other, puts what it says, and remembers what became of it."""

import hashlib
import logging
import threading
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from feeds._drop.early import EarlyDesk, Taken
from feeds._drop.how import How
from feeds._drop.ledger import Ledger, SeenFile, read_ledger, write_ledger
from feeds._drop.watch import Look, accepted
from feeds._drop.wire import Item, is_wire, read_mapped, read_wire
from feeds._early.source import BadTable
from feeds._faults import Refusal
from feeds._feed import FeedError, Trouble
from feeds._frames import Framer
from feeds._live import LiveParser
from feeds._parse import reject
from feeds._rawlog import RawLog
from feeds._samples import digest_of
from warroom.domain.reports import Reject
from warroom.store.ports import Intake

_log = logging.getLogger(__name__)


class Desk:
    """Reads one file after the other and remembers what became of it."""

    def __init__(
        self, path: Path, name: str, how: How, intake: Intake, stop: threading.Event, rawlog: RawLog | None,
        trouble: Trouble,
    ) -> None:  # fmt: skip
        self._name = name
        self._how = how
        self._intake = intake
        self._framer = partial(Framer, intake, name, stop, rawlog, trouble)
        self._ledger: Ledger = read_ledger(intake.position(name))
        self._parser = LiveParser(intake)
        self._folder = path.parent if path.is_file() else path
        self._places = self._places_now()
        self._mending = ""  # what is wrong with a crosswalk that was changed
        self._early = self._new_early()
        self._held: dict[str, str] = {}  # {file: why it is not taken}
        for file, seen in self._ledger.files.items():
            if seen.outcome == "refused":
                self._held[file] = seen.note

    def refresh(self, present: Collection[str]) -> None:
        """Take in what changed beside the files: some are gone, the crosswalk was mended, the day loaded again."""
        self._held = {file: why for file, why in self._held.items() if file in present}
        if (now := self._places_now()) != self._places:
            self._places, self._mending = now, ""
            try:
                self._early = self._new_early()
            except FeedError as error:
                self._mending = str(error)

    def _places_now(self) -> tuple[object, object]:
        """A mark of what a row's precinct depends on."""
        return self._intake.loaded(), _look_at(self._how.precincts)

    def _new_early(self) -> EarlyDesk:
        """Under other terms than before, the newest file of every series, and what was refused, is read again.

        Raises FeedError.
        """
        early = EarlyDesk(self._folder, self._name, self._how, self._intake, self._ledger)
        if self._ledger.terms not in ("", early.terms):
            files = self._ledger.files
            again = {series.file for series in self._ledger.series.values()}
            again |= {name for name, seen in files.items() if seen.outcome == "refused"}
            self._ledger.files = {name: seen for name, seen in files.items() if name not in again}
        self._ledger.terms = early.terms
        return early

    def is_new(self, path: Path, look: Look) -> bool:
        """Whether this version was not read; one that was refused is new once somebody has accepted it."""
        if self._how.precincts is not None and path == self._how.precincts.absolute():
            return False
        seen = self._ledger.files.get(path.name)
        if seen is None or (seen.size, seen.mtime_ns) != look:
            return True
        return seen.outcome == "refused" and accepted(path, look)

    def takes(self, file: str) -> bool:
        """Whether a file that was read is not refused as a whole."""
        return self._ledger.files[file].outcome != "refused"

    def trouble(self) -> str:
        """What is not taken and why; '' where all is."""
        held = [f"{file} refused: {why}" for file, why in sorted(self._held.items())]
        return "; ".join([*filter(None, [self._mending]), *held])[:500]

    def unread(self, file: str, why: str) -> None:
        """Note a file that cannot be read for now."""
        self._held[file] = why

    def read(self, path: Path, look: Look) -> None:
        """Read a file, and put what it says. Raises OSError."""
        self._held.pop(path.name, None)
        if self._how.mapping is None and not is_wire(path):
            self._take_early(path, look)
            return
        seen = SeenFile(look.size, look.mtime_ns, "read", digest=_digest(path))
        if same := self._same(seen.digest):
            seen.outcome, seen.note = "duplicate", f"the same as {same}"
            _log.info("feed %s: %s: %s", self._name, path.name, seen.note)
            self._remember(path.name, seen)
            return
        now = self._intake.now()
        if self._how.mapping:
            items = read_mapped(path, self._how.mapping, self._parser, now)
        else:
            items = read_wire(path, self._parser, now)
        self._put(items, path, seen)

    def _same(self, digest: str) -> str:
        """The name under which these bytes came before; '' where they did not."""
        known = self._ledger.files.items()
        return next((name for name, seen in known if seen.digest == digest and seen.outcome != "refused"), "")

    def _take_early(self, path: Path, look: Look) -> None:
        try:
            taken = self._early.take(path, accepted(path, look))
        except BadTable as error:
            taken = Taken("", "", [], Refusal(error.reason, "", error.remedy), error.remedy)
        except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
            # a defect of ours must not stop the other files; its text may hold a cell, so only its kind is told
            wrong = f"The reader failed on it ({type(error).__name__}): save it as CSV in UTF-8, and tell us."
            taken = Taken("", "", [], Refusal("not_read", "", wrong), wrong)
        if taken.refusal:
            self._held[path.name] = taken.note
            seen = SeenFile(look.size, look.mtime_ns, "refused", taken.note, taken.digest, taken.series)
            items = [Item(_refused_file(path, taken, self._intake.now()), None)]
        else:
            _log.info("feed %s: %s: %s", self._name, path.name, taken.note)
            outcome = "duplicate" if taken.duplicate else "read"
            seen = SeenFile(look.size, look.mtime_ns, outcome, taken.note, taken.digest, taken.series)
            items = [Item(item, None) for item in taken.items]
        self._put(iter(items), path, seen)

    def _put(self, items: Iterator[Item], path: Path, seen: SeenFile) -> None:
        """Put all items; the ledger goes with the last, so that a file cut short by a stop is read again."""
        framer, held = self._framer(), next(items, None)
        position = partial(self._remember, path.name, seen)
        if held is None:
            position()  # nothing to say: the store learns of it with the next frame
            return
        while held is not None:
            following = next(items, None)
            if not framer.put(held.item, held.raw, None if following else position):
                return
            held = following
        framer.flush()

    def _remember(self, file: str, seen: SeenFile) -> str:
        """The feed's position with this file done."""
        self._ledger.files[file] = seen
        return write_ledger(self._ledger)


def _look_at(path: Path | None) -> tuple[int, int] | None:
    try:
        at = path.stat() if path else None
    except OSError:
        return None
    return (at.st_size, at.st_mtime_ns) if at else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _refused_file(path: Path, taken: Taken, now: datetime) -> Reject:
    assert taken.refusal is not None
    digest = digest_of(f"{path.name} {taken.digest} {taken.refusal.reason}".encode())
    return reject(b"", taken.refusal, f"file {path.name}", now, digest)
