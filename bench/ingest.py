"""How fast reports come in by each way, from the sender to readable state, next to what the raw store gives.

    warroom bench ingest [DAY_DIR] [--reports N] [--rate R] [--ways kafka,http,file]

Everything runs on this machine: the store, one tally, the reading process (`warroom feed` or `warroom web`), the
broker, the senders and the reader of the changes. Every write is on disk before it is answered.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec

from bench.broker import NoBroker, broker_for_tests
from bench.figures import Figure, figure, percentile
from bench.ingest_ceiling import ceilings_per_second
from bench.ingest_reader import SOURCE, ChangeReader
from bench.ingest_senders import Line
from bench.ingest_steps import forget
from bench.ingest_ways import FileWay, HttpWay, KafkaWay, Way
from bench.processor import Processor
from bench.running import end_group
from feeds._parse import Parser
from warroom.dayfolder import load_day
from warroom.domain.reports import Correction, Reject, Report
from warroom.loading import load_into_store
from warroom.store.client import Client, connect
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake
from warroom.store.server import EmbeddedServer
from warroom.store.state import StateReader

WAYS = ("kafka", "http", "file")
LIMIT_S = 60.0
REACH_PER_SECOND, REACH_P99_MS, REACH_SHARE = 20_000, 250, 50
WARM = 200  # reports that show that the reading process is at work, before the paced ones

Say = Callable[[str], None]


def reports_of(day_dir: Path, intake: RedisIntake, most: int) -> list[Report]:
    """The day's reports in order of arrival, as of one source and numbered anew; corrections name others and go."""
    parser = Parser(intake.day(), intake.precinct_ids(), intake.site_ids(), recorded=True)
    lines = (day_dir / "reports.jsonl").read_bytes().splitlines()
    found = [r for r in (parser.line(raw, "", intake.now()) for raw in lines) if not isinstance(r, Reject | Correction)]
    found = sorted(found, key=lambda report: report.received or report.at)[:most]
    return [msgspec.structs.replace(report, id=str(n), source=SOURCE) for n, report in enumerate(found)]


def lines_of(reports: Sequence[Report]) -> list[Line]:
    """Key and JSON of each."""
    bare = (msgspec.structs.replace(report, received=None) for report in reports)
    return [(_place(report).encode(), msgspec.json.encode(report)) for report in bare]


def measure(client: Client, url: str, ways: Sequence[Way], reports: Sequence[Report], rate: float, say: Say
            ) -> list[Figure]:  # fmt: skip
    """Rows of every way, and the ceiling before and after them."""
    ceilings = [ceilings_per_second(client, url, reports)]
    lines = lines_of(reports)
    rows: list[Figure] = []
    for way in ways:
        say(f"{way.name}: {len(lines):,} reports as fast as it goes")
        rates = [_backlog(client, way, lines)]
        say(f"{way.name}: {rate:,.0f} a second")
        waits_ms, micros = _paced(client, way, lines, rate)
        ceilings.append(ceilings_per_second(client, url, reports))
        plain, same = (100 * rates[0] / ceiling for ceiling in ceilings[-1])
        reach = REACH_PER_SECOND if way.name == "Kafka" else None
        rows += [
            figure(f"{way.name}: sent to readable", "/s", rates, reach, judged="median", at_least=True),
            figure(f"{way.name}: of the plain writes", "%", [plain], REACH_SHARE, judged="median", at_least=True),
            figure(f"{way.name}: of the same commands", "%", [same], at_least=True),
            figure(f"{way.name}: report to readable at {rate:,.0f}/s, p50", "ms", [percentile(waits_ms, 0.5)]),
            figure(f"{way.name}: report to readable at {rate:,.0f}/s, p99", "ms", [percentile(waits_ms, 0.99)],
                   REACH_P99_MS, judged="max"),
            figure(f"{way.name}: processor a report at {rate:,.0f}/s", "µs", [sum(micros.values())],
                   note=", ".join(f"{part} {used:.0f}" for part, used in sorted(micros.items()))),
        ]  # fmt: skip
    return [
        figure(
            "ceiling: plain writes of the same fields, nothing judged", "/s", [c[0] for c in ceilings], at_least=True
        ),
        figure("ceiling: the same commands replayed", "/s", [c[1] for c in ceilings], at_least=True),
        *rows,
    ]


def _backlog(client: Client, way: Way, lines: Sequence[Line]) -> float:
    """Reports a second between the first and the last that became readable."""
    forget(client)
    target, reader = way.target(), ChangeReader(client)
    driver = way.driver(target, lines, 0)
    if way.fills_first:
        driver.start()
        driver.join()
    with way.reading(target):
        if not way.fills_first:
            driver.start()
        seen = reader.follow(len(lines), LIMIT_S)
        if not way.fills_first:
            driver.join()
    first, last = min(seen.values()), max(seen.values())
    _check_once(client, len(lines))
    return sum(1 for moment in seen.values() if moment > first) / (last - first)


def _paced(client: Client, way: Way, lines: Sequence[Line], rate: float) -> tuple[list[float], dict[str, float]]:
    """Milliseconds from when each report was due to be sent to when it was readable; processor time by part."""
    forget(client)
    target, reader = way.target(), ChangeReader(client)
    warm, timed = lines[:WARM], lines[WARM:]
    with way.reading(target):
        first = way.driver(target, warm, 0)
        first.start()
        first.join()
        reader.follow(len(warm), LIMIT_S)
        driver = way.driver(target, timed, rate)
        processor = Processor()
        begin_s = driver.start()
        seen = reader.follow(len(lines), LIMIT_S)
        micros = processor.micros_each(len(timed))
        driver.join()
    _check_once(client, len(lines))
    return [1000 * (seen[WARM + n] - begin_s - n / rate) for n in range(len(timed))], micros


def _check_once(client: Client, count: int) -> None:
    totals = StateReader(client).totals()
    if totals.accepted + totals.suspect != count or totals.rejected:
        raise AssertionError(f"{count:,} reports were sent, but the state holds {totals}")


def _place(report: Report) -> str:
    return str(getattr(report, "precinct", None) or getattr(report, "site", None) or "")


@contextmanager
def bench_store(scratch: Path, day_dir: Path) -> Iterator[tuple[Client, str]]:
    """An embedded store with the day in it, its clock after the close, and one tally at work."""
    server = EmbeddedServer(scratch / "store")
    server.ensure()
    tally = None
    try:
        client = connect(server.url)
        folder = load_day(day_dir)
        load_into_store(client, folder)
        DayClock(client).set(folder.day.closes_at + timedelta(minutes=30), 1)
        env = os.environ | {"REDIS_URL": server.url}
        tally = subprocess.Popen(
            [sys.executable, "-m", "warroom", "tally"], env=env, start_new_session=True, stdout=subprocess.DEVNULL
        )
        yield client, server.url
    finally:
        if tally is not None:
            end_group(tally)
        server.stop()


def run(day_dir: Path | None, most: int, rate: float, names: Sequence[str], say: Say) -> tuple[list[Figure], list[str]]:
    """The figures, and notes on how they were measured. Without a day folder: the made-up city."""
    notes: list[str] = []
    with ExitStack() as held:
        scratch = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="warroom-bench-")))
        if day_dir is None:
            from warroom.demo import write_demo_day

            day_dir = scratch / "day"
            write_demo_day(day_dir)
        client, url = held.enter_context(bench_store(scratch, day_dir))
        ways: list[Way] = []
        if "kafka" in names:
            try:
                broker = held.enter_context(broker_for_tests(scratch / "kafka"))
                ways.append(KafkaWay(client, url, scratch, broker.bootstrap))
            except NoBroker as error:
                notes.append(f"Kafka was not measured: {error}")
        ways += [kind(client, url, scratch) for name, kind in (("http", HttpWay), ("file", FileWay)) if name in names]
        reports = reports_of(day_dir, RedisIntake(client), most)
        rows = measure(client, url, ways, reports, rate, say)
        name = RedisIntake(client).day().name
    notes.append(f"{len(reports):,} reports of {name}; store, tally, reading process, broker, senders and this reader "
                 "share the machine")  # fmt: skip
    return rows, notes
