"""Topics of the tests on a real broker, and how the shared check suite offers lines in one."""

import os
from uuid import uuid4

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic


def new_name():
    return f"t-{uuid4().hex[:12]}"


def new_topic(bootstrap, partitions=1):
    topic = new_name()
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(topic, partitions, 1)])
    admin.close()
    return topic


def send(bootstrap, topic, messages):
    """messages: (key, value) pairs, or values alone."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=2_000_000)
    pairs = [message if isinstance(message, tuple) else (None, message) for message in messages]
    sent = [producer.send(topic, value, key) for key, value in pairs]
    producer.flush()
    producer.close()
    return [future.get(timeout=60) for future in sent]


def specimen(folder, lines):
    """The lines in a topic of this folder: offered again, it is the same topic with the same messages."""
    bootstrap = os.environ["KAFKA_UNDER_TEST"]
    known = folder / "topic"
    if not known.exists():
        known.write_text(new_topic(bootstrap))
        send(bootstrap, known.read_text(), [line.encode() for line in lines])
    return f"kafka://{bootstrap}/{known.read_text()}?group=g&follow=0"
