"""A demo or a drill started by mistake leaves the room of a real day as it is."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from typer.testing import CliRunner

from warroom.cli import app
from warroom.demo import is_demo_day
from warroom.store.day import DayClock, put_day


def test_a_demo_takes_no_folder_that_holds_something_else(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "audit.jsonl").write_text("{}\n")
    refused = CliRunner().invoke(app, ["demo", "--data", str(tmp_path)])
    assert refused.exit_code == 2 and "--data" in refused.stderr
    assert (tmp_path / "store").exists() and (tmp_path / "audit.jsonl").exists()


def test_a_demo_day_is_known_by_its_folder(demo_day, tmp_path):
    assert is_demo_day(demo_day) and not is_demo_day(tmp_path)


@pytest.mark.parametrize("days", [0, 30])
def test_a_room_whose_day_is_to_come_takes_no_replay(store, server, small_day, demo_day, monkeypatch, days):
    tomorrow = (datetime.now(UTC) + timedelta(days=days + 1)).date()
    put_day(store, msgspec.structs.replace(small_day, day=msgspec.structs.replace(small_day.day, date=tomorrow)))
    monkeypatch.setenv("REDIS_URL", server.url)
    refused = CliRunner().invoke(app, ["replay", str(demo_day)])
    assert refused.exit_code == 2 and "--drill" in refused.stderr
    assert DayClock(store).anchor() is None
