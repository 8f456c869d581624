"""Volunteers and their shifts. Names are invented words; numbers are of the range kept for fiction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warroom.demo.city.build import City
from warroom.demo.city.coverage import to_lonlat
from warroom.demo.words import LANGUAGES, PLANTS, SKILLS, TRADES

VOLUNTEERS = 260
AREA_CODES = (207, 603, 978)  # 555-0100 to 555-0199 belong to nobody in every area code
SHIFTS = ((-30.0, 390.0), (380.0, 800.0))  # minutes from the opening


@dataclass(frozen=True)
class Volunteer:
    """One invented person; `home` is (lon, lat) inside the city."""

    id: str
    name: str
    phone: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    has_car: bool
    home: NDArray[np.float64]
    near: int  # the precinct they live in


@dataclass(frozen=True)
class Shift:
    """One volunteer's duty, minutes from the opening; a watcher has a site, a canvasser a precinct too."""

    volunteer: int
    site: int
    precinct: int | None
    role: str
    start: float
    stop: float


def build_volunteers(rng: np.random.Generator, city: City) -> tuple[Volunteer, ...]:
    """260 people, spread over the city as its voters are."""
    names = rng.choice(len(PLANTS) * len(TRADES), VOLUNTEERS, replace=False)
    homes = rng.choice(len(city.at), VOLUNTEERS, p=city.registered / city.registered.sum())
    numbers = rng.choice(100 * len(AREA_CODES), VOLUNTEERS, replace=False)
    out = []
    for k in range(VOLUNTEERS):
        skills = rng.choice(len(SKILLS), rng.integers(1, 4), replace=False)
        languages = {"en", *rng.choice(LANGUAGES[1:], int(rng.random() < 0.35) + int(rng.random() < 0.06))}
        out.append(
            Volunteer(
                id=f"V{k + 1:03d}",
                name=f"{PLANTS[names[k] // len(TRADES)]} {TRADES[names[k] % len(TRADES)]}",
                phone=f"+1{AREA_CODES[numbers[k] // 100]}55501{numbers[k] % 100:02d}",
                skills=tuple(SKILLS[s] for s in sorted(skills)),
                languages=tuple(sorted(str(code) for code in languages)),
                has_car=bool(rng.random() < 0.62),
                home=to_lonlat(city.at[homes[k]] + rng.normal(0, 9, 2)),
                near=int(homes[k]),
            )
        )
    return tuple(out)


def build_shifts(
    rng: np.random.Generator, city: City, people: tuple[Volunteer, ...], gap_site: int
) -> tuple[Shift, ...]:
    """Two shifts. Each volunteer has one, a quarter have both; half watch a site near home, half canvass.

    `gap_site` always has two watchers in the morning: the ones who will not come.
    """
    out = []
    for k, person in enumerate(people):
        gap = np.hypot(*(city.site_at - city.at[person.near]).T)
        watch = k < 2 or rng.random() < 0.5
        which = [0, 1] if rng.random() < 0.25 else [int(rng.random() < 0.5)]
        for number in [0] if k < 2 else which:
            start, stop = SHIFTS[number]
            site = gap_site if k < 2 else int(np.argsort(gap, kind="stable")[rng.integers(0, 5)])
            if watch:
                out.append(Shift(k, site, None, "poll_watcher", start, stop))
            else:
                precinct = int(rng.choice(city.of_site(site)))
                out.append(Shift(k, site, precinct, "canvasser", start + 60, stop - 20))
    return tuple(out)
