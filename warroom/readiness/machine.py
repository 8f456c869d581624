"""This machine: cores, memory, load, how many connections it may hold open."""

import os
import resource
from dataclasses import dataclass
from pathlib import Path

from warroom.readiness._finding import Finding, Light, green
from warroom.readiness._place import Place
from warroom.readiness._traffic import megabytes

ORDER, TITLE = 80, "Machine"
CORES, MEMORY_BYTES = 2, 2 * 10**9
FILES, FEWEST_FILES = 4_096, 512


@dataclass(frozen=True)
class Facts:
    """`load` is the mean number of processes that want a core, over five minutes. None: not told here."""

    cores: int
    free_bytes: int | None
    load: float | None
    files: int


def look(_place: Place) -> Facts:
    """Ask the system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else None
    return Facts(cores, memory_free_bytes(), load, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def judge(facts: Facts) -> list[Finding]:
    """Four figures against what a room needs."""
    return [_cores(facts), _memory(facts), _load(facts), _files(facts.files)]


def memory_free_bytes() -> int | None:
    """What programs can still take, by Linux's own estimate; None on other systems."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None


def _cores(facts: Facts) -> Finding:
    what = f"{facts.cores}"
    if facts.cores < CORES:
        return Finding("cores", "amber", what, f"give the room's machine {CORES} cores or more")
    return green("cores", what)


def _memory(facts: Facts) -> Finding:
    if facts.free_bytes is None:
        remedy = f"see in the system's own monitor that {megabytes(MEMORY_BYTES)} are free"
        return Finding("memory", "unknown", "not looked at: this system does not tell", remedy)
    what = f"{megabytes(facts.free_bytes)} free"
    if facts.free_bytes < MEMORY_BYTES:
        light: Light = "red" if facts.free_bytes < MEMORY_BYTES // 4 else "amber"
        return Finding("memory", light, what, f"end other programs until {megabytes(MEMORY_BYTES)} are free")
    return green("memory", what)


def _load(facts: Facts) -> Finding:
    if facts.load is None:
        return Finding("load", "unknown", "not looked at: this system does not tell", "see the system's own monitor")
    what = f"{facts.load:.1f} over five minutes on {facts.cores} cores"
    if facts.load > facts.cores:
        remedy = "end what else runs here (`top` shows it), and check again in five minutes"
        return Finding("load", "amber", f"{what}: processes wait for a core", remedy)
    return green("load", what)


def _files(limit: int) -> Finding:
    what = f"{limit:,} open files allowed; each screen and phone is one"
    if 0 <= limit < FILES:
        light: Light = "red" if limit < FEWEST_FILES else "amber"
        return Finding("open files", light, what, f"start the room from a shell with `ulimit -n {FILES}`")
    return green("open files", what)
