"""Loading a day into the real store, its clock, and the embedded server around it."""

import stat
from datetime import timedelta

import msgspec
import pytest

from warroom.domain.reports import Checkins
from warroom.store import keys
from warroom.store.client import connect
from warroom.store.day import DayClock, NoDayError, OtherDayError, put_day, read_day
from warroom.store.intake import RedisIntake
from warroom.store.server import EmbeddedServer, StoreUnavailable


def test_the_same_day_may_be_loaded_again_with_a_mended_folder(loaded, small_day):
    RedisIntake(loaded).put_frame("f", [], position="7")
    put_day(loaded, msgspec.structs.replace(small_day, geometry=b"new"))
    assert RedisIntake(loaded).position("f") == "7"


def test_another_day_is_refused_and_the_way_out_is_said(loaded, small_day, tuesday):
    other = msgspec.structs.replace(tuesday, date=tuesday.date + timedelta(days=1))
    with pytest.raises(OtherDayError, match="--data"):
        put_day(loaded, msgspec.structs.replace(small_day, day=other))
    assert read_day(loaded) == tuesday


def test_an_empty_store_says_how_to_load_a_day(store):
    with pytest.raises(NoDayError, match="warroom up"):
        RedisIntake(store)


def test_a_replay_clock_runs_at_its_rate_from_its_anchor(loaded, tuesday):
    clock = DayClock(loaded)
    assert clock.anchor() is None
    assert clock.rate() == 1.0
    clock.set(tuesday.opens_at, 600)
    day_ms, _, rate = clock.anchor()
    assert (day_ms, rate) == (tuesday.opens_at.timestamp() * 1000, 600.0)
    assert tuesday.opens_at <= clock.now() < tuesday.opens_at + timedelta(hours=8)


def test_the_embedded_store_asks_for_a_password_that_only_its_owner_can_read(tmp_path):
    server = EmbeddedServer(tmp_path)
    server.ensure()
    try:
        for name in ("store.secret", "store.conf"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        stranger = connect(server.url.replace(server.url.split("@")[0], "redis://"), patience=0)
        with pytest.raises(Exception, match=r"[Aa]uthentication"):
            stranger.ping()
        assert server.ensure() is False  # already running
    finally:
        server.stop()


def test_a_store_that_cannot_start_says_why(tmp_path):
    server = EmbeddedServer(tmp_path)
    (tmp_path / "appendonlydir").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="did not start"):
        server.ensure()


def test_many_reports_at_once_go_in_frames_of_two_hundred_and_in_their_order(loaded, at):
    intake = RedisIntake(loaded)
    place = min(intake.precinct_ids())
    many = [Checkins(id=str(n), source="s", at=at(1), received=at(1), precinct=place, count=n) for n in range(450)]
    intake.put_frame("f", many, position="450")
    frames = [msgspec.msgpack.decode(fields[b"frame"]) for _, fields in loaded.xrange(keys.Shard(0).intake)]
    assert [len(frame) for frame in frames] == [200, 200, 50]
    assert [item[2] for frame in frames for item in frame] == [str(n) for n in range(450)]
    assert intake.position("f") == "450"
