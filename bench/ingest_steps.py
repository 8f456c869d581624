"""How fast reports go through intake and tally, next to what the store could take at most.

    python -m bench.ingest_steps [DAY_DIR] [--reports N]

The ceiling is measured in the same run, on the same store with the same durability: the same
frames appended with nobody reading them, and the plain hash writes that a report leaves behind
(its identity, its reading, its counter), pipelined and without any judgement.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from bench.figures import Figure, figure, machine, show
from bench.room import FEED, FRAME_REPORTS
from feeds._parse import Parser
from warroom.dayfolder import load_day
from warroom.domain.reports import Report
from warroom.loading import load_into_store
from warroom.store import keys
from warroom.store.client import Client, connect
from warroom.store.intake import RedisIntake
from warroom.store.server import EmbeddedServer
from warroom.store.wire import frames
from warroom.tally.worker import TallyWorker

ROUNDS = 3


def measure(client: Client, reports: Sequence[Report]) -> list[Figure]:
    """Reports a second, by step and together, and as shares of the ceiling."""
    parts = [reports[n : n + FRAME_REPORTS] for n in range(0, len(reports), FRAME_REPORTS)]
    intake, worker = RedisIntake(client), TallyWorker(client, 0, "bench")
    packed = [next(iter(frames(part, [], 1).values())) for part in parts]

    def put() -> None:
        for part in parts:
            intake.put_frame(FEED, part)

    def tally() -> None:
        while worker.step():
            pass

    def append() -> None:
        for frame in packed:
            client.xadd("bench:frames", {"feed": FEED, "frame": frame})

    def plain() -> None:
        for part in parts:
            with client.pipeline(transaction=False) as pipe:
                for report in part:
                    pipe.hset("bench:seen", f"{report.source}\x1f{report.id}", "x" * 30)
                    pipe.hset(f"bench:r:{getattr(report, 'precinct', '')}", report.id, "x" * 30)
                    pipe.hset("bench:units", str(getattr(report, "precinct", "")), "x" * 60)
                pipe.execute()

    worker.step()
    rates: dict[str, list[float]] = {name: [] for name in ("put", "tally", "both", "append", "plain")}
    for _ in range(ROUNDS):
        forget(client)
        times = {name: _seconds(step) for name, step in (("put", put), ("tally", tally))}
        times["both"] = times["put"] + times["tally"]
        times |= {name: _seconds(step) for name, step in (("append", append), ("plain", plain))}
        for name, seconds in times.items():
            rates[name].append(len(reports) / seconds)
    return _rows(rates)


def _rows(rates: dict[str, list[float]]) -> list[Figure]:
    def share(name: str, ceiling: str) -> list[float]:
        return [100 * ours / most for ours, most in zip(rates[name], rates[ceiling], strict=True)]

    return [
        figure("intake: frames put", "/s", rates["put"], at_least=True),
        figure("ceiling: the same frames appended", "/s", rates["append"], at_least=True),
        figure("intake, of its ceiling", "%", share("put", "append"), at_least=True),
        figure("tally: reports judged and applied", "/s", rates["tally"], at_least=True),
        figure("ceiling: plain writes of the same fields", "/s", rates["plain"], at_least=True),
        figure("tally, of its ceiling", "%", share("tally", "plain"), at_least=True),
        figure("intake, then tally", "/s", rates["both"], at_least=True),
    ]


def forget(client: Client) -> None:
    """The day stays, its reports go."""
    shard = keys.Shard(0)
    client.xtrim(shard.intake, maxlen=0)
    bench = list(client.scan_iter("bench:*", count=5_000))
    for key in [*shard.state_keys, shard.traffic, *client.scan_iter(shard.readings + "*", count=5_000), *bench]:
        client.delete(key)


def _seconds(step: Callable[[], None]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def main() -> None:
    """Measure on an embedded store of its own and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest_steps", description=__doc__)
    parser.add_argument("day_dir", type=Path, nargs="?")
    parser.add_argument("--reports", type=int, default=20_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="warroom-bench-") as scratch:
        day_dir = asked.day_dir
        if day_dir is None:
            from warroom.demo import write_demo_day

            day_dir = Path(scratch) / "day"
            write_demo_day(day_dir)
        server = EmbeddedServer(Path(scratch) / "store")
        server.ensure()
        try:
            client = connect(server.url)
            folder = load_day(day_dir)
            load_into_store(client, folder)
            intake = RedisIntake(client)
            day_parser = Parser(intake.day(), intake.precinct_ids(), intake.site_ids(), recorded=True)
            lines = (day_dir / "reports.jsonl").read_bytes().splitlines()
            parsed = (day_parser.line(raw, "reports.jsonl", intake.now()) for raw in lines)
            reports = list(islice((r for r in parsed if hasattr(r, "source")), asked.reports))
            rows = measure(client, reports)
        finally:
            server.stop()
    about = machine()
    show(
        f"Ingest · {folder.day.name} · {about['date']}", rows,
        [f"{len(reports):,} reports a round in frames of {FRAME_REPORTS}; every write is on disk before it is answered",
         f"{about['cores']} cores, load {about['load'][0]}"],
    )  # fmt: skip


if __name__ == "__main__":
    main()
