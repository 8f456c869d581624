"""The ingest bench counts what it says: every report once, with its own waiting time, next to the store's ceiling."""

import pytest

from bench import ingest
from bench.ingest_ceiling import plain_writes
from bench.ingest_senders import drive
from warroom.domain.reports import Checkins


class Noted:
    """A sender that notes what it is given."""

    tick_s = 0.001

    def __init__(self):
        self.lines, self.calls, self.flushed = [], 0, False

    def send(self, lines):
        self.lines += lines
        self.calls += 1

    def flush(self):
        self.flushed = True


@pytest.mark.parametrize("per_second", [0, 2_000])
def test_every_line_is_sent_once_and_in_order_at_any_pace(per_second):
    lines, sender = [(b"", b"%d" % n) for n in range(100)], Noted()
    drive(sender, lines, per_second, begin_s=0.0)
    assert sender.lines == lines and sender.flushed


def test_the_ceiling_writes_for_each_report_what_the_tally_writes(at):
    reports = [
        Checkins(id=str(n), source="bench", at=at(n), received=at(n), precinct=f"P{n % 4}", count=n) for n in range(250)
    ]
    first, last = ([command[0] for command in batch] for batch in plain_writes(reports))
    assert (first.count("HSET"), last.count("HSET")) == (200 * 3, 50 * 3)
    assert first.count("XADD") == last.count("XADD") == 2


def test_a_file_is_measured_from_sender_to_reader(demo_day):
    rows, notes = ingest.run(demo_day, 1_000, 1_000.0, ["file"], lambda text: None)
    found = {row.name: row for row in rows}
    assert found["file: sent to readable"].median > 0
    assert found["ceiling: plain writes of the same fields, nothing judged"].median > 0
    assert found["ceiling: the same commands replayed"].median > 0
    parts = dict(part.split() for part in found["file: processor a report at 1,000/s"].note.split(", "))
    assert {"store", "tally", "feed", "sender", "reader"} <= parts.keys()
    assert found["file: report to readable at 1,000/s, p50"].median > 0
    assert notes[0].startswith("1,000 reports of ")
