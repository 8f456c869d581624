"""What an import was asked for, and the sources as read: each by itself, so that one bad file stops no other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from warroom.dayimport.archive import Members
from warroom.dayimport.areas import Areas
from warroom.dayimport.boundaries import read_areas
from warroom.dayimport.dayanswers import DayAnswers
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.rolls import Roll, polling_places, registered_voters
from warroom.dayimport.source import Source
from warroom.dayimport.vip import VipFeed, collect
from warroom.dayimport.vip_flat import read_feed


@dataclass(frozen=True)
class ImportRequest:
    """What the user asked for. `force` lets new values replace old ones; else they only fill what is blank."""

    out: Path
    answers: DayAnswers
    vip: Source | None = None
    precincts: Source | None = None
    precinct_property: str = ""
    registered: Source | None = None
    sites: Source | None = None
    history: tuple[Source, ...] = ()
    crosswalks: tuple[Source, ...] = ()
    points: Source | None = None
    force: bool = False
    keep_unmatched: bool = False
    place_sites: bool = False


@dataclass
class Read:
    """The sources as read; what could not be read is None and a fault."""

    feed: VipFeed | None = None
    areas: Areas | None = None
    rolls: list[Roll] = field(default_factory=list)


@contextmanager
def kept_going(findings: Findings) -> Iterator[None]:
    """A source that cannot be used is a fault; the others still count."""
    try:
        yield
    except ImportProblem as problem:
        findings.add(problem.fault)


def read_sources(request: ImportRequest, timezone: str, findings: Findings, progress: Callable[[str], None]) -> Read:
    read = Read()
    if request.vip:
        progress(f"reading {request.vip.file}")
        with kept_going(findings):
            members = Members(request.vip.path, findings)
            read.feed = collect(request.vip.file, read_feed(members, findings), timezone, findings)
    if request.precincts:
        progress(f"reading {request.precincts.file}")
        with kept_going(findings):
            read.areas = read_areas(request.precincts, timezone, findings)
    if request.sites:
        progress(f"reading {request.sites.file}")
        with kept_going(findings):
            read.rolls.append(polling_places(request.sites, timezone, findings))
    if request.registered:
        progress(f"reading {request.registered.file}")
        with kept_going(findings):
            read.rolls.append(registered_voters(request.registered, findings))
    return read
