"""The folder: the contract's files, readable reports, ordinary dirt, and nobody real."""

import re
from collections import Counter, defaultdict
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from demo_told import Told

from warroom.dayfolder import load_day
from warroom.demo import write_demo_day
from warroom.demo.words import PLANTS, TRADES
from warroom.domain.reports import Checkins, Report
from warroom.texting.rules import load_texting


def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(told: Told, tmp_path: Path) -> None:
    write_demo_day(tmp_path / "again")
    write_demo_day(tmp_path / "other", seed=8)
    names = sorted(p.name for p in told.folder.iterdir())
    assert names == sorted(p.name for p in (tmp_path / "again").iterdir())
    for name in names:
        assert (told.folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    for name in ("precincts.geojson", "history.csv", "reports.jsonl"):
        assert (told.folder / name).read_bytes() != (tmp_path / "other" / name).read_bytes(), name


def test_the_folder_is_a_valid_day(told: Told) -> None:
    folder = load_day(told.folder)
    assert folder.day.type == "general"
    assert folder.day.date == date(2026, 11, 3)
    assert len(folder.precincts) == len(told.precincts)


def test_a_date_before_the_last_earlier_election_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be after 2025-04-08"):
        write_demo_day(tmp_path / "day", date=date(2024, 11, 5))


def test_reports_are_in_the_order_of_arrival_and_about_as_many_as_a_city_sends(told: Told) -> None:
    received = [datetime.fromisoformat(r["received"]) for r in told.reports]
    assert received == sorted(received)
    assert 25_000 <= len(told.reports) <= 40_000
    kinds = Counter(r["kind"] for r in told.reports)
    assert kinds["checkins"] > 0.75 * len(told.reports)
    assert {"wait", "incident", "shift", "contact", "money", "ad", "correction"} <= kinds.keys()


def test_all_reports_can_be_read_except_the_counts_left_empty(told: Told) -> None:
    bad = []
    for report in told.reports:
        try:
            read = msgspec.convert(report, Report)
        except msgspec.ValidationError:
            bad.append(report)
        else:
            assert read.received is not None and read.at <= read.received
            assert not isinstance(read, Checkins) or read.precinct is not None
    assert 10 <= len(bad) <= 80
    assert all(r["kind"] == "checkins" and r["count"] is None for r in bad)


def test_an_id_comes_twice_only_where_the_same_message_was_sent_again(told: Told) -> None:
    seen = defaultdict(list)
    for r in told.reports:
        seen[r["source"], r["id"]].append({k: v for k, v in r.items() if k != "received"})
    repeats = [same for same in seen.values() if len(same) > 1]
    assert 20 <= len(repeats) <= 120
    assert all(body == same[0] for same in repeats for body in same)


def test_about_one_reading_in_a_hundred_is_dirty(told: Told) -> None:
    strange = [r for r in told.of_kind("checkins") if r["precinct"] not in told.precincts]
    falls = sum(later < earlier for seen in told.readings().values() for (_, earlier), (_, later) in pairwise(seen))
    late = [
        r
        for r in told.of_kind("checkins")
        if (datetime.fromisoformat(r["received"]) - datetime.fromisoformat(r["at"])).total_seconds() > 3_600
    ]
    total = len(told.of_kind("checkins"))
    assert 10 <= len(strange) <= 80
    assert 0.001 < falls / total < 0.01
    assert 0.0005 < len(late) / total < 0.01


def test_final_counts_and_history_make_a_plausible_turnout(told: Told) -> None:
    registered = sum(int(row["registered"]) for row in told.precincts.values())
    final = sum(sorted(c for _, c in seen)[-3] for seen in told.readings().values())
    early_rows = told.rows("early_vote.csv")
    last = max(row["as_of"] for row in early_rows)
    early = sum(int(row["count"]) for row in early_rows if row["as_of"] == last)
    assert 0.42 < (final + early) / registered < 0.56
    assert 0.2 < early / (final + early) < 0.3
    ballots = Counter[str]()
    for row in told.rows("history.csv"):
        assert 0 <= int(row["ballots"]) <= 1_450
        ballots[row["election_id"]] += int(row["ballots"])
    assert len(ballots) == 7
    assert {key.rpartition("_")[2] for key in ballots} == {"general", "primary", "special"}
    assert max(ballots, key=ballots.__getitem__).startswith("2020")


def test_volunteers_are_nobody(told: Told) -> None:
    people = told.rows("volunteers.csv")
    assert 250 <= len(people) <= 270
    for row in people:
        assert re.fullmatch(r"\+1\d{3}55501\d{2}", row["phone"])
        first, last = row["name"].split()
        assert first in PLANTS and last in TRADES
    assert len({row["phone"] for row in people}) == len(people)
    lists = ("volunteers.csv", "contacts.csv")
    others = "".join(p.read_text(encoding="utf-8") for p in told.folder.glob("*.csv") if p.name not in lists)
    assert not re.search(r"\+1\d{10}|555-?01", others)
    starts = {row["start"][11:13] for row in told.rows("shifts.csv")}
    assert len(starts) == 4  # two shifts, watchers and canvassers an hour apart


def test_the_texted_are_nobody(told: Told) -> None:
    people = told.rows("contacts.csv")
    assert len(people) > 20_000
    assert all(re.fullmatch(r"\+1\d{3}55501\d{2}", row["phone"]) and row["first_name"] in PLANTS for row in people)
    assert len({row["phone"] for row in people}) == len(people)
    assert load_texting(told.folder).sender == "dryrun"
