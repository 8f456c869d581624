"""Reads reports from Kafka topics as a member of a consumer group.

`kafka://host:port[,host:port]/topic[,topic]?group=warroom`. Offsets are committed only after the store has
the frame, so a killed feed repeats some messages, which changes nothing, and loses none.
"""

import threading
from pathlib import Path
from typing import Any

from feeds._again import Translate
from feeds._feed import Feed, Trouble
from feeds._frames import Framer
from feeds._kafka.options import SECURITY, Source, client_settings, refuse_secrets, source_of
from feeds._kafka.values import Values
from feeds._live import LiveParser
from feeds._mapping import RecordMapping
from feeds._rawlog import RawLog
from feeds._url import choice, merge_options, number, yes_no
from warroom.store.ports import DONE, Intake

SCHEMES = ("kafka",)
ABOUT = "Kafka topics, as a member of a consumer group"
OPTIONS = ("group", "follow", "begin", "received", "session_s", "mapping", *SECURITY)
AGAIN_S = 1.0  # until the brokers are tried again from the start


def open_feed(url: str, options: dict[str, Any]) -> Feed:
    """The feed of these topics. Raises FeedURLError for wrong options; no broker is asked yet.

    Options: `group` (default warroom); `follow` 1 or 0: 0 ends at what the topics hold when it starts (default
    1); `begin` earliest or latest: where to begin in a partition that the store has heard nothing of (default
    earliest); `received` server or report: whose word counts for the arrival (default server); `session_s`: after
    how long without a sign of life others take our partitions (default 10); `mapping`, a table or the path of
    one; and those of `feeds._kafka.options`.
    """
    refuse_secrets(url, options)
    given = merge_options(url, options, OPTIONS)
    source = source_of(url)
    group = str(given.get("group") or "warroom")
    return KafkaFeed(
        source,
        client_settings(url, source, given),
        session_s=number(url, given, "session_s", 10),
        name=str(given.get("name") or f"kafka:{','.join(source.topics)}@{','.join(source.brokers)}/{group}"),
        group=group,
        follow=yes_no(url, given, "follow", True),
        begin=choice(url, given, "begin", ("earliest", "latest"), "earliest"),
        recorded=choice(url, given, "received", ("server", "report"), "server") == "report",
        mapping=RecordMapping(given["mapping"]) if given.get("mapping") else None,
        raw_dir=Path(given["raw_dir"]) if given.get("raw_dir") else None,
    )


def client_options(url: str) -> dict[str, Any]:
    """Keyword arguments for another client of the same brokers, such as a producer. Raises FeedURLError."""
    refuse_secrets(url, {})
    return client_settings(url, source_of(url), merge_options(url, {}, SECURITY))


class KafkaFeed:
    """One member of a group. Run as many as there are partitions: the group shares them out."""

    def __init__(
        self,
        source: Source,
        settings: dict[str, Any],
        *,
        name: str,
        group: str,
        session_s: float = 10.0,
        follow: bool = True,
        begin: str = "earliest",
        recorded: bool = False,
        mapping: RecordMapping | None = None,
        raw_dir: Path | None = None,
    ) -> None:
        self.name = name
        self._source = source
        session_ms = round(session_s * 1000)
        self._settings = settings | {
            "group_id": group,
            "auto_offset_reset": begin,
            "session_timeout_ms": session_ms,
            "heartbeat_interval_ms": min(2_000, session_ms // 4),
        }
        self._follow = follow
        self._begin = begin
        self._recorded = recorded
        self._mapping = mapping
        self._raw_dir = raw_dir

    def run(self, intake: Intake, stop: threading.Event) -> None:
        """Read until `stop`, or to the end where not followed. Brokers that are away are waited for, and said so."""
        from feeds._kafka.connect import connected, explained
        from feeds._kafka.member import Member

        rawlog = RawLog(self._raw_dir, self.name) if self._raw_dir else None
        trouble = Trouble(intake, self.name)
        values = self._values(intake)
        try:
            while not stop.is_set():
                framer = Framer(intake, self.name, stop, rawlog, trouble, holds=False)
                try:
                    with connected(self._settings) as consumer:
                        member = Member(consumer, self._source.topics, self.name, intake, framer, values, trouble)
                        member.begin = self._begin
                        if member.read(stop, self._follow):
                            intake.put_trouble(self.name, DONE)
                            return
                except Exception as error:
                    problem = explained(error, self._source.brokers)
                    if problem is None:
                        raise
                    trouble.say(problem)
                    stop.wait(AGAIN_S)
        finally:
            if rawlog:
                rawlog.close()

    def translator(self, intake: Intake) -> Translate:
        """How a value is read again from the raw log, after the mapping or the day folder was mended."""
        return self._values(intake).item

    def _values(self, intake: Intake) -> Values:
        parser = LiveParser(intake, self._recorded)
        return Values(parser, self._mapping)
