"""Joins one open file with its format and the frames: every line goes in with its name and its place."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

import msgspec

from feeds._frames import Framer
from feeds._lines import Line
from feeds._rows import Rows
from feeds._tail import Segment
from warroom.store.ports import Intake


class Reader:
    """Puts the lines of one open file into frames."""

    def __init__(self, segment: Segment, rows: Rows, framer: Framer, intake: Intake, stop: threading.Event) -> None:
        self.segment = segment
        self.stop = stop
        self._rows = rows
        self._framer = framer
        self._intake = intake
        self._header = b""  # of a CSV file: goes into the raw log with the first row, so that it can be read

    def read(self) -> bool:
        """Everything up to the present end. False where the feed is to stop."""
        for lines in self.segment.lines():
            received = self._intake.now()
            for line in lines:
                if not self._put(line, received, partial(self._position, line.end, line.number)):
                    return False
            if self.stop.is_set():
                break
        return self._framer.flush() and not self.stop.is_set()

    def finish(self) -> None:
        """The line without a line break at the end of a file that will not grow any more.

        The position stays before it: should the line be completed after all, it is read again, whole.
        """
        line = self.segment.last_line()
        if line:
            self._put(line, self._intake.now(), None)
        self._framer.flush()

    def _put(self, line: Line, received: datetime, position: Callable[[], str] | None) -> bool:
        item = self._rows.item(line, f"{self.segment.path.name}:{line.number}", received)
        if item is None:
            self._header = line.raw + b"\n" if line.raw.strip() else self._header
            return True
        raw, self._header = self._header + line.raw, b""
        return self._framer.put(item, raw, position)

    def _position(self, offset: int, number: int) -> str:
        place = self.segment.place(offset, number, self._rows.header)
        return msgspec.json.encode(place).decode()
