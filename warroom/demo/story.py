"""The day's story: what goes wrong, where and when. Told once here, then carried out in the data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from warroom.demo.city.build import CITY_NAME, City
from warroom.domain.election import ElectionDay

StoryKind = Literal["low_turnout", "suspect_report", "stoppage", "silent", "slowdown", "long_wait", "coverage_gap"]
HOME, BREAK, SILENT, SLOW, LINE, GAP, TYPO = (
    "Millrace", "Ropewalk", "Gull Point", "Fairmead", "Lantern Hill", "Saltmarsh", "Old Town",
)  # fmt: skip


@dataclass(frozen=True)
class StoryEvent:
    """One thing that happens. `where` holds precinct and site ids; `until` is None where nothing ends it."""

    at: datetime
    what: StoryKind
    where: tuple[str, ...]
    text: str
    until: datetime | None = None


@dataclass(frozen=True)
class DemoStory:
    """The events of one made-up day in the order in which they begin."""

    city: str
    events: tuple[StoryEvent, ...]

    def of(self, what: StoryKind) -> StoryEvent:
        """The first event of a kind. Raises StopIteration where the story has none."""
        return next(event for event in self.events if event.what == what)


@dataclass(frozen=True)
class Span:
    """Minutes from the opening of the polls."""

    start: float
    stop: float

    def holds(self, minute: float) -> bool:
        """True from the start up to the stop."""
        return self.start <= minute < self.stop


@dataclass(frozen=True)
class Plot:
    """The story as places of one city: indices of precincts or sites, and spans of minutes.

    With polls open at 07:00, minute 160 is 09:40: ten minutes after the demo's clock begins.
    """

    home: tuple[int, ...]
    broken_site: int
    silent_site: int
    slow_sites: tuple[int, ...]
    line_site: int
    gap_site: int
    typo_sites: tuple[int, ...]
    broken: Span = Span(170, 260)
    silent: Span = Span(195, 390)
    slow: Span = Span(480, 585)
    line: Span = Span(625, 705)
    gap_minute: float = 185
    typo_minute: float = 159.5
    home_early_share: float = 0.85
    home_day_share: float = 0.63
    slow_share: float = 0.25

    @property
    def special_sites(self) -> frozenset[int]:
        """Sites with a part in the story; ordinary dirt leaves them alone so that the story stays plain."""
        return frozenset(
            {
                self.broken_site,
                self.silent_site,
                self.line_site,
                self.gap_site,
                *self.slow_sites,
                *self.typo_sites,
            }
        )


def build_plot(city: City) -> Plot:
    """Gives every part to a place: the biggest site of its neighbourhood, or the sites around one."""
    voters = np.bincount(city.site, city.registered)

    def biggest(region: str, rank: int = 0) -> int:
        sites = city.sites_in(region)
        return int(sites[np.argsort(-voters[sites], kind="stable")[rank]])

    slow = city.sites_in(SLOW)
    middle = slow[np.hypot(*(city.site_at[slow] - city.site_at[slow].mean(axis=0)).T).argmin()]
    near = slow[np.argsort(np.hypot(*(city.site_at[slow] - city.site_at[middle]).T), kind="stable")[:3]]
    home = {int(s) for s in city.sites_in(HOME)}
    typo = city.sites_in(TYPO)
    biggest_precinct = np.array([city.registered[city.of_site(s)].max() for s in typo])
    return Plot(
        home=tuple(int(p) for p in np.flatnonzero([s in home for s in city.site])),
        broken_site=biggest(BREAK),
        silent_site=biggest(SILENT),
        slow_sites=tuple(int(s) for s in near),
        line_site=biggest(LINE),
        gap_site=biggest(GAP, 1),
        typo_sites=tuple(int(s) for s in typo[np.argsort(-biggest_precinct, kind="stable")[:5]]),
    )


@dataclass(frozen=True)
class Typo:
    """The reading that went wrong: what was meant, what came in, and when it was put right."""

    precinct: int
    meant: int
    sent: int
    sent_minute: float
    corrected_minute: float


def tell(city: City, day: ElectionDay, plot: Plot, typo: Typo) -> DemoStory:
    """The story in words, with the ids that a test or a reader looks up in the data."""

    def at(minute: float) -> datetime:
        return day.opens_at + timedelta(seconds=round(minute * 60))

    def sites(*which: int) -> tuple[str, ...]:
        precincts = [city.precinct_ids[p] for s in which for p in city.of_site(s)]
        return (*(city.site_ids[s] for s in which), *precincts)

    def name(site: int) -> str:
        return f"{city.site_names[site]} ({city.site_ids[site]})"

    broken, silent, line, gap = plot.broken_site, plot.silent_site, plot.line_site, plot.gap_site
    wrong = city.precinct_ids[typo.precinct]
    return DemoStory(
        CITY_NAME,
        (
            StoryEvent(
                at(0), "low_turnout", tuple(city.precinct_ids[p] for p in plot.home),
                f"{HOME} stays home: about a third fewer voters than its history implies, all day.",
                day.closes_at,
            ),
            StoryEvent(
                at(typo.sent_minute), "suspect_report", (wrong,),
                f"{wrong} reports {typo.sent} instead of {typo.meant}: a zero too many, "
                "more than are registered. The next reading and a correction put it right.",
                at(typo.corrected_minute),
            ),
            StoryEvent(
                at(plot.broken.start), "stoppage", sites(broken),
                f"Both voting machines at {name(broken)} break: check-ins stop until a technician has come. "
                "Some voters return later, some do not.",
                at(plot.broken.stop),
            ),
            StoryEvent(
                at(plot.gap_minute), "coverage_gap", (city.site_ids[gap],),
                f"The poll watchers of {name(gap)} do not turn up.",
            ),
            StoryEvent(
                at(plot.silent.start), "silent", sites(silent),
                f"{name(silent)} goes silent: people vote there as before, but no report comes in.",
                at(plot.silent.stop),
            ),
            StoryEvent(
                at(plot.slow.start), "slowdown", sites(*plot.slow_sites),
                f"A flooded underpass cuts off part of {SLOW}: check-ins slow down "
                f"at {len(plot.slow_sites)} sites.",
                at(plot.slow.stop),
            ),
            StoryEvent(
                at(plot.line.start), "long_wait", (city.site_ids[line],),
                f"The line at {name(line)} grows past an hour.",
                at(plot.line.stop),
            ),
        ),
    )  # fmt: skip
