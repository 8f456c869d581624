"""`warroom rejected`: what was refused and why, and to read it again from the raw log of this machine."""

import json
import threading

import msgspec
import pytest
from typer.testing import CliRunner

from feeds.registry import open_feed
from warroom.cli import app
from warroom.domain.places import Precinct
from warroom.store.day import Roster, put_day
from warroom.store.feeds import FeedStore
from warroom.store.intake import RedisIntake
from warroom.tally.worker import TallyWorker


@pytest.fixture
def drop(server, loaded, tmp_path, monkeypatch):
    """A feed has read one good line, one of an unknown precinct and one that is broken: its URL."""
    monkeypatch.setenv("REDIS_URL", server.url)
    good = {
        "id": "a",
        "kind": "checkins",
        "precinct": "P1",
        "at": "2025-06-24T09:00:00-04:00",
        "count": 5,
        "source": "w",
    }
    lines = [json.dumps(good), json.dumps({**good, "id": "b", "precinct": "P9"}), "{broken"]
    (tmp_path / "r.jsonl").write_text("\n".join(lines) + "\n")
    url = f"file://{tmp_path}/r.jsonl?name=drop"
    open_feed(url, {"raw_dir": str(tmp_path / "raw")}).run(RedisIntake(loaded), threading.Event())
    TallyWorker(loaded, 0, "t").step()
    return url


def run(*arguments):
    return CliRunner().invoke(app, ["rejected", *arguments])


def test_it_lists_by_feed_and_reason_with_the_remedy(drop):
    told = json.loads(run("--json").output)
    assert {(row["feed"], row["reason"], row["open"]) for row in told["feeds"]} == {
        ("drop", "unknown_precinct", 1), ("drop", "not_json", 1),
    }  # fmt: skip
    assert "drop: 1 x unknown_precinct" in run().output


def test_it_replays_and_says_what_became_of_each(drop, loaded, small_day, tmp_path):
    added = [*small_day.roster.precincts, Precinct(precinct_id="P9", name="P9", region="North", site_id="S1")]
    put_day(loaded, msgspec.structs.replace(small_day, roster=Roster(added, small_day.roster.sites)))
    (tmp_path / "r.jsonl").unlink()  # the raw log is enough
    done = run("--replay", drop, "--raw", str(tmp_path / "raw"), "--by", "Ana")
    assert done.output.startswith("2 rejected: 1 accepted now, 1 refused again, 0 could not be found again.")
    assert [mended.by for mended in FeedStore(loaded).mended().values()] == ["Ana"]


def test_nothing_rejected_is_said(server, loaded, monkeypatch):
    monkeypatch.setenv("REDIS_URL", server.url)
    assert run().output.strip() == "Nothing was rejected."
