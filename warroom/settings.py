"""Where things are on this machine. Secrets come from the environment or from files only their owner reads."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from warroom.domain.handling import Deadlines
from warroom.store.client import Client, connect
from warroom.store.server import StoreUnavailable

URL_FILE = "store.url"


def data_dir(day_dir: Path, given: Path | None) -> Path:
    """Where a day keeps its store, its raw input and its logs: `--data`, else `var/<day folder>` here."""
    return given or Path.cwd() / "var" / day_dir.resolve().name


def store_url(data: Path | None) -> str:
    """REDIS_URL, else the embedded store that `warroom up` runs for this data folder.

    Raises StoreUnavailable where there is neither.
    """
    if url := os.environ.get("REDIS_URL"):
        return url
    if data is not None and (data / URL_FILE).exists():
        return (data / URL_FILE).read_text(encoding="utf-8").strip()
    where = f" in {data}" if data is not None else ""
    raise StoreUnavailable(f"no store is running{where}: set REDIS_URL, or start `warroom up DAY_DIR` first")


def write_store_url(data: Path, url: str) -> None:
    """Tell the commands that run beside `warroom up` where its store is; the address holds a password."""
    path = data / URL_FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(url, encoding="utf-8")


def audit_file(data: Path | None) -> Path | None:
    """The audit log's file: WARROOM_AUDIT_FILE, else in the data folder; None where neither is known."""
    if path := os.environ.get("WARROOM_AUDIT_FILE"):
        return Path(path)
    return data / "audit.jsonl" if data is not None else None


def deadlines_from(environ: Mapping[str, str]) -> Deadlines | None:
    """WARROOM_DEADLINE_MINUTES: minutes for high, medium and low alerts, as "10,20,45"; None where it is not set.

    Raises ValueError with the remedy.
    """
    text = environ.get("WARROOM_DEADLINE_MINUTES", "")
    if not text:
        return None
    try:
        high, medium, low = (int(part) for part in text.split(","))
        return msgspec.convert({"high": high, "medium": medium, "low": low}, Deadlines)
    except (ValueError, msgspec.ValidationError) as error:
        raise ValueError(
            f"WARROOM_DEADLINE_MINUTES is {text!r}: give three numbers of minutes from 1 to 240, as 10,20,45"
        ) from error


def connect_store(data: Path | None = None) -> Client:
    """A client of the store in use. Raises StoreUnavailable."""
    return connect(store_url(data))


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder: two stores on one file would ruin it. Raises StoreUnavailable."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreUnavailable(
                f"another `warroom up` runs on {data}: stop it, or give this one its own --data folder"
            ) from error
        yield
