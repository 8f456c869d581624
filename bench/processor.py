"""Processor time of every process that the bench has started, by part: it says more than a rate on a busy machine."""

import os
import time
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PARTS = (
    ("kafka.Kafka", "broker"),
    ("valkey-server", "store"),
    ("redis-server", "store"),
    ("warroom\0tally", "tally"),
    ("warroom\0feed", "feed"),
    ("warroom\0web", "web"),
    ("gunicorn", "web"),
    ("spawn_main", "sender"),
)


class Processor:
    """Counts from its making on; a process that is started later is not counted, one that has ended still is."""

    def __init__(self) -> None:
        self._parts = {pid: part for pid in _descendants(os.getpid()) if (part := _part(pid))}
        self._began = self._read()

    def micros_each(self, count: int) -> dict[str, float]:
        """{part: microseconds of processor for each of `count` reports}; "reader" is this process."""
        return {part: 1e6 * (spent_s - self._began[part]) / count for part, spent_s in self._read().items()}

    def _read(self) -> dict[str, float]:
        spent_s = {"reader": time.process_time()}
        for pid, part in self._parts.items():
            fields = _stat(pid)
            busy = int(fields[11]) + int(fields[12]) if fields else 0
            spent_s[part] = spent_s.get(part, 0.0) + busy * TICK_S
        return spent_s


def _descendants(root: int) -> set[int]:
    parent = {int(path.name): int(fields[1]) for path in Path("/proc").glob("[0-9]*") if (fields := _stat(path.name))}
    found, more = set[int](), {root}
    while more:
        found |= more
        more = {pid for pid, above in parent.items() if above in more} - found
    return found - {root}


def _part(pid: int) -> str | None:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
    return next((part for word, part in PARTS if word in command), None)


def _stat(pid: int | str) -> list[str]:
    """Fields of /proc/PID/stat from the third on; empty where there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []
