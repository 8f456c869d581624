"""Reads a file that grows, and finds its place again after a restart, a rename or a truncation.

The place is known by the bytes just before it, not by the file's name alone: rotation by rename and by
copy-and-truncate look the same from here, and a reused inode deceives nobody.
"""

import glob
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from feeds._feed import FeedError
from feeds._lines import Line, LineCutter
from feeds._samples import digest_of

CHUNK_BYTES = 256 * 1024
_MARK_BYTES = 512  # a few reports: lines that differ only in their id must not look alike


class Place(msgspec.Struct, frozen=True):
    """Where reading stopped: behind line `line`, at byte `offset`; `mark` is a digest of the bytes before."""

    inode: int
    offset: int
    line: int
    mark: str
    header: list[str] | None = None  # of a CSV file, without which its rows mean nothing


class Segment:
    """One open file, read from a place to its present end, again and again as it grows."""

    def __init__(self, path: Path, place: Place | None = None) -> None:
        """Raises FileNotFoundError, PermissionError, or FeedError for what is no regular file."""
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise FeedError(f"{path} is not a regular file; name a file.")
        self.path = path
        self.resumed = place is not None  # begins behind a line that was read before
        self._fd = os.open(path, os.O_RDONLY)
        self.inode = os.fstat(self._fd).st_ino
        self._offset = place.offset if place else 0
        self._mark = _before(self._fd, self._offset)
        self._cutter = LineCutter(self._offset, place.line if place else 0)

    def lines(self) -> Iterator[list[Line]]:
        """The complete lines up to the present end, a chunk at a time."""
        while chunk := os.pread(self._fd, CHUNK_BYTES, self._offset):
            self._offset += len(chunk)
            self._mark = (self._mark + chunk)[-_MARK_BYTES:]
            yield self._cutter.feed(chunk)

    def last_line(self) -> Line | None:
        """What stands behind the last line break; only for a file that will not grow any more."""
        return self._cutter.finish()

    def place(self, offset: int, line: int, header: list[str] | None) -> Place:
        """The place behind a line already read."""
        return Place(self.inode, offset, line, digest_of(_before(self._fd, offset)), header)

    def continues(self) -> bool:
        """False where the file was cut or overwritten: the bytes last read are no longer in their place."""
        return _before(self._fd, self._offset) == self._mark

    def replaced(self) -> bool:
        """True where another file, no longer empty, stands under the name: the writer has gone over to it."""
        try:
            now = self.path.stat()
        except OSError:
            return False
        return now.st_ino != self.inode and now.st_size > 0

    def moved(self) -> "list[Segment]":
        """Where reading goes on after `continues` said no: in a copy of the file, where there is one.

        The copy carries on with the open line; what follows it is read from the start.
        """
        here = Place(self.inode, self._offset, 0, digest_of(self._mark))
        (first, place), *rest = find(self.path, here)
        segments = [Segment(first)]
        if place:
            segments[0].resumed = True
            segments[0]._offset, segments[0]._mark = self._offset, self._mark
            segments[0]._cutter, self._cutter = self._cutter, LineCutter()
        return segments + [Segment(path) for path, _ in rest]

    def close(self) -> None:
        """Give the file back."""
        os.close(self._fd)


def find(path: Path, place: Place) -> list[tuple[Path, Place | None]]:
    """The files to read from `place` on, and where each begins (None: at its start).

    First the file that holds the place, then those rotated away after it, last `path` itself. Only `path`,
    from its start, where no file holds the place.
    """
    if _holds(path, place):
        return [(path, place)]
    rotated = sorted(_neighbours(path), key=lambda other: other.stat().st_mtime_ns)
    for index, other in enumerate(rotated):
        if _holds(other, place):
            return [(other, place), *((later, None) for later in rotated[index + 1 :]), (path, None)]
    return [(path, None)]


def _neighbours(path: Path) -> list[Path]:
    """Rotated files of the same name: reports.jsonl.1, reports.jsonl-20250624."""
    names = (f"{glob.escape(path.name)}.*", f"{glob.escape(path.name)}-*")
    packed = (".gz", ".zst", ".xz", ".bz2", ".zip")
    found = {other for name in names for other in path.parent.glob(name)}
    return [other for other in found if other.is_file() and other.suffix not in packed]


def _holds(path: Path, place: Place) -> bool:
    try:
        with path.open("rb") as file:
            return digest_of(_before(file.fileno(), place.offset)) == place.mark
    except OSError:
        return False


def _before(fd: int, offset: int) -> bytes:
    """The last bytes before this offset; fewer where the file is shorter."""
    start = max(0, offset - _MARK_BYTES)
    return os.pread(fd, offset - start, start)
