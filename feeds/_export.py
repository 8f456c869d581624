"""Reads a file that another program exports whole, again and again: every time it changed, all of it.

Such a file is not appended to, it is replaced; what it repeats changes nothing, because its records keep
their ids. No copy of it goes into the raw log: it is one itself, and it may list people.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from feeds._export_rows import Record, Rows, Translator
from feeds._feed import FeedError, Trouble
from feeds._frames import Framer
from feeds._live import LiveParser
from feeds._url import local_path, number, yes_no
from warroom.domain.election import ElectionDay
from warroom.store.ports import DONE, Intake

OPTIONS = ("follow", "poll_ms")


Translators = Callable[[ElectionDay], Translator]
Reader = Callable[[Path], Iterable[Record]]


class _Done(msgspec.Struct, frozen=True):
    """How many records were put of the file with this digest."""

    digest: str
    records: int


class ExportFeed:
    """One exported file. `translators` makes the translator once the day is known."""

    def __init__(
        self,
        path: Path,
        translators: Translators,
        read: Reader,
        *,
        name: str,
        follow: bool = False,
        poll_s: float = 2.0,
        wait: Callable[[threading.Event, float], object] = threading.Event.wait,
    ) -> None:
        self.name = name
        self._path = path
        self._translators = translators
        self._read = read
        self._follow = follow
        self._poll_s = poll_s
        self._wait = wait

    def run(self, intake: Intake, stop: threading.Event) -> None:
        """Read the file, and where followed each new version of it. Raises FeedError where it cannot be read."""
        trouble = Trouble(intake, self.name)
        framer = Framer(intake, self.name, stop, None, trouble)
        framer.well()
        seen: tuple[int, int, int] | None = None
        while not stop.is_set():
            try:
                looked = _look(self._path)
                if looked != seen and self._settled(looked, stop):
                    self._read_all(intake, framer, stop)
                    seen = looked
                    framer.well()
            except OSError as error:
                problem = f"{self._path} cannot be read: {error.strerror or error}"
                if not self._follow:
                    raise FeedError(f"{problem}. Check the path.") from error
                trouble.say(problem)
            if not self._follow:
                if not stop.is_set():
                    intake.put_trouble(self.name, DONE)
                return
            self._wait(stop, self._poll_s)

    def reread(self, intake: Intake) -> None:
        """Read the whole file once more: it is its only copy. Raises FeedError where it cannot be read."""
        once = copy(self)
        once._follow = False
        once.run(intake, threading.Event())

    def _settled(self, looked: tuple[int, int, int], stop: threading.Event) -> bool:
        """Whether nobody writes the file any more: a followed one must look alike twice."""
        if not self._follow:
            return True
        self._wait(stop, self._poll_s)
        return not stop.is_set() and _look(self._path) == looked

    def _read_all(self, intake: Intake, framer: Framer, stop: threading.Event) -> None:
        digest = _digest(self._path)
        stored = intake.position(self.name)
        done = msgspec.json.decode(stored, type=_Done) if stored else _Done("", 0)
        skip = done.records if done.digest == digest else 0
        parser = LiveParser(intake)
        rows = Rows(self._translators(intake.day()), parser, self._path.name)
        for count, record in enumerate(self._read(self._path), start=1):
            if stop.is_set():
                return
            items = list(rows.items(record, intake.now()))
            for nth, item in enumerate(items, start=1):
                done = partial(_position, digest, count) if nth == len(items) else None  # a record counts as a whole
                if count > skip and not framer.put(item, position=done):
                    return
            if rows.refused:
                break
        if (others := rows.others(intake.now())) and not skip and not framer.put(others):
            return
        framer.flush()


def export_options(url: str, given: dict[str, Any], scheme: str) -> tuple[Path, dict[str, Any]]:
    """The file, and what every export feed takes. Raises FeedURLError."""
    path = local_path(url)
    common = {
        "name": str(given.get("name") or f"{scheme}:{path}"),
        "follow": yes_no(url, given, "follow", False),
        "poll_s": number(url, given, "poll_ms", 2_000) / 1000,
    }
    return path, common


def _look(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _position(digest: str, records: int) -> str:
    return msgspec.json.encode(_Done(digest, records)).decode()
