"""`warroom produce`: a recorded day goes to a topic, keyed by precinct, and comes out of it whole."""

import json

import kafka_topics
import pytest
import typer
from typer.testing import CliRunner

from bench.running import until
from warroom.cli import app
from warroom.cli.produce import recorded_lines


@pytest.fixture
def day_dir(tmp_path, report):
    folder = tmp_path / "day"
    folder.mkdir()
    lines = [report(n, received=f"2025-06-24T12:{59 - n // 10:02}:00-04:00")[1] for n in range(400)]
    (folder / "reports.jsonl").write_bytes(b"\n".join([*lines, b"{broken", b""]))
    return folder


def test_a_drill_is_sent_keyed_by_precinct_and_read_whole(day_dir, broker, room):
    topic = f"drill-{kafka_topics.new_name()}"
    command = ["produce", str(day_dir), "--topic", topic, "--bootstrap", broker.bootstrap, "--json"]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    said = json.loads(done.stdout)
    assert (done.exit_code, said["sent"], said["failed"]) == (0, 401, 0)
    CliRunner().invoke(app, command)  # a drill may be sent again
    room.run(f"kafka://{broker.bootstrap}/{topic}?group={topic}")
    until("all of it", lambda: (room.known(), room.totals().rejected) == (400, 1))


def test_lines_go_in_the_order_of_their_arrival(day_dir):
    rows = recorded_lines(day_dir)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert {row[1] for row in rows} == {b"P0", b"P1", b"P2", b"P3", b"unreadable"}


def test_a_folder_without_a_recording_is_refused(day_dir):
    (day_dir / "reports.jsonl").unlink()
    with pytest.raises(typer.BadParameter, match="a day with recorded reports"):
        recorded_lines(day_dir)
