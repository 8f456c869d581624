"""Incidents: many reports of one trouble are one alert; it ends by word or by silence."""

import itertools

from anomaly.incidents import MOST_TEXT, IncidentReport, group, incident_alerts

MINUTE = 60_000


def report(minute: int, reported: str, severity="medium", text="", site="S1") -> IncidentReport:
    return IncidentReport(site=site, reported=reported, severity=severity, at_ms=minute * MINUTE, text=text)


def clock(at_ms: int) -> str:
    return f"07:{at_ms // MINUTE:02d}"


def open_now(reports, minute):
    return {(w.place, w.severity) for w in incident_alerts(group(reports, minute * MINUTE), clock)}


STORY = [
    report(0, "machine", "high", "Both down."),
    report(5, "scanner", "medium"),
    report(6, "line", "low"),
    report(7, "machine", "high", site="S2"),
]


def test_reports_are_grouped_by_site_and_category():
    assert open_now(STORY, 10) == {("S1:machine", "medium"), ("S1:long_line", "low"), ("S2:machine", "high")}


def test_the_order_of_arrival_does_not_matter():
    told = {tuple(map(repr, group(order, 10 * MINUTE))) for order in itertools.permutations(STORY)}
    assert len(told) == 1


def test_a_resolving_report_ends_its_category_and_a_bare_one_its_site():
    assert open_now([*STORY, report(8, "machine resolved")], 10) == {("S1:long_line", "low"), ("S2:machine", "high")}
    assert open_now([*STORY, report(8, "resolved")], 10) == {("S2:machine", "high")}


def test_trouble_after_a_resolution_opens_again_with_a_fresh_count():
    reports = [*STORY, report(8, "resolved"), report(9, "machine", "low")]
    [machine] = [g for g in group(reports, 10 * MINUTE) if g.site == "S1" and g.category == "machine"]
    assert (machine.over, machine.count, machine.first_ms) == ("", 1, 9 * MINUTE)


def test_without_a_new_report_it_ends_by_itself_the_milder_the_sooner():
    assert open_now([report(0, "power", "low")], 60)
    assert not open_now([report(0, "power", "low")], 61)
    assert open_now([report(0, "power", "high")], 180)
    assert not open_now([report(0, "power", "high")], 181)


def test_an_unknown_category_keeps_the_reporters_word_and_no_alert_repeats_what_people_wrote():
    [found] = group([report(0, "Zora in the gym"), report(3, "Zora again", text="Zora shouts")], MINUTE)
    assert (found.category, found.reported, found.text) == ("other", ("Zora in the gym", "Zora again"), "Zora shouts")
    [alert] = incident_alerts([found], clock)
    assert "Zora" not in repr(alert)
    assert alert.reason == "Other, medium: 2 reports, the last at 07:03."


def test_what_the_legal_desk_must_know_is_said():
    [alert] = incident_alerts(group([report(0, "harassment", "low")], MINUTE), clock)
    assert "legal desk" in alert.reason
    [jam] = incident_alerts(group([report(0, "scanner", "low")], MINUTE), clock)
    assert jam.reason == "Voting machine, low: reported at 07:00."


def test_a_number_to_call_back_is_masked_and_a_novel_is_cut():
    [found] = group([report(0, "power", text="Call Ann at (207) 555-0194 " + "now " * 200)], MINUTE)
    assert "555" not in found.text
    assert len(found.text) <= MOST_TEXT
