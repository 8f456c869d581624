"""Disks: room for a day where the raw input and the store's file lie, and that they can be written."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import redis

from warroom.readiness._finding import Finding, Light, green
from warroom.readiness._place import Place
from warroom.readiness._traffic import megabytes, traffic_of
from warroom.store.client import as_text

ORDER, TITLE = 30, "Disk"
SPARE = 3  # times a day's need: below it the light is amber


@dataclass(frozen=True)
class Folder:
    """One folder that is written on the day. `trouble` says why it cannot be, '' where it can."""

    name: str
    path: str
    free_bytes: int
    need_bytes: int
    trouble: str = ""


def look(place: Place) -> list[Folder]:
    """The data folder and, where it lies elsewhere on this machine, the store's own."""
    need = traffic_of(place.folder)
    home = place.home.resolve()
    store_dir = _store_dir(place)
    apart = store_dir is not None and not _same_disk(store_dir, home)
    found = [_folder("data folder", home, need.raw_bytes + (0 if apart else need.file_bytes))]
    if apart and store_dir is not None:
        found.append(_folder("store's file", store_dir, need.file_bytes))
    return found


def judge(folders: list[Folder]) -> list[Finding]:
    """Room and a trial write, folder by folder."""
    return [_judge(folder) for folder in folders]


def _judge(f: Folder) -> Finding:
    if f.trouble:
        remedy = f"give who runs the room this folder: `chown -R $USER {quote(f.path)}`; or name another with --data"
        return Finding(f.name, "red", f"{f.path} cannot be written: {f.trouble}", remedy)
    what = f"{megabytes(f.free_bytes)} free at {f.path}; a day takes about {megabytes(f.need_bytes)}"
    if f.free_bytes < SPARE * f.need_bytes:
        light: Light = "red" if f.free_bytes < f.need_bytes else "amber"
        remedy = (
            f"free space until {megabytes(SPARE * f.need_bytes)} are left (`du -xh {quote(f.path)} | sort -h | tail`)"
        )
        return Finding(f.name, light, what, f"{remedy}, or name a folder of a larger disk with --data")
    return green(f.name, what)


def _folder(name: str, path: Path, need_bytes: int) -> Folder:
    there = next(p for p in (path, *path.parents) if p.is_dir())
    return Folder(name, str(path), shutil.disk_usage(there).free, need_bytes, _trouble(there, there == path))


def _trouble(folder: Path, itself: bool) -> str:
    """Why nothing can be written here; a parent of a folder that is still to be made is asked, not written."""
    if not itself:
        return "" if os.access(folder, os.W_OK) else f"{folder} may not be written"
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".warroom-check-") as trial:
            trial.write(b"ready?")
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _store_dir(place: Place) -> Path | None:
    """Where the store writes, where that is a folder of this machine."""
    if place.client is None:
        return None
    try:
        told = place.client.config_get("dir")
    except redis.ResponseError:
        return None
    found = Path(as_text(next(iter(told.values()), "")))
    return found if found.is_absolute() and found.is_dir() else None


def _same_disk(one: Path, other: Path) -> bool:
    there = next(p for p in (other, *other.parents) if p.is_dir())
    return one.stat().st_dev == there.stat().st_dev
