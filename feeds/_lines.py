"""Cuts a stream of bytes into lines without ever holding an overlong one."""

import hashlib
from typing import NamedTuple

from feeds._parse import LINE_LIMIT_BYTES


class Line(NamedTuple):
    """One line without its line break.

    `end` is the offset just behind its line break, `number` counts from 1. Of a line that is too long
    `raw` is only the beginning, and `digest` identifies all of it; otherwise `digest` is None.
    """

    raw: bytes
    end: int
    number: int
    digest: str | None = None


class LineCutter:
    """Takes chunks as they come and gives complete lines; holds at most `limit` bytes of an open one."""

    def __init__(self, offset: int = 0, number: int = 0, limit: int = LINE_LIMIT_BYTES) -> None:
        self._offset = offset  # of the next byte to come
        self._number = number  # lines given so far
        self._limit = limit
        self._head = bytearray()  # the open line, or its beginning
        self._hash = hashlib.sha256()
        self._overlong = False

    def feed(self, chunk: bytes) -> list[Line]:
        """The lines that this chunk completes."""
        lines: list[Line] = []
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._take(chunk[start:end])
            self._offset += end + 1 - start
            start = end + 1
            lines.append(self._close())
        self._take(chunk[start:])
        self._offset += len(chunk) - start
        return lines

    def finish(self) -> Line | None:
        """The last line of an input that ends without a line break; None where nothing is open."""
        return self._close() if self._head or self._overlong else None

    def _take(self, part: bytes) -> None:
        if not self._overlong and len(self._head) + len(part) > self._limit:
            self._overlong = True
            self._hash = hashlib.sha256(bytes(self._head))
            self._head += part[: self._limit - len(self._head)]
            self._hash.update(part)
        elif self._overlong:
            self._hash.update(part)
        else:
            self._head += part

    def _close(self) -> Line:
        self._number += 1
        raw, digest = bytes(self._head), self._hash.hexdigest()[:32] if self._overlong else None
        self._head.clear()
        self._overlong = False
        return Line(raw if digest else raw.removesuffix(b"\r"), self._offset, self._number, digest)
