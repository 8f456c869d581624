"""Everything a day reports besides check-ins: lines, incidents, volunteers, doors, money."""

from typing import Any

import numpy as np

from warroom.demo.arrivals import Arrivals
from warroom.demo.city.build import City
from warroom.demo.city.coverage import to_lonlat
from warroom.demo.drafts import Draft
from warroom.demo.people import Shift, Volunteer
from warroom.demo.story import Plot

INCIDENTS = (
    ("late_opening", "medium", "Doors opened late; voters were waiting outside."),
    ("supplies", "low", "Running short of pens and privacy sleeves."),
    ("supplies", "medium", "Few paper ballots left of one style; more on the way."),
    ("accessibility", "medium", "The ramp is blocked by a delivery van."),
    ("electioneering", "low", "Leaflets handed out too near the door; moved back when asked."),
    ("parking", "low", "Parking lot full; voters circle the block."),
    ("machine", "low", "Scanner jammed and cleared within minutes."),
    ("power", "medium", "Lights out for a few minutes; voting went on."),
    ("poll_book", "medium", "One electronic poll book restarts slowly."),
)
RESULTS = ("not_home", "spoke", "voted", "refused", "needs_ride", "moved")
RESULT_ODDS = (0.46, 0.24, 0.15, 0.08, 0.03, 0.04)
CAMPAIGN = "port-marlow-votes"


def wait_drafts(
    rng: np.random.Generator, city: City, plot: Plot, arrivals: Arrivals, source: list[str], minutes_open: int
) -> list[Draft]:
    """The line at each site about every 75 minutes; it follows the last half hour's arrivals."""
    out = []
    for site, site_id in enumerate(city.site_ids):
        precincts = city.of_site(site)
        desks = max(1.0, sum(len(arrivals.times[p]) for p in precincts) / 330)
        t = rng.uniform(25, 80)
        minutes = []
        while t < minutes_open - 5:
            rush = sum(arrivals.count(int(p), t) - arrivals.count(int(p), t - 30) for p in precincts)
            minutes.append((t, int(min(40, rng.gamma(4, 0.25) * (2 + 0.45 * rush / desks)))))
            t += rng.uniform(55, 95)
        out += [
            Draft("wait", t, t + rng.uniform(0.2, 1.5), source[site], {"site": site_id, "minutes": m})
            for t, m in _story_lines(site, plot, minutes)
        ]
    return out


def _story_lines(site: int, plot: Plot, waits: list[tuple[float, int]]) -> list[tuple[float, int]]:
    told: list[tuple[float, int]] = []
    if site == plot.broken_site:
        told = [(172, 15), (182, 30), (197, 45), (215, 60), (235, 75), (255, 80), (272, 50), (295, 25)]
    if site == plot.line_site:
        told = [(610, 35), (630, 62), (650, 74), (672, 80), (695, 66), (715, 40), (740, 20)]
    if told:
        waits = [(t, m) for t, m in waits if not told[0][0] - 10 < t < told[-1][0] + 20]
    if site == plot.silent_site:
        waits = [(t, m) for t, m in waits if not plot.silent.start - 2 < t < plot.silent.stop]
    return sorted(waits + told)


def incident_drafts(
    rng: np.random.Generator, city: City, plot: Plot, source: list[str], minutes_open: int
) -> list[Draft]:
    """About 45 small ones anywhere, and those of the story."""

    def at_site(site: int, minute: float, category: str, severity: str, text: str) -> Draft:
        body = {"site": city.site_ids[site], "category": category, "severity": severity, "text": text}
        return Draft("incident", minute, minute + rng.uniform(0.3, 2), source[site], body)

    free = [s for s in range(len(city.site_ids)) if s not in plot.special_sites]
    out = []
    for _ in range(45):
        kind = INCIDENTS[rng.integers(len(INCIDENTS))]
        minute = rng.uniform(2, 25) if kind[0] == "late_opening" else rng.uniform(20, minutes_open)
        out.append(at_site(int(rng.choice(free)), minute, *kind))
    broken, line, slow = plot.broken_site, plot.line_site, plot.slow_sites[0]
    return [
        *out,
        at_site(
            broken,
            plot.broken.start + 2,
            "machine",
            "high",
            "Both machines down. Technician called.",
        ),
        at_site(broken, plot.broken.start + 40, "machine", "high", "Still down; voters leave the line."),
        at_site(broken, plot.broken.stop + 1, "machine", "low", "Both machines repaired, voting again."),
        at_site(slow, plot.slow.start + 12, "access", "medium", "Underpass flooded; buses turn back."),
        at_site(line, plot.line.start + 8, "line", "medium", "The line reaches round the block."),
    ]


def shift_drafts(
    rng: np.random.Generator, city: City, plot: Plot, people: tuple[Volunteer, ...], shifts: tuple[Shift, ...]
) -> list[Draft]:
    """Volunteers check in, go, arrive and leave; the two watchers of the story's empty site never come."""
    out = []
    for shift in shifts:
        person = people[shift.volunteer]
        place = {"site": city.site_ids[shift.site]}
        if shift.precinct is not None:
            place["precinct"] = city.precinct_ids[shift.precinct]
        missing = shift.volunteer < 2
        if missing or rng.random() < 0.025:
            steps = [(plot.gap_minute if missing else shift.start + rng.uniform(40, 70), "no_show")]
        else:
            late = rng.exponential(9)
            steps = [
                (shift.start - rng.uniform(15, 35), "checked_in"),
                (shift.start - rng.uniform(2, 14), "en_route"),
                (shift.start + late, "on_site"),
                (shift.stop + rng.uniform(-15, 15), "left"),
            ]
        for minute, status in steps:
            if shift.site == plot.silent_site and plot.silent.holds(minute + 2):
                continue
            body: dict[str, Any] = {"volunteer": person.id, "status": status, **place}
            if status == "on_site":
                lon, lat = to_lonlat(city.site_at[shift.site] + rng.normal(0, 25, 2))
                body |= {"lat": float(lat), "lon": float(lon)}
            out.append(Draft("shift", minute, minute + rng.uniform(0, 1), "field app", body))
    return out


def contact_drafts(
    rng: np.random.Generator, city: City, people: tuple[Volunteer, ...], shifts: tuple[Shift, ...]
) -> list[Draft]:
    """Doors knocked and numbers called, a few an hour for every canvasser."""
    out = []
    for shift in shifts:
        if shift.precinct is None:
            continue
        around = [*city.of_site(shift.site)]
        channel = "phone" if "phone_bank" in people[shift.volunteer].skills else "door"
        t = shift.start + rng.uniform(15, 30)
        while t < shift.stop - 5:
            body = {
                "precinct": city.precinct_ids[int(rng.choice(around))],
                "channel": channel,
                "result": RESULTS[rng.choice(len(RESULTS), p=RESULT_ODDS)],
                "volunteer": people[shift.volunteer].id,
            }
            out.append(Draft("contact", t, t + rng.uniform(0, 2), "field app", body))
            t += rng.uniform(7, 18)
    return out


def money_drafts(rng: np.random.Generator, minutes_open: int) -> list[Draft]:
    """Small gifts all day and a dozen bills for advertising, in cents."""
    gifts = [
        Draft("money", t, t + 0.2, "donations", {"amount": int(rng.choice(amounts)), "campaign": CAMPAIGN})
        for amounts in [(500, 1_000, 1_500, 2_500, 2_500, 5_000, 10_000)]
        for t in np.sort(rng.uniform(-60, minutes_open, 260)).tolist()
    ]
    bills = [
        Draft("ad", t, t + 0.2, "ad desk", {"amount": int(rng.integers(8, 60)) * 2_500, "campaign": CAMPAIGN})
        for t in np.sort(rng.uniform(0, minutes_open - 60, 12)).tolist()
    ]
    return gifts + bills
