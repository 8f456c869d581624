"""One member of a consumer group: polls, puts frames, and commits what the store has.

kafka-python runs the rebalance listener on its own I/O thread, inside a poll. Nothing may block there, so the
listener only sends the commit of what the store has ahead of the rejoin. What is read and not yet in the store
goes there after the poll all the same: the next owner repeats it, and a repeat changes nothing.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.structs import OffsetAndMetadata, TopicPartition

from feeds._feed import Trouble
from feeds._frames import Framer
from feeds._kafka.connect import ANSWER_MS
from feeds._kafka.lag import GroupLag, MissingTopic
from feeds._kafka.values import Values, one_line
from warroom.store.ports import Intake

POLL_MS = 200  # a stop is noticed within this
JOIN_MS = 1_000
FILL_MS = 5  # more is waited for this long before little is put
COMMIT_S = 0.25
LOOK_S = 2.0  # between two looks at the lag, and at brokers that have been silent


class Member:
    """Reads its share of the topics. `begin` says where, in a partition that the store has heard nothing of."""

    begin = "earliest"

    def __init__(
        self,
        consumer: KafkaConsumer,
        topics: Sequence[str],
        feed: str,
        intake: Intake,
        framer: Framer,
        values: Values,
        trouble: Trouble,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._consumer = consumer
        self._topics = topics
        self._feed = feed
        self._intake = intake
        self._framer = framer
        self._values = values
        self._trouble = trouble
        self._now_s = now_s
        self._fresh: set[TopicPartition] = set()  # assigned, and their place not looked up yet
        self._places: dict[str, int] = {}  # {"topic/partition": next offset} that the store has or is to have
        self._stored: dict[TopicPartition, int] = {}  # in the store, not committed yet
        self._held: dict[TopicPartition, int] = {}  # read, and not known to be in the store
        self._told: tuple[dict[TopicPartition, int], Any] = ({}, None)  # the last commit, and its answer to come
        self._ends: dict[TopicPartition, int] | None = None
        self._lag = GroupLag(consumer, topics, now_s)
        self._committed_s = self._looked_s = self._heard_s = now_s()

    def read(self, stop: threading.Event, follow: bool) -> bool:
        """Read until `stop`; True where the end was reached, which only happens where it is not followed.

        Raises KafkaError where the brokers refuse us.
        """
        # The partitions are asked for first. kafka-python 3.0.12 joins without knowing them, joins again when it
        # hears of them, and never notices that it has joined where a poll ends in between.
        for topic in self._topics:
            self._consumer.partitions_for_topic(topic)
        self._consumer.subscribe(list(self._topics), listener=_Listener(self))
        while not stop.is_set():
            mine = self._obey_pause()
            if self._framer.paused() and not mine:  # the first poll would fetch at once
                self._look_now_and_then()
                stop.wait(POLL_MS / 1000)
                continue
            wait_ms = FILL_MS if self._held else POLL_MS if mine else JOIN_MS
            batch = self._settled(self._consumer.poll(timeout_ms=wait_ms))
            if not self._put(batch) or not (batch or self._flush()):
                break
            self._commit_now_and_then()
            self._look_now_and_then()
            if not follow and self._at_end() and self._flush():
                self._commit()
                return True
        if self._flush():
            self._commit()
        return False

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """On the I/O thread: these are ours from here on."""
        self._fresh = set(partitions)

    def revoked(self) -> None:
        """On the I/O thread, while the feed's own thread waits in a poll: the commit goes before the rejoin."""
        if self._stored:
            self._consumer.commit_async(_offsets(self._stored))
        self._stored, self._held = {}, {}

    def lost(self) -> None:
        """On the I/O thread: others have our partitions already and begin at our last commit."""
        self._stored, self._held = {}, {}

    def _put(self, batch: dict[TopicPartition, list[Any]]) -> bool:
        received = self._intake.now() if batch else None
        for partition, messages in batch.items():
            place = f"{partition.topic}/{partition.partition}"
            for message in messages:
                item = self._values.item(message.value, f"{place}/{message.offset}", received)
                self._places[place] = self._held[partition] = message.offset + 1
                raw = None if message.value is None else one_line(message.value)
                if not self._framer.put(item, raw, self._position):
                    return False
        if batch:
            self._heard_s = self._now_s()
        if self._framer.empty:
            self._stored, self._held = self._stored | self._held, {}
        return True

    def _flush(self) -> bool:
        """Put what is held. False where the feed is to stop."""
        done = self._framer.flush()
        if done:
            self._stored, self._held = self._stored | self._held, {}
        return done

    def _position(self) -> dict[str, int]:
        """Of what this put brings: the places of other partitions are for those who read them."""
        return {f"{tp.topic}/{tp.partition}": at for tp, at in self._held.items()}

    # -- where to begin

    def _settled(self, batch: dict[TopicPartition, list[Any]]) -> dict[TopicPartition, list[Any]]:
        """The batch, without what is to be read again from further back.

        The group's offset says where to go on, unless the store knows less: it was emptied, or lost its last second.
        """
        if not self._fresh:
            return batch
        fresh, self._fresh = self._fresh, set()
        stored = self._intake.places(self._feed)
        self._places = stored | {name: at for name, at in self._places.items() if name not in stored}
        firsts = self._consumer.beginning_offsets(list(fresh)) if fresh else {}
        for tp in fresh:
            ours = batch[tp][0].offset if tp in batch else self._consumer.position(tp, timeout_ms=ANSWER_MS)
            known = stored.get(f"{tp.topic}/{tp.partition}", firsts[tp] if self.begin == "earliest" else None)
            if known is not None and ours is not None and known < ours:
                self._consumer.seek(tp, max(known, firsts[tp]))
                batch.pop(tp, None)
        return batch

    def _at_end(self) -> bool:
        mine = self._consumer.assignment()
        if not mine or self._fresh:
            return False
        if self._ends is None or not self._ends.keys() >= mine:
            self._ends = (self._ends or {}) | self._consumer.end_offsets(list(mine))
        at = {tp: self._consumer.position(tp, timeout_ms=ANSWER_MS) for tp in mine}
        return all(place is not None and place >= self._ends[tp] for tp, place in at.items())

    # -- commits, lag and trouble

    def _commit_now_and_then(self) -> None:
        """Tell the broker what the store has. Its answer is not waited for: reports would wait with us."""
        told, answer = self._told
        if self._now_s() - self._committed_s < COMMIT_S or (answer is not None and not answer.is_done):
            return
        if self._held and not self._flush():
            return
        self._committed_s = self._now_s()
        if answer is not None and answer.succeeded():
            self._stored = {tp: at for tp, at in self._stored.items() if told.get(tp) != at}
        offsets = _offsets(self._stored)
        self._told = (self._stored, self._consumer.commit_async(offsets)) if offsets else ({}, None)

    def _commit(self) -> None:
        """The same before we leave, with its answer. A refusal is no loss: the next owner repeats."""
        if not self._stored:
            return
        try:
            self._consumer.commit(_offsets(self._stored), timeout_ms=ANSWER_MS)
        except KafkaError:  # no answer, or the group has gone on without us
            pass

    def _look_now_and_then(self) -> None:
        now_s = self._now_s()
        if now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        try:
            lag = self._lag.measure(self._places, silent=now_s - self._heard_s >= LOOK_S)
        except KafkaTimeoutError:
            self._lag.moved()
            self._trouble.say("no broker answers; trying again")
            return
        except MissingTopic as error:
            self._trouble.say(f"the broker has no topic {error}: create it, or mend the feed's URL")
            return
        self._framer.well()
        if self._framer.paused():
            self._lag.moved()
        self._lag.check()
        try:
            self._intake.put_lag(self._feed, lag)
        except Exception:  # noqa: S110 the store's trouble is shown by the next frame
            pass

    def _obey_pause(self) -> set[TopicPartition]:
        """Our partitions. A paused feed stays in its group and fetches nothing."""
        mine, held = self._consumer.assignment(), self._consumer.paused()
        if self._framer.paused():
            self._consumer.pause(*(mine - held))
        elif held:
            self._consumer.resume(*held)
        return mine


def _offsets(places: dict[TopicPartition, int]) -> dict[TopicPartition, OffsetAndMetadata]:
    return {tp: OffsetAndMetadata(at) for tp, at in places.items()}


class _Listener(ConsumerRebalanceListener):
    def __init__(self, member: Member) -> None:
        self._member = member

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._member.assigned(assigned)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._member.revoked()

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self._member.lost()
