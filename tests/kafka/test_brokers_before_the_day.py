"""`warroom check` on a real broker: a topic that is missing is found, and is well once it is made."""

import re

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka_topics import new_name

from warroom.readiness._kafka import broker_trouble


def test_a_missing_topic_is_found_and_once_made_all_is_well(broker):
    url = f"kafka://{broker.bootstrap}/{new_name()}?group=g"
    what, remedy = broker_trouble(url, {"group": "g"})
    assert "has no topic" in what
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics([NewTopic(re.search(r"--topic (\S+)`", remedy)[1], 1, 1)])
    admin.close()
    assert broker_trouble(url, {"group": "g"}) == ("", "")


def test_nobody_at_the_address_is_said_in_words():
    what, remedy = broker_trouble("kafka://127.0.0.1:1/polls", {})
    assert "no broker answers at 127.0.0.1:1" in what and remedy


def test_a_password_that_is_not_set_is_said_without_asking_the_broker():
    what, _ = broker_trouble("kafka://127.0.0.1:1/polls?sasl=SCRAM-SHA-512&username=w&password_env=NOT_SET_HERE", {})
    assert "NOT_SET_HERE" in what
