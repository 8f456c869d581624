"""Which files of a folder are ready to be read: complete, and not read before in this version."""

import os
import threading
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

ACCEPT = ".accept"  # NAME.accept beside a file that was refused takes it all the same
_UNFINISHED = (".part", ".tmp", ".partial", ".crdownload", ".download", ".filepart", ".swp", ACCEPT)
_NETWORK = ("nfs", "cifs", "smb", "9p", "fuse", "vboxsf", "davfs", "afs", "virtiofs")
_LOOK_MS = 1_000
_OPEN_LINE_TIMES = 5  # a table that ends within a line is waited for so many times longer


class Look(NamedTuple):
    """One version of a file, told by its length and time."""

    size: int
    mtime_ns: int


class Settling:
    """Knows since when each file has stood still. The clock is the caller's: seconds that only grow."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._since: dict[Path, tuple[Look, float]] = {}

    def ready(self, path: Path, look: Look, now_s: float) -> bool:
        """Whether this version has stood still long enough, and is whole as far as that can be seen."""
        held, since_s = self._since.get(path, (None, now_s))
        if held != look:
            self._since[path] = (look, now_s)
            since_s = now_s
        still_s = now_s - since_s
        if still_s < self._settle_s or look.size == 0:
            return False
        return _whole(path) or still_s >= self._settle_s * _OPEN_LINE_TIMES


def candidates(folder: Path, pattern: str) -> list[tuple[Path, Look]]:
    """The files that may be read, the oldest first. Raises OSError where the folder cannot be read."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                if is_candidate(entry.name, pattern) and entry.is_file():
                    at = entry.stat()
                    found.append((Path(entry.path), Look(at.st_size, at.st_mtime_ns)))
            except OSError:
                continue  # moved away while we looked
    return sorted(found, key=lambda one: (one[1].mtime_ns, one[0].name))


def is_candidate(name: str, pattern: str) -> bool:
    """False for hidden files, locks and what a program has not finished writing."""
    return not name.startswith((".", "~$")) and not name.lower().endswith(_UNFINISHED) and fnmatch(name, pattern)


def accepted(path: Path, look: Look) -> bool:
    """Whether somebody has put NAME.accept beside this version: an older one was for an older version."""
    try:
        return (path.parent / (path.name + ACCEPT)).stat().st_mtime_ns >= look.mtime_ns
    except OSError:
        return False


def changes(folder: Path, stop: threading.Event, polling: bool | None, look_ms: int = _LOOK_MS) -> Iterator[None]:
    """Gives a turn whenever the folder changed, and every `look_ms`, until `stop` is set.

    `polling` looks at the files instead of asking the system for notices; None: on network shares, which give none.
    Raises FileNotFoundError where the folder is missing.
    """
    force = on_network(folder) if polling is None else polling
    try:
        yield from _notices(folder, stop, force, look_ms)
    except (RuntimeError, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | NotADirectoryError):
            raise
        # the system has no more watches to give, or none for this kind of folder: look without its help
        while not stop.wait(look_ms / 1000):
            yield None


def _notices(folder: Path, stop: threading.Event, force: bool, look_ms: int) -> Iterator[None]:
    from watchfiles import watch

    for _ in watch(
        folder, stop_event=stop, recursive=False, force_polling=force, debounce=200, step=50, rust_timeout=look_ms,
        yield_on_timeout=True, watch_filter=None, raise_interrupt=False,
    ):  # fmt: skip
        yield None


def on_network(folder: Path, mounts: Path = Path("/proc/mounts")) -> bool:
    """Whether the folder lies on a share of another machine; False where the system does not say."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
        real = folder.resolve()
    except OSError:
        return False
    at = [(Path(fields[1].replace("\\040", " ")), fields[2]) for line in lines if len(fields := line.split()) > 2]
    inside = [(len(mount.parts), kind) for mount, kind in at if real.is_relative_to(mount)]
    return bool(inside) and max(inside)[1].startswith(_NETWORK)


def _whole(path: Path) -> bool:
    """A zip or workbook has its directory at its end; a table ends with a line break."""
    try:
        with path.open("rb") as file:
            if file.read(4) == b"PK\x03\x04":
                return zipfile.is_zipfile(path)
            file.seek(-2, os.SEEK_END)
            tail = file.read(2)
    except OSError:
        return False
    return b"\n" in tail or tail[1:] == b"}" or b"\x00" in tail
