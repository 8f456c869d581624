"""Each event of the story can be seen in the reports, where and when the story says."""

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from demo_told import Told


def at(report: dict[str, str]) -> datetime:
    return datetime.fromisoformat(report["at"])


def general_history(told: Told) -> Counter[str]:
    """{precinct: ballots of all earlier generals}."""
    out = Counter[str]()
    for row in told.rows("history.csv"):
        if row["type"] == "general":
            out[row["precinct_id"]] += int(row["ballots"])
    return out


def share_of_history(told: Told, counts: dict[str, float], where: set[str]) -> float:
    """Counts in `where` against the rest of the city, each over its history; 1 is what history implies."""
    past = general_history(told)

    def ratio(ids: set[str]) -> float:
        return sum(counts[p] for p in ids) / sum(past[p] for p in ids)

    return ratio(where) / ratio(set(counts) - where)


def test_the_story_is_told_in_order_and_names_places_that_exist(told: Told) -> None:
    ids = set(told.precincts) | {row["site_id"] for row in told.precincts.values()}
    starts = [event.at for event in told.story.events]
    assert starts == sorted(starts)
    assert all(event.where and set(event.where) <= ids for event in told.story.events)
    assert all(event.until is None or event.until > event.at for event in told.story.events)


def test_one_neighbourhood_stays_home(told: Told) -> None:
    event = told.story.of("low_turnout")
    where = set(event.where)
    assert len({told.precincts[p]["region"] for p in where}) == 1
    assert 50 < len(where) < 150
    early_rows = told.rows("early_vote.csv")
    last = max(row["as_of"] for row in early_rows)
    final = {p: float(sorted(c for _, c in seen)[-3]) for p, seen in told.readings().items()}
    for row in early_rows:
        if row["as_of"] == last:
            final[row["precinct_id"]] += int(row["count"])
    assert 0.62 < share_of_history(told, final, where) < 0.73
    mid_morning = told.count_at(event.at + timedelta(hours=3, minutes=30))
    assert share_of_history(told, mid_morning, where) < 0.72


def test_the_neighbourhood_that_stays_home_is_one_piece_of_the_map(told: Told) -> None:
    where = set(told.story.of("low_turnout").where)
    owner, touching = {}, defaultdict(set)
    for f in json.loads((told.folder / "precincts.geojson").read_text())["features"]:
        name = f["properties"]["precinct_id"]
        for ring in f["geometry"]["coordinates"]:
            owner |= {(tuple(a), tuple(b)): name for a, b in pairwise(ring)}
    for (a, b), name in owner.items():
        if (b, a) in owner:
            touching[name].add(owner[b, a])
    reached, open_ends = set(), [min(where)]
    while open_ends:
        here = open_ends.pop()
        if here not in reached:
            reached.add(here)
            open_ends += touching[here] & where
    assert reached == where


def test_a_typo_comes_in_and_is_put_right(told: Told) -> None:
    event = told.story.of("suspect_report")
    (precinct,) = event.where
    assert event.at.strftime("%H:%M") in {"09:38", "09:39", "09:40", "09:41"}
    wrong = [r for r in told.of_kind("checkins") if r["precinct"] == precinct and at(r) == event.at]
    assert len(wrong) == 1
    assert wrong[0]["count"] > int(told.precincts[precinct]["registered"])
    fix = [
        r for r in told.of_kind("correction") if (r["corrects"], r["source"]) == (wrong[0]["id"], wrong[0]["source"])
    ]
    assert [wrong[0]["count"] // r["count"] for r in fix] == [10]
    later = [c for seen, c in told.readings()[precinct] if event.at < seen]
    assert later[0] < 2 * fix[0]["count"]


def test_a_machine_breaks_and_check_ins_stop_at_the_whole_site(told: Told) -> None:
    event = told.story.of("stoppage")
    site, *precincts = event.where
    assert event.until is not None and len(precincts) >= 5
    for p in precincts:
        seen = told.readings()[p]
        during = [c for t, c in seen if event.at <= t <= event.until]
        assert len(during) >= 4 and len(set(during)) == 1
        assert max(c for _, c in seen) > during[0]
    first = next(r for r in told.of_kind("incident") if r.get("site") == site)
    assert first["severity"] == "high" and event.at <= at(first) <= event.at + timedelta(minutes=5)
    waits = [r["minutes"] for r in told.of_kind("wait") if r["site"] == site and event.at <= at(r) <= event.until]
    assert waits == sorted(waits) and waits[-1] > 60


def test_a_site_goes_silent_and_comes_back_with_its_votes(told: Told) -> None:
    event = told.story.of("silent")
    site, *precincts = event.where
    assert event.until is not None
    source = f"site {site}"
    heard = [
        datetime.fromisoformat(r["received"])
        for r in told.reports
        if r["source"] == source or r.get("site") == site or r.get("precinct") in precincts
        if r["kind"] != "contact"
    ]
    assert not [t for t in heard if event.at <= t < event.until]
    for p in precincts:
        before = max(c for t, c in told.readings()[p] if t < event.at)
        after = min((t, c) for t, c in told.readings()[p] if t >= event.until)
        assert after[0] < event.until + timedelta(minutes=10)
        assert after[1] > before


def test_check_ins_slow_down_in_part_of_a_neighbourhood(told: Told) -> None:
    event = told.story.of("slowdown")
    where = set(event.where) & set(told.precincts)
    assert event.until is not None and len(where) >= 10
    start, stop = told.count_at(event.at), told.count_at(event.until)
    gain = {p: stop[p] - start[p] for p in start}
    assert share_of_history(told, gain, where) < 0.65
    region = {told.precincts[p]["region"] for p in where}
    assert len(region) == 1
    assert len(where) < sum(row["region"] in region for row in told.precincts.values())


def test_a_line_grows_past_an_hour_there_and_nowhere_else_but_at_the_broken_machines(told: Told) -> None:
    event = told.story.of("long_wait")
    long = [r for r in told.of_kind("wait") if r["minutes"] > 60]
    assert {r["site"] for r in long} == {event.where[0], told.story.of("stoppage").where[0]}
    assert event.until is not None
    assert sum(event.at <= at(r) <= event.until for r in long if r["site"] == event.where[0]) >= 3


def test_the_watchers_of_one_site_do_not_turn_up(told: Told) -> None:
    event = told.story.of("coverage_gap")
    missing = [r for r in told.of_kind("shift") if r["status"] == "no_show" and r["site"] == event.where[0]]
    assert {r["volunteer"] for r in missing if at(r) == event.at} == {"V001", "V002"}
