"""What a report takes: on the disk of the raw log, in the store's file, in the store's memory.

    python -m bench.day_bytes

The demo city's whole day goes through the file feed and the tally into a real store. `warroom check` estimates a
day's need from these figures (warroom/readiness/_traffic.py).
"""

import argparse
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

from feeds.registry import open_feed
from warroom.dayfolder import load_day
from warroom.demo import write_demo_day
from warroom.loading import load_into_store
from warroom.store.client import connect
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake
from warroom.store.server import EmbeddedServer
from warroom.tally.worker import TallyWorker


def measure(home: Path) -> dict[str, float]:
    """{what: bytes a report}, and how many reports there were."""
    write_demo_day(home / "day")
    folder = load_day(home / "day")
    server = EmbeddedServer(home / "store")
    server.ensure()
    try:
        client = connect(server.url)
        client.config_set("auto-aof-rewrite-percentage", 0)  # a rewrite in mid-count would shorten the file
        load_into_store(client, folder)
        DayClock(client).set(folder.day.closes_at + timedelta(hours=1), 1)
        file_before, memory_before = size(home / "store"), client.info("memory")["used_memory"]
        feed = open_feed(f"file://{folder.reports}", {"raw_dir": str(home / "raw"), "name": "bench"})
        feed.run(RedisIntake(client), threading.Event())
        worker = TallyWorker(client, 0, "bench")
        while worker.step():
            pass
        reports = sum(1 for _ in (home / "day" / "reports.jsonl").open("rb"))
        memory = client.info("memory")["used_memory"] - memory_before
        return {
            "reports": reports, "raw": size(home / "raw") / reports,
            "file": (size(home / "store") - file_before) / reports, "memory": memory / reports,
        }  # fmt: skip
    finally:
        server.stop()


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Measure in a temporary folder and print."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as home:
        found = measure(Path(home))
    print(f"{found.pop('reports'):,.0f} reports; bytes each: " + ", ".join(f"{k} {v:,.0f}" for k, v in found.items()))


if __name__ == "__main__":
    main()
