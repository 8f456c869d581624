"""Puts the made-up day together and writes its folder."""

import datetime
import tomllib
from pathlib import Path

import numpy as np

from warroom.demo.arrivals import build_arrivals
from warroom.demo.chatter import contact_drafts, incident_drafts, money_drafts, shift_drafts, wait_drafts
from warroom.demo.city.build import CITY_NAME, build_city
from warroom.demo.dirt import add_dirt
from warroom.demo.drafts import write_down
from warroom.demo.people import build_shifts, build_volunteers
from warroom.demo.readings import add_typo, checkin_drafts, sources
from warroom.demo.story import DemoStory, build_plot, tell
from warroom.demo.texting import write_texting
from warroom.demo.voters import PAST, build_turnout
from warroom.demo.writing import write_day_toml, write_people, write_places, write_reports, write_votes
from warroom.domain.election import ElectionDay

DEFAULT_DATE = datetime.date(2026, 11, 3)


def demo_day(date: datetime.date) -> ElectionDay:
    """The made-up city's general election on a date."""
    return ElectionDay(
        name=f"{CITY_NAME} general election",
        date=date,
        timezone="America/New_York",
        polls_open=datetime.time(7),
        polls_close=datetime.time(20),
        type="general",
    )


def is_demo_day(folder: Path) -> bool:
    """Whether a folder is a day that `write_demo_day` wrote."""
    try:
        told = tomllib.loads((folder / "day.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return told.get("name") == demo_day(DEFAULT_DATE).name


def write_demo_day(folder: Path, seed: int = 7, date: datetime.date | None = None) -> DemoStory:
    """Writes a complete day folder (contract 1) of the made-up city and returns its story.

    About 1,200 precincts at 210 sites, 36,000 reports; the same seed and date write the same
    bytes. Makes the folder where it is missing and overwrites the files of an earlier run.
    Raises ValueError for a date that is not after the city's last earlier election.
    """
    day = demo_day(date or DEFAULT_DATE)
    if day.date <= PAST[-1].date:
        raise ValueError(f"the demo's date must be after {PAST[-1].date}, its last election; got {day.date}")
    draw = [np.random.default_rng([seed, 2, k]) for k in range(12)]
    city = build_city(seed)
    plot = build_plot(city)
    open_minutes = day.minutes_open
    turnout = build_turnout(draw[0], city, plot, day.date.year)
    arrivals = build_arrivals(draw[1], city, plot, turnout.day, open_minutes)
    people = build_volunteers(draw[2], city)
    shifts = build_shifts(draw[3], city, people, plot.gap_site)
    source = sources(draw[4], city, plot, shifts)
    drafts = checkin_drafts(draw[5], city, plot, arrivals, source, open_minutes)
    typo = add_typo(city, plot, drafts, source)
    drafts += add_dirt(draw[6], drafts, frozenset(source[s] for s in plot.special_sites))
    drafts += wait_drafts(draw[7], city, plot, arrivals, source, open_minutes)
    drafts += incident_drafts(draw[8], city, plot, source, open_minutes)
    drafts += shift_drafts(draw[9], city, plot, people, shifts)
    drafts += contact_drafts(draw[10], city, people, shifts)
    drafts += money_drafts(draw[11], open_minutes)
    folder.mkdir(parents=True, exist_ok=True)
    write_day_toml(folder, day)
    write_places(folder, city)
    write_votes(folder, np.random.default_rng([seed, 3]), city, turnout, day)
    write_people(folder, city, people, shifts, day)
    write_reports(folder, write_down(drafts, day))
    write_texting(folder, np.random.default_rng([seed, 4]), city)
    return tell(city, day, plot, typo)
