"""Check-in reports: each site reads out its precincts every 20 to 45 minutes."""

import numpy as np

from warroom.demo.arrivals import Arrivals
from warroom.demo.city.build import City
from warroom.demo.drafts import Draft
from warroom.demo.people import Shift
from warroom.demo.story import Plot, Typo

PHONE_SITES = 0.10  # share of sites that report by a volunteer's phone, often late
WANTED_TYPO = 148


def sources(rng: np.random.Generator, city: City, plot: Plot, shifts: tuple[Shift, ...]) -> list[str]:
    """Who reports for each site: the site's own desk, or the volunteer who watches it."""
    watcher = {s.site: f"phone V{s.volunteer + 1:03d}" for s in shifts if s.precinct is None}
    out = []
    for site, site_id in enumerate(city.site_ids):
        phone = rng.random() < PHONE_SITES * 1.6 and site in watcher and site not in plot.special_sites
        out.append(watcher[site] if phone else f"site {site_id}")
    return out


def visit_minutes(rng: np.random.Generator, site: int, plot: Plot, minutes_open: int) -> list[float]:
    """When a site reads out its precincts: from soon after the opening to just after the close."""
    gap, t = rng.uniform(25, 38), rng.uniform(12, 42)
    visits = []
    while t < minutes_open - 8:
        visits.append(t)
        t += float(np.clip(gap * rng.uniform(0.8, 1.25), 20, 45))
    visits.append(minutes_open + rng.uniform(3, 18))
    if site == plot.broken_site:  # a site in trouble is asked more often
        asked = [plot.broken.start - 5, *np.arange(plot.broken.start + 6, plot.broken.stop + 30, 15)]
        visits = [v for v in visits if not asked[0] - 12 <= v <= asked[-1] + 12] + [float(v) for v in asked]
    if site == plot.silent_site:
        visits = [v for v in visits if not plot.silent.start - 8 <= v < plot.silent.stop + 8]
        visits += [plot.silent.start - 6, plot.silent.stop + 1]
    if site in plot.typo_sites:
        near = plot.typo_minute
        visits = [v for v in visits if not near - 20 <= v <= near + 44] + [near - 1.5, near + 24]
    return sorted(visits)


def checkin_drafts(
    rng: np.random.Generator, city: City, plot: Plot, arrivals: Arrivals, source: list[str], minutes_open: int
) -> list[Draft]:
    """Every true reading of the day: a site's precincts one after another within a few minutes."""
    out = []
    for site in range(len(city.site_ids)):
        precincts = city.of_site(site)
        by_phone = source[site].startswith("phone")
        for visit in visit_minutes(rng, site, plot, minutes_open):
            lag = rng.exponential(4) if by_phone else rng.uniform(0.2, 1.2)
            if by_phone and rng.random() < 0.12:
                lag += rng.uniform(15, 50)  # no signal inside the building
            for k, p in enumerate(precincts):
                at = visit + 0.35 * k + rng.uniform(0, 0.3)
                body = {"precinct": city.precinct_ids[p], "count": arrivals.count(int(p), at)}
                out.append(Draft("checkins", at, at + lag + rng.uniform(0, 0.4), source[site], body))
    return out


def add_typo(city: City, plot: Plot, drafts: list[Draft], source: list[str]) -> Typo:
    """Puts one zero too many into a reading near 09:40, and the correction behind it.

    Of the candidate sites' precincts whose tenfold is more than are registered it takes the one
    whose count is nearest to 148.
    """
    desks = {source[s] for s in plot.typo_sites}
    number = {name: k for k, name in enumerate(city.precinct_ids)}

    def registered(draft: Draft) -> int:
        return int(city.registered[number[draft.body["precinct"]]])

    near = [d for d in drafts if d.source in desks and abs(d.at - plot.typo_minute) < 3 and d.body["count"]]
    plain = [d for d in near if 10 * d.body["count"] > 1.05 * registered(d)]
    wrong = min(plain or near, key=lambda d: abs(d.body["count"] - WANTED_TYPO))
    meant = sent = wrong.body["count"]
    while sent <= registered(wrong):
        sent *= 10
    wrong.body = {**wrong.body, "count": sent}
    fixed = wrong.at + 31
    drafts.append(Draft("correction", fixed, fixed + 0.3, wrong.source, {"count": meant}, corrects=wrong))
    return Typo(number[wrong.body["precinct"]], meant, sent, wrong.at, fixed)
