"""A volunteer's phone without a browser: what one asks the server for on its first visit, over one connection."""

import asyncio
import gzip
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from warroom.web.phone_page import page_files

LIMIT_S = 60.0  # the page itself gives up after 20 s and tries again; a bench that did would hide it
MOST_TRIES = 3
NEWS_AFTER_S = 4.0  # as assets/report/pump.js


@dataclass
class Tally:
    """What all visits together brought. `took_s` is {step: seconds of each}, counted from when it was due."""

    took_s: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    again: int = 0  # requests sent a second time because the connection broke, as a browser and the outbox do
    acknowledged: int = 0
    bytes: int = 0

    def took(self, step: str, seconds: float) -> None:
        self.took_s.setdefault(step, []).append(seconds)

    def failed(self, why: str) -> None:
        self.errors[why] = self.errors.get(why, 0) + 1


class Line:
    """One HTTP/1.1 connection. Raises OSError or TimeoutError where it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writer: asyncio.StreamWriter | None = None

    async def ask(
        self, method: str, path: str, head: dict[str, str], body: bytes = b""
    ) -> tuple[int, dict, bytes, int]:
        """(status, headers, body, bytes on the wire)."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}", "Accept-Encoding: gzip, deflate, br"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        lines += [f"Content-Length: {len(body)}"] if body else []
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        raw = await self._reader.readuntil(b"\r\n\r\n")
        first, *rest = raw.decode("latin-1").split("\r\n")
        status = int(first.split(" ")[1])
        headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in rest if line)}
        length = 0 if status == 304 else int(headers["content-length"])
        return status, headers, await self._reader.readexactly(length), len(raw) + length

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class Visit:
    """One volunteer opens the page from the link and sends a first report; a moment later the page asks for news."""

    def __init__(
        self, number: int, token: str, site: str, precinct: str, tally: Tally, now: Callable[[], datetime]
    ) -> None:
        self._number = number
        self._head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._site, self._precinct = site, precinct
        self._tally = tally
        self._now = now
        self._started_s = 0.0

    async def run(self, port: int, due_s: float, files: list[str]) -> None:
        """The whole visit; every time counts from `due_s` (monotonic) or from the step before."""
        line = Line(port)
        try:
            async with asyncio.timeout(LIMIT_S):
                await self._open(line, due_s, files)
                await self._report(line)
                self._tally.took("first report acknowledged, from the opening", time.monotonic() - due_s)
            line.close()
            await asyncio.sleep(NEWS_AFTER_S)
            line = Line(port)  # the server has hung up on a silent phone by then
            await self._step(line, "own places and counts", "GET", "/api/v1/phone/me")
        except (OSError, TimeoutError, ValueError, KeyError, asyncio.IncompleteReadError) as error:
            self._tally.failed(type(error).__name__)
        finally:
            line.close()

    async def _open(self, line: Line, due_s: float, files: list[str]) -> None:
        for path in files:
            await self._step(line, "a file of the page", "GET", path)
        self._tally.took("page there, from the opening", time.monotonic() - due_s)
        await self._step(line, "own places and counts", "GET", "/api/v1/phone/me")

    async def _report(self, line: Line) -> None:
        if self._number % 2:
            report = {"kind": "shift", "status": "on_site", "site": self._site}
        else:
            report = {"kind": "checkins", "count": self._number % 30, "precinct": self._precinct}
        at = self._now().astimezone(UTC).isoformat()
        body = json.dumps([{"id": f"first {self._number}", "at": at, **report}]).encode()
        answer = await self._step(line, "a report", "POST", "/api/v1/phone/reports", body)
        if json.loads(answer)["outcomes"][0]["status"] == "accepted":
            self._tally.acknowledged += 1
        else:
            self._tally.failed("report refused")

    async def _step(self, line: Line, name: str, method: str, path: str, body: bytes = b"") -> bytes:
        began_s = time.monotonic()
        head = self._head if path.startswith("/api/") else {}
        for _ in range(MOST_TRIES - 1):
            try:
                status, told, answer, size = await line.ask(method, path, head, body)
                break
            except (ConnectionError, asyncio.IncompleteReadError):
                line.close()
                self._tally.again += 1
        else:
            status, told, answer, size = await line.ask(method, path, head, body)
        self._tally.took(name, time.monotonic() - began_s)
        self._tally.bytes += size
        if status not in (200, 304):
            raise OSError(f"{status} {path}")
        return gzip.decompress(answer) if body and told.get("content-encoding") == "gzip" else answer


def first_visit(page: bytes, folder: Path) -> list[str]:
    """Addresses in the order a browser asks: the page and what it names, then the service worker and its shelf."""
    version = re.search(rb"app\.js\?m=(\w+)", page)[1].decode()
    names = [p for p in page_files(folder) if p not in ("/report", "/report/icon.png")]
    versioned = [p if p.endswith("sw.js") else f"{p}?m={version}" for p in names]
    return ["/report", *versioned, "/report"]
