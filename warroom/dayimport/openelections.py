"""OpenElections precinct results: https://openelections.net, one row for each candidate and precinct.

Ballots come from the pseudo-office "Ballots Cast"; where a file has none, the votes of its top contest stand in:
everyone who voted in it cast a ballot, so they are a lower bound. Seen in published files: a byte-order mark, a total
row of "Ballots Cast" beside one for each party, `votes` blank with the modes filled in, rows for the whole county.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from warroom.dayimport.elections import Election, same_party
from warroom.dayimport.findings import Findings
from warroom.dayimport.joining import Named
from warroom.dayimport.rawtext import number
from warroom.dayimport.results import Results
from warroom.dayimport.rolls import rows_of
from warroom.dayimport.source import Source

MODES = ("early_voting", "election_day", "provisional", "mail", "absentee")
_BALLOTS = re.compile(r"ballots cast( - total)?$", re.I)
_PSEUDO = re.compile(r"(ballots cast|registered voters|turnout|registered)", re.I)
_TOTAL = re.compile(r"(grand |county |election )?totals?:?$", re.I)
# contests for one seat that everyone may vote in, the fullest first
_TOP = (
    "president", "governor", "u.s. senate", "us senate", "mayor", "attorney general", "secretary of state",
    "u.s. house", "us house",
)  # fmt: skip


@dataclass
class _Unit:
    """What a precinct's rows add up to. Keys of `ballots` are parties ('' for all), of `votes` contests."""

    ballots: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    votes: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))


def read(source: Source, election: Election, findings: Findings) -> Results:
    """Ballots by precinct of an OpenElections file (or of several in one zip or folder)."""
    units: dict[tuple[str, str], _Unit] = defaultdict(_Unit)
    mixed = False  # the file holds another party's contests too: its unsplit Ballots Cast are everybody's
    for line, row in rows_of(source, findings, ("precinct", "office", "votes")):
        name, office = row["precinct"], row["office"]
        if not name or _TOTAL.match(name):
            findings.note(source.file, "rows of totals, left out", f"line {line}: {name or 'blank'}")
            continue
        votes = _votes(row, source.file, line, findings)
        if votes is None:
            continue
        unit, party = units[row.get("county", ""), name], row.get("party", "")
        if _BALLOTS.match(office):
            if party in unit.ballots:
                what = "precincts with several rows of Ballots Cast (two of one name, or repeats), added up"
                findings.note(source.file, what, f"line {line}: {name}")
            unit.ballots[party] += votes
        elif not _PSEUDO.match(office):
            if election.party and party and not same_party(party, election.party):
                mixed = True
                continue
            unit.votes[office.casefold(), row.get("district", "")] += votes
    return _results(source, election.party, mixed, units, findings)


def _votes(row: dict[str, str], file: str, line: int, findings: Findings) -> float | None:
    """The row's votes; where blank, the sum over the ways of voting."""
    if row["votes"]:
        return number(row["votes"], file, line, "votes", findings)
    counts = [number(row[mode], file, line, mode, findings) for mode in MODES if row.get(mode)]
    given = [count for count in counts if count is not None]
    if not given:
        findings.note(file, "rows without votes, left out", f"line {line}")
        return None
    findings.note(file, "rows whose votes were summed over the ways of voting", f"line {line}")
    return sum(given)


def _results(
    source: Source, party: str, mixed: bool, units: dict[tuple[str, str], _Unit], findings: Findings
) -> Results:  # fmt: skip
    found = Results(source.file, "OpenElections")
    top = _top_contest(units)
    for (county, name), unit in units.items():
        ballots = _ballots(unit, party, mixed)
        if ballots is None:
            # a district seat differs from precinct to precinct: take whichever of the office stands here
            here = [votes for (office, _), votes in unit.votes.items() if office == top]
            if not here:
                findings.note(source.file, "precincts with neither ballots nor votes in the top contest", name)
                continue
            ballots = sum(here)
            found.lower_bound += 1
        found.add(Named({"precinct": name}, county), ballots)
    if found.lower_bound:
        what = f"precincts without Ballots Cast: votes for {top or 'the top contest'} stand in, a lower bound"
        for _ in range(found.lower_bound):
            findings.note(source.file, what)
    return found


def _ballots(unit: _Unit, party: str, mixed: bool) -> float | None:
    """Ballots cast; in a party's primary its own, or all where no other party votes in this file; else None."""
    if party:
        own = [count for name, count in unit.ballots.items() if name and same_party(name, party)]
        return sum(own) if own else None if mixed or set(unit.ballots) != {""} else unit.ballots[""]
    return unit.ballots[""] if "" in unit.ballots else sum(unit.ballots.values()) if unit.ballots else None


def _top_contest(units: dict[tuple[str, str], _Unit]) -> str:
    """The office to count by: the first of the known single seats, else the one with most votes."""
    total: dict[str, float] = defaultdict(float)
    for unit in units.values():
        for (office, _), votes in unit.votes.items():
            total[office] += votes
    known = next((office for start in _TOP for office in total if office.startswith(start)), "")
    return known or max(total, key=lambda office: total[office], default="")
