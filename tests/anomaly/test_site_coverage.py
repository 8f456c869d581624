"""Coverage: need, plan and presence by hand-made cases; absent is not the same as never heard of."""

import msgspec
import pytest

from anomaly.coverage import Coverage, CoverageSettings, CoveredSite, cover, coverage_alerts, need_of
from anomaly.dispatch import absent_in
from anomaly.peopletable import coverage_table
from anomaly.presence import by_volunteer, settled, shift_states, stays
from warroom.domain.volunteers import PlannedShift, Whereabouts

MINUTE = 60_000
OPENS, CLOSE = 100 * 60 * MINUTE, 113 * 60 * MINUTE  # 13 hours
SETTINGS = CoverageSettings()
S1 = CoveredSite("S1", 4, 1_500.0, "North")


def at(minute: float) -> int:
    return OPENS + round(minute * MINUTE)


def shift(volunteer="V1", start=-30, end=390, site="S1", role="poll_watcher", precinct="") -> PlannedShift:
    return PlannedShift(
        volunteer_id=volunteer, start_ms=at(start), end_ms=at(end), site_id=site, role=role, precinct_id=precinct
    )


def said(minute: float, status, volunteer="V1", site="S1", precinct="") -> Whereabouts:
    return Whereabouts(volunteer_id=volunteer, status=status, at_ms=at(minute), site_id=site, precinct_id=precinct)


OTHER = said(-60, "checked_in", "V9", "S9")  # somebody somewhere: shift reports do come today


def covered(minute, shifts, reports, sites=(S1,)) -> Coverage:
    return cover(
        sites, shifts, by_volunteer(reports), now_ms=at(minute), opens_ms=OPENS, close_ms=CLOSE, settings=SETTINGS
    )


def gaps(minute, shifts, reports, sites=(S1,)):
    return [(w.place, w.severity) for w in coverage_alerts(covered(minute, shifts, reports, sites), {}, SETTINGS)]


@pytest.mark.parametrize(("precincts", "ballots", "need"), [(6, 3_000, 1), (7, 100, 2), (1, 3_001, 2)])
def test_a_large_site_needs_two(precincts, ballots, need):
    assert need_of(CoveredSite("S", precincts, ballots), SETTINGS) == need


def test_who_has_checked_in_is_there_and_who_left_is_not():
    here = [said(-40, "checked_in"), said(-20, "on_site")]
    assert covered(30, [shift()], here).sites[0].here == 1
    assert covered(30, [shift()], here).covered == 1
    [site] = covered(61, [shift()], [*here, said(60, "left")]).sites
    assert (site.here, site.missing) == (0, (("V1", "left"),))


def test_a_no_show_counts_twenty_minutes_into_the_shift():
    assert covered(-11, [shift()], [OTHER]).no_shows == 0
    assert covered(-10, [shift()], [OTHER]).no_shows == 1
    assert covered(-20, [shift()], [OTHER, said(-25, "no_show")]).no_shows == 1  # told before


def test_a_gap_is_an_alert_while_the_polls_are_open():
    assert gaps(-5, [shift()], [OTHER]) == []  # not open yet
    assert gaps(5, [shift()], [OTHER]) == [("S1", "medium")]
    assert gaps(375, [shift()], [OTHER]) == []  # nearly over: no hunt for the one who stayed away


@pytest.mark.parametrize(("ballots", "severity"), [(900, "low"), (1_500, "medium"), (3_500, "high")])
def test_severity_follows_the_voters_expected_there(ballots, severity):
    site = CoveredSite("S1", 4, ballots, "North")
    assert gaps(5, [shift(), shift("V2")], [OTHER], [site]) == [("S1", severity)]


def test_somebody_on_the_way_is_given_time():
    coming = [OTHER, said(-15, "en_route")]
    assert gaps(5, [shift()], coming) == []
    assert gaps(20, [shift()], coming) == [("S1", "medium")]


def test_without_any_shift_report_nobody_is_called_absent():
    found = covered(60, [shift()], [])
    assert not found.heard
    assert found.no_shows == 0
    assert found.shifts[0].state == "unknown"
    assert found.sites[0].seen == (None,) * 13
    assert gaps(60, [shift()], []) == []


def test_reports_of_the_week_before_say_nothing_of_today():
    test_report = Whereabouts(volunteer_id="V1", status="checked_in", at_ms=at(-3 * 1440), site_id="S1")
    assert not covered(60, [shift()], [test_report]).heard


def test_who_tried_the_phone_days_before_is_not_held_to_be_there():
    tried = said(-3 * 24 * 60, "on_site", site="S1")
    found = covered(60, [], [tried, OTHER])
    assert (found.on_site, found.sites[0].here) == (1, 0)  # only the one heard of today


def test_a_canvasser_at_the_doors_covers_no_site():
    doors = shift(role="canvasser", precinct="P1")
    assert covered(30, [doors], [said(-5, "on_site", precinct="P1")]).sites[0].here == 0
    assert covered(30, [doors], [said(-5, "on_site", precinct="P1")]).on_site == 1


def test_somebody_sent_elsewhere_counts_where_they_stand():
    sites = [S1, CoveredSite("S2", 4, 1_000.0, "North")]
    moved = [said(-5, "on_site"), said(60, "en_route", site="S2"), said(75, "on_site", site="S2")]
    found = {s.site: s.here for s in covered(70, [shift()], moved, sites).sites}
    assert found == {"S1": 0, "S2": 0}
    found = {s.site: s.here for s in covered(80, [shift()], moved, sites).sites}
    assert found == {"S1": 0, "S2": 1}


def test_signing_in_for_the_next_site_does_not_end_this_stay():
    shifts = [shift(), shift(start=380, end=800, site="S2")]
    reports = [said(-5, "on_site"), said(350, "checked_in", site="S2")]
    assert covered(360, shifts, reports).sites[0].here == 1


def test_two_shifts_in_a_row_at_one_site_are_one_stay():
    shifts = [shift(), shift(start=380, end=800)]
    reports = [said(-5, "on_site"), said(385, "on_site"), said(400, "left")]
    assert covered(420, shifts, reports).sites[0].here == 1
    moves = settled(by_volunteer(reports), shifts)
    assert [s.state for s in shift_states(shifts, moves, at(420), heard=True)] == ["over", "here"]
    assert len(stays(moves, shifts, at(420), CLOSE)) == 1


def test_nobody_stays_for_ever():
    assert covered(390 + 59, [shift()], [said(-5, "on_site")]).sites[0].here == 1
    assert covered(390 + 61, [shift()], [said(-5, "on_site")]).sites[0].here == 0


def test_the_hours_tell_plan_and_presence():
    [site] = covered(150, [shift()], [said(0, "on_site"), said(100, "left")]).sites
    assert site.planned == (1,) * 6 + (1,) + (0,) * 6  # the shift ends half way through the seventh hour
    assert site.seen == (1, 1, 0) + (None,) * 10


def test_what_nobody_ever_planned_is_told_once_for_all():
    sites = [CoveredSite(f"S{n}", 4, 1_000.0, "North") for n in range(30)]
    assert gaps(60, [shift(site="S0")], [said(-5, "on_site", site="S0")], sites) == [("plan", "low")]


def test_a_large_site_without_a_plan_has_an_alert_of_its_own():
    sites = [S1, CoveredSite("BIG", 12, 5_000.0, "North")]
    assert ("BIG", "medium") in gaps(60, [shift()], [said(-5, "on_site")], sites)


def test_many_gaps_of_one_region_are_told_as_one():
    sites = [CoveredSite(f"S{n}", 4, 1_000.0, "North") for n in range(9)]
    shifts = [shift(f"V{n}", site=f"S{n}") for n in range(9)]
    assert gaps(10, shifts, [OTHER], sites) == [("region North", "high")]
    assert len(gaps(10, shifts[:5], [OTHER], sites[:5])) == 5


def test_a_day_without_shifts_raises_nothing():
    assert gaps(60, [], [OTHER]) == []


def test_no_reason_names_more_than_ids():
    [alert] = coverage_alerts(covered(5, [shift()], [OTHER]), {"S1": "School"}, SETTINGS)
    assert "V1 has not come" in alert.reason


def test_who_took_a_shift_back_in_the_night_stays_away_until_something_else_is_heard():
    late, off = shift(start=300, end=600), said(-7 * 60, "no_show")  # midnight, the polls open at seven
    for minute in (10, 290, 310):
        assert [s.state for s in covered(minute, [late], [off, OTHER]).shifts] == ["no_show"]
    assert sum(covered(10, [late], [off, OTHER]).sites[0].planned) == 0
    again = said(-6 * 60, "scheduled")
    assert [s.state for s in covered(10, [late], [off, again, OTHER]).shifts] == ["ahead"]
    assert not covered(10, [late], [off]).heard


def test_who_is_missing_reaches_the_suggestions(tuesday):
    shifts = [shift(), shift("V2"), shift("V3", start=300, end=600)]
    reports = {"V2": [said(-5, "on_site", "V2")], "V1": []}
    for minute, absent in ((-15, set()), (5, {("V1", at(-30))})):
        found = covered(minute, shifts, [r for rows in reports.values() for r in rows] + [OTHER])
        assert absent_in(msgspec.json.encode(coverage_table(found, {}, reports, tuesday))) == absent
