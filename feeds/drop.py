"""Reads every file that is dropped into a folder: early-vote and absentee files as published, or reports.

`drop:///folder?glob=*.csv`. Each new or changed file is waited for until it is whole, told by its header, and
read; cumulative files replace the last of their series. A path that names a file reads that one, once.
"""

import glob
import threading
import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from feeds._drop.how import How
from feeds._drop.watch import Look, Settling, candidates, changes
from feeds._early.layout import read_layout
from feeds._early.source import BadTable
from feeds._early.workbook import layout_of
from feeds._feed import Feed, FeedError, Trouble
from feeds._mapping import RecordMapping
from feeds._rawlog import RawLog
from feeds._url import FeedURLError, local_path, merge_options, number, yes_no
from warroom.store.ports import DONE, Intake

if TYPE_CHECKING:
    from feeds._drop.desk import Desk

SCHEMES = ("drop",)
ABOUT = "a folder into which files are dropped: early and absentee votes as published, or reports"
OPTIONS = ("glob", "once", "settle_ms", "polling", "precincts", "county", "as_of", "layout", "mapping")
Changes = Callable[[Path, threading.Event, bool | None], Iterator[None]]
_RETRY_S = 1.0


def open_feed(url: str, options: dict[str, Any]) -> Feed:
    """The drop feed for this URL. Raises FeedURLError for wrong options.

    Options: `glob` (default *); `once` 1 reads what is there and ends; `settle_ms` that a file must stand still
    (default 2000); `polling` 1 or 0 (default: on network shares); `precincts` a crosswalk CSV; `county` to
    read only that one; `as_of` ISO 8601 with offset; `layout` and `mapping` are tables of feeds.toml.
    """
    given = merge_options(url, options, OPTIONS)
    path = local_path(url)
    how = How(
        glob=str(given.get("glob") or "*"),
        once=yes_no(url, given, "once", False),
        settle_s=number(url, given, "settle_ms", 2_000) / 1000,
        polling=yes_no(url, given, "polling", False) if "polling" in given else None,
        mapping=RecordMapping(given["mapping"]) if given.get("mapping") else None,
        precincts=Path(given["precincts"]) if given.get("precincts") else None,
        county=str(given.get("county", "")),
        layout=read_layout(given.get("layout")),
        as_of=_moment(url, given.get("as_of")),
    )
    raw_dir = Path(given["raw_dir"]) if given.get("raw_dir") else None
    return DropFeed(path, name=str(given.get("name") or f"drop:{path}"), how=how, raw_dir=raw_dir)


def open_early(url: str, options: dict[str, Any], follows: str, others: Collection[str]) -> Feed | None:
    """The feed for a `file:` URL whose header is that of a file of early votes; None where it is not.

    Where the option `follows` is on, each new version of the file is read; `others` are options of the file
    feed that mean nothing here. Raises FeedURLError for wrong options.
    """
    given = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) | options
    try:
        path = local_path(url)
        if not path.is_file() or layout_of(path, read_layout(given.get("layout"))) is None:
            return None
    except (OSError, BadTable):
        return None
    kept = {name: value for name, value in given.items() if name not in others}
    named = {"name": f"file:{path}"} | kept
    if not yes_no(url, given, follows, False):
        return open_feed(f"drop://{quote(str(path))}", named)
    return open_feed(f"drop://{quote(str(path.parent))}", {"glob": glob.escape(path.name)} | named)


class DropFeed:
    """One folder, or one file of it. Files are read one at a time, the oldest first."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        how: How,
        raw_dir: Path | None = None,
        changes: Changes = changes,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._path = path
        self._how = how
        self._raw_dir = raw_dir
        self._changes = changes
        self._settling = Settling(how.settle_s)
        self._now_s = now_s

    def run(self, intake: Intake, stop: threading.Event) -> None:
        """Read what is there, and where it is no `once` what comes, until `stop`. Raises FeedError."""
        from feeds._drop.desk import Desk  # pyarrow and numpy: only where files are read

        trouble = Trouble(intake, self.name)
        rawlog = RawLog(self._raw_dir, self.name) if self._raw_dir else None
        desk = Desk(self._path, self.name, self._how, intake, stop, rawlog, trouble)
        try:
            if self._how.once or self._path.is_file():
                self._read_once(desk, stop)
                trouble.say(desk.trouble())
                if not stop.is_set():
                    intake.put_trouble(self.name, desk.trouble() or DONE)
                return
            while not stop.is_set():
                try:
                    for _ in self._changes(self._path, stop, self._how.polling):
                        self._look(desk, trouble, stop)
                    return
                except OSError as error:
                    trouble.say(f"{self._path} cannot be read: {error.strerror or error}")
                    stop.wait(_RETRY_S)
        finally:
            if rawlog:
                rawlog.close()

    def reread(self, intake: Intake) -> dict[str, bool]:
        """Read the files once more; gives {file: whether it was taken}. Raises OSError, FeedError."""
        from feeds._drop.again import reread

        return reread(self._path, self.name, self._how, intake)

    def _read_once(self, desk: "Desk", stop: threading.Event) -> None:
        try:
            if self._path.is_file():
                at = self._path.stat()
                found = [(self._path, Look(at.st_size, at.st_mtime_ns))]
            else:
                found = candidates(self._path, self._how.glob)
            desk.refresh({path.name for path, _ in found})
            for path, look in found:
                if not stop.is_set() and desk.is_new(path, look):
                    desk.read(path, look)
        except OSError as error:
            raise FeedError(f"{self._path} cannot be read: {error.strerror or error}. Check the path.") from error

    def _look(self, desk: "Desk", trouble: Trouble, stop: threading.Event) -> None:
        """Read what has come and is whole. Raises OSError where the folder cannot be read."""
        found = candidates(self._path, self._how.glob)
        desk.refresh({path.name for path, _ in found})
        for path, look in found:
            if stop.is_set():
                return
            if desk.is_new(path, look) and self._settling.ready(path, look, self._now_s()):
                try:
                    desk.read(path, look)
                except OSError as error:  # moved away while it was read, or not ours to read: it stays new
                    desk.unread(path.name, f"cannot be read: {error.strerror or error}")
        trouble.say(desk.trouble())


def _moment(url: str, given: object) -> datetime | None:
    if given is None or given == "":
        return None
    text = str(given)
    moment = _iso(text) or _iso("+".join(text.rsplit(" ", 1)))  # in a URL a + comes out as a space
    if moment is None or moment.tzinfo is None:
        raise FeedURLError(f"{url}: as_of={given} is no moment; write 2026-11-03T08:00:00-05:00.")
    return moment


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
