"""Keeps raw input unedited, before it is parsed: one append-only series of files for each feed.

Policy. Lines are in the kernel before the store has the frame, and on the disk (fsync) at most
FSYNC_S later, and at each change of file: a crash of the process loses nothing, a power cut at most the
last second of the copy (the reports themselves are in the store). A write that fails, as on a full disk,
is undone, so that no half line stays, and raised: the feed then holds its frame and tries again.
"""

import os
import re
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

ROTATE_BYTES = 64 * 1024 * 1024
FSYNC_S = 1.0


class RawLog:
    """`append` writes lines to FOLDER/FEED.000001.raw and goes on to the next number by size.

    Every RawLog begins a file that it makes itself, and is alone in it: of several processes with one feed's
    name (members of a Kafka group, web workers) none can undo another's lines. Files are never deleted here: a
    day is small, and what to keep is the campaign's decision. Lines are as they came, without their line break.
    """

    def __init__(
        self,
        folder: Path,
        feed: str,
        rotate_bytes: int = ROTATE_BYTES,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = Path(folder)
        self._stem = _file_stem(feed)
        self._rotate_bytes = rotate_bytes
        self._now_s = now_s
        self._path: Path | None = None
        self._fd: int | None = None
        self._size = 0
        self._synced_s = now_s()
        self._unsynced = False

    def append(self, lines: Sequence[bytes]) -> None:
        """Write these lines, all or none. Raises OSError where the disk refuses."""
        block = b"".join(line + b"\n" for line in lines)
        if self._size >= self._rotate_bytes:
            self.close()
            self._path, self._size = None, 0
        fd = self._fd if self._fd is not None else self._open()
        try:
            _write_all(fd, block)
        except OSError:
            os.ftruncate(fd, self._size)
            raise
        self._size += len(block)
        self._unsynced = True
        self.sync()

    def sync(self) -> None:
        """Bring to the disk what has waited for FSYNC_S; an idle feed calls it now and then."""
        if self._unsynced and self._fd is not None and self._now_s() - self._synced_s >= FSYNC_S:
            os.fsync(self._fd)
            self._unsynced = False
            self._synced_s = self._now_s()

    def close(self) -> None:
        """Bring what was written to the disk and close the file; `append` opens the next one or the same."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def _open(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._path is None:
            return self._make()
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        self._size = os.fstat(self._fd).st_size
        return self._fd

    def _make(self) -> int:
        taken = sorted(self._folder.glob(f"{self._stem}.*.raw"))
        number = int(taken[-1].suffixes[-2][1:]) if taken else 0
        while self._fd is None:
            number += 1
            path = self._folder / f"{self._stem}.{number:06d}.raw"
            try:
                self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o640)
            except FileExistsError:  # another process was quicker
                continue
            self._path = path
        return self._fd


def _write_all(fd: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(fd, view) :]


def _file_stem(feed: str) -> str:
    """A file name for a feed's name: readable, and still its own where two names look alike."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", feed).strip("-")[-60:]
    return f"{readable}-{sha256(feed.encode()).hexdigest()[:8]}"
