"""The audit log where it is kept: a stream of the store that nobody trims, and the same lines in a file.

The store is the order. The file follows it: whoever has just written holds the file's lock and appends all
lines that it lacks, so that several web processes write one file in one order, and a line that missed the
file (the disk was full, the process died) is there after the next.
"""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from warroom.access.audit import Event, Line, chained
from warroom.store import keys
from warroom.store.client import Client, as_text

logger = logging.getLogger(__name__)

ANCHOR_EVERY_MS = 3_600_000
PAGE = 1_000  # lines read at once

# KEYS: stream, head. ARGV: hash expected, number, hash, line, ms, ms between anchors. Answers 0 where another
# line came first, 2 where an anchor is due.
_APPEND = """
if (redis.call('HGET', KEYS[2], 'hash') or '') ~= ARGV[1] then return 0 end
redis.call('XADD', KEYS[1], ARGV[2] .. '-0', 'line', ARGV[4])
redis.call('HSET', KEYS[2], 'n', ARGV[2], 'hash', ARGV[3])
if tonumber(ARGV[5]) - tonumber(redis.call('HGET', KEYS[2], 'anchored_ms') or 0) < tonumber(ARGV[6]) then return 1 end
redis.call('HSET', KEYS[2], 'anchored_ms', ARGV[5])
return 2
"""


class AuditLog:
    """Appends to the log and reads it. `mirror` is the file beside the store; None keeps no file."""

    def __init__(self, client: Client, mirror: Path | None = None) -> None:
        self._client = client
        self._mirror = mirror
        self._append = client.register_script(_APPEND)

    def write(self, event: Event, now_ms: int | None = None) -> Line:
        """Append one event. Raises redis.RedisError where it could not be kept; a full disk is logged."""
        at_ms = int(time.time() * 1000) if now_ms is None else now_ms
        while True:  # another process was faster: its line comes first, ours follows it
            n, head = self.head()
            line = chained(event, n + 1, at_ms, head)
            told = [head, line.n, line.hash, line.text(), line.at_ms, ANCHOR_EVERY_MS]
            if written := int(self._append(keys=[keys.AUDIT, keys.AUDIT_HEAD], args=told)):
                break
        if written == 2:  # said where the store's keeper cannot change it: in the log of the process
            logger.warning("audit anchor %d:%s", line.n, line.hash)
        try:
            self.follow()
        except OSError as error:
            logger.error("the audit log is in the store, but its file lags: %s", error)
        return line

    def head(self) -> tuple[int, str]:
        """Number and hash of the last line; (0, '') where there is none."""
        n, digest = self._client.hmget(keys.AUDIT_HEAD, ["n", "hash"])
        return int(n or 0), as_text(digest or b"")

    def lines(self, after: int = 0) -> Iterator[bytes]:
        """Every line of the store after number `after`, oldest first."""
        while True:
            found = self._client.xrange(keys.AUDIT, f"({after}-0" if after else "-", "+", count=PAGE)
            for entry, fields in found:
                after = int(as_text(entry).split("-")[0])
                yield fields[b"line"]
            if len(found) < PAGE:
                return

    def newest(self, before: int | None = None) -> Iterator[Line]:
        """Lines from the newest (or from the one before number `before`) back to the first."""
        while True:
            found = self._client.xrevrange(keys.AUDIT, f"({before}-0" if before else "+", "-", count=PAGE)
            for entry, fields in found:
                before = int(as_text(entry).split("-")[0])
                yield msgspec.json.decode(fields[b"line"], type=Line)
            if len(found) < PAGE:
                return

    def follow(self) -> None:
        """Bring the file up to the store. Raises OSError."""
        if self._mirror is None:
            return
        self._mirror.parent.mkdir(parents=True, exist_ok=True)
        with _opened(self._mirror) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            last = _last_line(file)
            moved = not self._mirror.exists() or os.fstat(file.fileno()).st_ino != self._mirror.stat().st_ino
            if not moved and last is not None and not self._continues(last):
                self._put_aside(last)
                moved = True
            if moved:
                file.close()
                return self.follow()
            for line in self.lines(after=last.n if last else 0):
                file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return None

    def _continues(self, last: Line) -> bool:
        found = self._client.xrange(keys.AUDIT, f"{last.n}-0", f"{last.n}-0")
        return bool(found) and msgspec.json.decode(found[0][1][b"line"], type=Line).hash == last.hash

    def _put_aside(self, last: Line) -> None:
        """A file of another chain (another store, or a store that lost its log) is evidence: never written over."""
        assert self._mirror is not None
        aside = self._mirror.with_name(f"{self._mirror.stem}-until-{last.n}-{last.hash[:12]}{self._mirror.suffix}")
        self._mirror.rename(aside)
        logger.critical("the store does not continue the audit log %s: kept as %s", self._mirror.name, aside.name)


def _opened(path: Path) -> Any:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b")


def _last_line(file: Any) -> Line | None:
    """The file's last line; what a crash left of a half-written one is cut away."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 65_536)
    file.seek(start)
    tail = file.read()
    whole = tail.rfind(b"\n") + 1
    if whole < len(tail):
        file.truncate(start + whole)
    kept = tail[:whole].splitlines()
    file.seek(0, os.SEEK_END)
    if not kept:
        return None
    try:
        return msgspec.json.decode(kept[-1], type=Line)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Line(action="", n=0, at_ms=0, prev="", hash="unreadable")
