"""Reads reports from a JSONL or CSV file, once or as it grows, through rotations and restarts.

`file:///path?follow=1&format=jsonl|csv`. New lines are looked for by a short poll of the file's length:
unlike change notices it works on network shares and inside containers, and costs three system calls.
"""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from feeds._again import Translate
from feeds._feed import Feed, FeedError, Trouble
from feeds._frames import Framer
from feeds._lines import Line
from feeds._live import LiveParser
from feeds._rawlog import RawLog
from feeds._reader import Reader
from feeds._rows import CsvRows, JsonLines, Rows
from feeds._tail import Place, Segment, find
from feeds._url import choice, local_path, merge_options, number, yes_no
from feeds.drop import open_early
from warroom.store.ports import DONE, Intake

SCHEMES = ("file",)
ABOUT = "a JSONL or CSV file of reports, read once or followed as it grows"
OPTIONS = ("follow", "format", "received", "poll_ms")


def open_feed(url: str, options: dict[str, Any]) -> Feed:
    """The file feed for this URL. Raises FeedURLError for wrong options.

    Options: `follow` 1 or 0 (default 0); `format` jsonl or csv (default by the file's name); `received`
    server or report: whose word counts for the arrival (default server where followed, else report);
    `poll_ms` (default 50). A file with the header of early votes is read as feeds/drop.py does, with its options.
    """
    if early := open_early(url, options, "follow", OPTIONS):
        return early
    given = merge_options(url, options, OPTIONS)
    path = local_path(url)
    follow = yes_no(url, given, "follow", False)
    by_name = "csv" if path.suffix.lower() == ".csv" else "jsonl"
    return FileFeed(
        path,
        name=str(given.get("name") or f"file:{path}"),
        follow=follow,
        csv=choice(url, given, "format", ("jsonl", "csv"), by_name) == "csv",
        recorded=choice(url, given, "received", ("server", "report"), "server" if follow else "report") == "report",
        poll_s=number(url, given, "poll_ms", 50) / 1000,
        raw_dir=Path(given["raw_dir"]) if given.get("raw_dir") else None,
    )


class FileFeed:
    """One file. Complete lines only are read, save at the end of a file that will not grow."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        follow: bool = False,
        csv: bool = False,
        recorded: bool = False,
        poll_s: float = 0.05,
        raw_dir: Path | None = None,
        wait: Callable[[threading.Event, float], object] = threading.Event.wait,
    ) -> None:
        self.name = name
        self._path = path
        self._follow = follow
        self._csv = csv
        self._recorded = recorded
        self._poll_s = poll_s
        self._raw_dir = raw_dir
        self._wait = wait

    def run(self, intake: Intake, stop: threading.Event) -> None:
        """Read to the end, or until `stop` where followed. Raises FeedError where the file cannot be read.

        A followed file that is missing, or that cannot be read for now, is waited for, and said so.
        """
        rawlog = RawLog(self._raw_dir, self.name) if self._raw_dir else None
        trouble = Trouble(intake, self.name)
        try:
            while not stop.is_set():
                try:
                    self._read_on(intake, Framer(intake, self.name, stop, rawlog, trouble), stop)
                    if not stop.is_set():
                        intake.put_trouble(self.name, DONE)
                    return
                except OSError as error:
                    problem = f"{self._path} cannot be read: {error.strerror or error}"
                    if not self._follow:
                        raise FeedError(f"{problem}. Check the path.") from error
                    trouble.say(problem)
                self._wait(stop, self._poll_s)
        finally:
            if rawlog:
                rawlog.close()

    def translator(self, intake: Intake) -> Translate:
        """How a line of this file is read out of its order: a CSV row needs the header that was read last."""
        parser = LiveParser(intake, self._recorded)
        stored = intake.position(self.name)
        header = msgspec.json.decode(stored, type=Place).header if stored else None
        rows: Rows = CsvRows(parser, header) if self._csv else JsonLines(parser)
        return lambda raw, where, received: rows.item(Line(raw, 0, 0), where, received)

    def recordings(self) -> list[Path]:
        """The file itself, should the raw log lack a line."""
        return [self._path]

    def _read_on(self, intake: Intake, framer: Framer, stop: threading.Event) -> None:
        """Read from the stored position to the end, or until `stop`. Raises OSError."""
        stored = intake.position(self.name)
        place = msgspec.json.decode(stored, type=Place) if stored else None
        parser = LiveParser(intake, self._recorded)
        files = find(self._path, place) if place else [(self._path, None)]
        segments = deque(Segment(path, at) for path, at in files)
        framer.well()
        header = place.header if place else None
        try:
            while segments and not stop.is_set():
                segment = segments[0]
                header = header if segment.resumed else None
                rows: Rows = CsvRows(parser, header) if self._csv else JsonLines(parser)
                reader = Reader(segment, rows, framer, intake, stop)
                segments.extend(self._read_segment(reader, last=len(segments) == 1))
                header = rows.header
                segments.popleft().close()
        finally:
            for segment in segments:
                segment.close()

    def _read_segment(self, reader: Reader, last: bool) -> list[Segment]:
        """Read one file until it is done with; gives the files that follow it, as far as that shows.

        `last` is False for a file that others are known to follow: it grows no more.
        """
        segment = reader.segment
        while True:
            if not segment.continues():
                following = segment.moved()
                reader.finish()
                return following
            replaced = segment.replaced()  # asked before reading: the last lines were written before it
            if not reader.read():
                return []
            if replaced or not last or not self._follow:
                reader.finish()
                return [Segment(self._path)] if replaced and last and self._follow else []
            if self._wait(reader.stop, self._poll_s):
                return []
