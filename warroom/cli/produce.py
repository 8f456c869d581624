"""`warroom produce`: sends a day's recorded reports to a Kafka topic, for drills."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from feeds._feed import FeedError
from feeds.kafka import client_options
from warroom.cli.parts import Day

UNPACED = 0.0
ANSWER_MS = 5_000


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(produce)


def produce(
    day_dir: Day,
    topic: Annotated[str, typer.Option(help="The topic; it is made where it is missing.")],
    bootstrap: Annotated[str, typer.Option(help="host:port of a broker, or several with commas.")] = "127.0.0.1:9092",
    speed: Annotated[
        float, typer.Option(min=0, help="Day seconds per second, in order of arrival; 0 = as fast as it goes.")
    ] = UNPACED,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of a topic that has to be made.")] = 4,
    security: Annotated[str, typer.Option(help="Options of docs/feeds.md: 'tls=1&sasl=PLAIN&username=…'.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Send the recorded reports of a day folder to a Kafka topic, keyed by precinct.

    A report that is sent again changes nothing: a drill may be run as often as you like.

    Example: warroom produce days/2026-11-03 --topic drill --bootstrap broker:9092 --speed 600
    """
    from rich.progress import Progress

    lines = recorded_lines(day_dir)
    with Progress(transient=True, disable=as_json) as bar:
        task = bar.add_task("reports sent", total=len(lines))
        producer = _producer(topic, bootstrap, security, partitions)
        sent, failed, seconds = _send(producer, topic, lines, speed, lambda done: bar.update(task, completed=done))
    said = {"topic": topic, "sent": sent, "failed": failed, "seconds": round(seconds, 3),
            "per_second": round(sent / seconds) if seconds else 0}  # fmt: skip
    refused = f", {failed:,} refused" if failed else ""
    typer.echo(json.dumps(said) if as_json else f"{sent:,} reports sent to {topic} in {seconds:.1f} s{refused}")
    if failed:
        raise typer.Exit(1)


def recorded_lines(day_dir: Path) -> list[tuple[float, bytes, bytes]]:
    """(arrival in epoch seconds, key, line) of every recorded line, in order of arrival; lines stay as they are.

    Raises typer.BadParameter where the folder has no recording.
    """
    path = day_dir / "reports.jsonl"
    if not path.is_file():
        raise typer.BadParameter(
            f"{path} is missing: only a day with recorded reports can be sent", param_hint="DAY_DIR"
        )
    found: list[tuple[float, bytes, bytes]] = []
    latest_s = 0.0
    for line in filter(None, map(bytes.strip, path.read_bytes().splitlines())):
        arrival_s, key = _arrival_and_key(line)
        latest_s = latest_s if arrival_s is None else arrival_s
        found.append((latest_s, key, line))
    return sorted(found, key=lambda row: row[0])


def _arrival_and_key(line: bytes) -> tuple[float | None, bytes]:
    """When a line arrived, and its place. A broken line goes with the one before it: a drill has them too."""
    try:
        row = json.loads(line)
        moment = datetime.fromisoformat(str(row.get("received") or row["at"]))
        key = str(row.get("precinct") or row.get("site") or row.get("source") or "")
        return moment.timestamp(), key.encode()
    except (ValueError, KeyError, AttributeError, RecursionError):
        return None, b"unreadable"


def _producer(topic: str, bootstrap: str, security: str, partitions: int) -> Any:
    """A producer, and the topic is there. Raises FeedURLError for wrong options, FeedError where that cannot be."""
    from kafka import KafkaAdminClient, KafkaProducer
    from kafka.admin import NewTopic
    from kafka.errors import KafkaError, TopicAlreadyExistsError

    settings = client_options(f"kafka://{bootstrap}/{topic}?{security}")
    try:
        admin = KafkaAdminClient(**settings, bootstrap_timeout_ms=ANSWER_MS)
        try:
            admin.create_topics([NewTopic(topic, partitions, -1)])
        except TopicAlreadyExistsError:
            pass
        finally:
            admin.close()
        return KafkaProducer(**settings, acks="all", linger_ms=5, batch_size=64 * 1024, bootstrap_timeout_ms=ANSWER_MS)
    except KafkaError as error:
        raise FeedError(
            f"the broker at {bootstrap} does not serve us ({error}): check --bootstrap, --security."
        ) from error


def _send(
    producer: Any, topic: str, lines: list[tuple[float, bytes, bytes]], speed: float, tell: Callable[[int], None]
) -> tuple[int, int, float]:
    """(acknowledged, refused, seconds)."""
    started_s = time.monotonic()
    futures = []
    try:
        for done, (_, key, line) in enumerate(_paced(lines, speed)):
            futures.append(producer.send(topic, line, key))
            if done % 500 == 0:
                tell(done)
        producer.flush(timeout=60)
    finally:
        producer.close(timeout=5)
    refused = sum(1 for future in futures if not future.succeeded())
    return len(futures) - refused, refused, time.monotonic() - started_s


def _paced(lines: list[tuple[float, bytes, bytes]], speed: float) -> Iterator[tuple[float, bytes, bytes]]:
    """The lines, each when its time has come."""
    started_s, first_s = time.monotonic(), lines[0][0] if lines else 0.0
    for row in lines:
        if speed > 0 and (wait_s := (row[0] - first_s) / speed - (time.monotonic() - started_s)) > 0:
            time.sleep(wait_s)
        yield row
