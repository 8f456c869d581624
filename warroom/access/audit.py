"""The audit log as a chain: each line carries the hash of the line before it. Pure.

hash = SHA-256(canonical JSON of the line without its hash; `prev`, the hash before it, is one of its fields).
Whoever changes, removes or moves a line must recompute every line after it, and then the last hash no longer
is the one that was anchored elsewhere.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from warroom.domain.phones import mask_numbers

LONGEST = 500  # characters of any one field, but for
LONGEST_OBJECT = 12_000  # … a bulk decision, which names up to 200 alerts


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody did or tried. `said` is a typed name where no account stands behind it.

    `status` is the HTTP status or the exit code; `outcome` is done, refused or failed.
    """

    action: str
    object: str = ""
    reason: str = ""
    outcome: str = "done"
    status: int = 0
    account: str = ""
    said: str = ""
    role: str = ""
    door: str = ""

    def clean(self) -> "Event":
        """With control characters gone, nothing too long, and no telephone number in what people typed."""
        told = {
            name: _plain(value)[: LONGEST_OBJECT if name == "object" else LONGEST]
            for name, value in msgspec.structs.asdict(self).items()
            if isinstance(value, str)
        }
        told.update(reason=mask_numbers(told["reason"]), said=mask_numbers(told["said"]))
        return msgspec.structs.replace(self, **told)


class Line(Event, frozen=True, kw_only=True):
    """An event in its place: `n` counts from 1, `at_ms` is the wall clock, `prev` the hash of line n - 1."""

    n: int
    at_ms: int
    prev: str
    hash: str = ""

    def sealed(self) -> "Line":
        """The same line with its hash."""
        return msgspec.structs.replace(self, hash=self.digest())

    def digest(self) -> str:
        """What its hash must be."""
        told: dict[str, Any] = msgspec.structs.asdict(self)
        del told["hash"]
        return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()

    def text(self) -> bytes:
        """The line as it is kept."""
        return msgspec.json.encode(self, order="deterministic")


def chained(event: Event, n: int, at_ms: int, prev: str) -> Line:
    """The event as line `n` after the line whose hash is `prev` ('' before the first)."""
    return Line(**msgspec.structs.asdict(event.clean()), n=n, at_ms=at_ms, prev=prev).sealed()


def faults(lines: Iterable[bytes], head: tuple[int, str] | None = None) -> list[str]:
    """What is wrong with a log, in words, by line; empty where it is whole.

    `head` is (n, hash) of a line known from elsewhere (the store's head, an anchor on paper): without it,
    lines cut off the end cannot be missed.
    """
    found: list[str] = []
    read: list[Line] = []
    for place, raw in enumerate(lines, start=1):
        try:
            line = msgspec.json.decode(raw, type=Line)
        except (msgspec.DecodeError, msgspec.ValidationError):
            found.append(f"line {place}: not a line of an audit log")
            continue
        if line.digest() != line.hash:
            found.append(f"line {place} (entry {line.n}): changed after it was written")
        read.append(line)
    found += _order(read)
    by_n = {line.n: line for line in read}
    if head is not None and head[0]:
        n, digest = head
        if n not in by_n:
            found.append(f"entry {n} is missing: the log goes to {max(by_n, default=0)}; lines were cut off its end")
        elif by_n[n].hash != digest:
            found.append(f"entry {n}: not the one that was anchored; the log was written anew")
    return found


def _order(read: list[Line]) -> list[str]:
    found = []
    numbers = [line.n for line in read]
    there = set(numbers)
    for n in sorted({n for n in numbers if numbers.count(n) > 1} if len(there) < len(numbers) else ()):
        found.append(f"entry {n}: stands more than once")
    gone = [n for n in range(1, max(numbers, default=0) + 1) if n not in there]
    if gone:
        found.append(f"removed: {', '.join(_runs(gone))}")
    for before, line in zip([None, *read], read, strict=False):
        n_before = before.n if before else 0
        if line.n < n_before:
            found.append(f"entry {line.n}: moved, stands after entry {n_before}")
        elif line.n == n_before + 1 and line.prev != (before.hash if before else ""):
            found.append(f"entry {line.n}: does not continue the line before it")
    return found


def _runs(numbers: list[int]) -> list[str]:
    """[3, 4, 5, 9] as ["entries 3-5", "entry 9"]."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return [f"entry {run[0]}" if len(run) == 1 else f"entries {run[0]}-{run[-1]}" for run in runs]


def _plain(value: str) -> str:
    whole = value.encode("utf-8", "replace").decode()  # JSON can write half a character, UTF-8 cannot
    return "".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in whole)
