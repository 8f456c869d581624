"""How many messages wait for a consumer group, and whether somebody is reading them."""

import time
from collections.abc import Callable, Mapping, Sequence

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from feeds._kafka.connect import ANSWER_MS, STALLED_S, Stalled


class MissingTopic(Exception):
    """The broker has no such topic; the text names it."""


class GroupLag:
    """The lag of the whole group, as one of its members sees it."""

    def __init__(
        self, consumer: KafkaConsumer, topics: Sequence[str], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._consumer = consumer
        self._topics = topics
        self._now_s = now_s
        self._reached: list[int | None] = []  # the group's place in each partition
        self._moved_s = now_s()

    def measure(self, places: Mapping[str, int], silent: bool) -> dict[str, int]:
        """{"topic/partition": messages that wait}. Raises MissingTopic, and KafkaTimeoutError where none answers.

        `places` are our own, {"topic/partition": next offset}. Our own partitions are known from what we fetch;
        only where nothing has come lately (`silent`) are the brokers asked.
        """
        mine = self._consumer.assignment()
        every = {TopicPartition(t, p) for t in self._topics for p in self._consumer.partitions_for_topic(t)}
        if missing := sorted(set(self._topics) - {tp.topic for tp in every}):
            raise MissingTopic(", ".join(missing))
        asked = every if silent else every - mine
        ends = self._consumer.end_offsets(list(asked), timeout_ms=ANSWER_MS) if asked else {}
        lag: dict[str, int] = {}
        reached: list[int | None] = []
        for tp in sorted(every):
            name = f"{tp.topic}/{tp.partition}"
            if tp in mine:
                end, at = ends.get(tp, self._consumer.highwater(tp)), places.get(name)
            else:
                end, at = ends[tp], self._consumer.committed(tp, timeout_ms=ANSWER_MS)
            reached.append(at)
            if end is not None:
                lag[name] = max(0, end - (at or 0))
        if reached != self._reached or not any(lag.values()):
            self.moved()
        self._reached = reached
        return lag

    def moved(self) -> None:
        """Nothing is amiss as of now: something was read, or there is a reason that nothing is."""
        self._moved_s = self._now_s()

    def check(self) -> None:
        """Raises Stalled where messages wait that nobody of the group has read for STALLED_S; joining anew helps."""
        if self._now_s() - self._moved_s >= STALLED_S:
            raise Stalled
