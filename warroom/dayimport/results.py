"""Results files become ballots by precinct. The format is recognised by its columns, never by its name."""

from dataclasses import dataclass, field

from warroom.dayimport.archive import Members
from warroom.dayimport.elections import Election
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.joining import Named
from warroom.dayimport.rawtext import number, read_rows, require
from warroom.dayimport.source import Source


@dataclass
class Results:
    """Ballots of one election by the precincts of that time. `lower_bound` counts those that only have votes."""

    file: str
    format: str
    rows: list[Named] = field(default_factory=list)
    ballots: list[float] = field(default_factory=list)
    lower_bound: int = 0
    map_label: str = ""  # which old map the numbers belong to, where the file says so

    def add(self, named: Named, ballots: float) -> None:
        """One precinct's ballots."""
        self.rows.append(named)
        self.ballots.append(ballots)


def read_results(source: Source, election: Election, findings: Findings) -> Results:
    """Ballots by precinct. Raises ImportProblem for a format that is not known and no columns named for it."""
    from warroom.dayimport import nist, nyc, openelections  # here, since they need the type above

    members = Members(source.path, findings)
    if source.path.suffix.lower() == ".json" or members.names(".json"):
        return nist.read(source, members, findings)
    header = _header(members, source, findings)
    if source.option("ballots"):
        found = by_columns(source, findings)
    elif {"precinct", "office", "votes"} <= header:
        found = openelections.read(source, election, findings)
    elif {"election_id", "ed", "ballots_total", "votes_total"} <= header:
        found = nyc.read(source, findings)
    else:
        shown = ", ".join(sorted(header)[:12])
        expected = "OpenElections, NIST 1500-100 JSON, or columns named by options"
        remedy = "Name them: FILE?precinct=COLUMN&ballots=COLUMN."
        raise ImportProblem(source.file, f"the columns {shown}", expected, remedy, line=1)
    if not found.rows:
        remedy = "Check where=, the label and the party."
        raise ImportProblem(source.file, "no precinct with a count", "ballots by precinct", remedy)
    return found


def _header(members: Members, source: Source, findings: Findings) -> set[str]:
    for name in members.names(".csv", ".txt", ".tsv") or members.names():
        with members.open(name) as raw:
            for _, row in read_rows(raw, name, Findings()):
                return set(row)
    raise ImportProblem(source.file, "no rows", "a header and rows", "Check that the download is complete.")


def by_columns(source: Source, findings: Findings) -> Results:
    """Any table, its columns named by options: precinct, ballots, and county where names need one."""
    from warroom.dayimport.rolls import rows_of

    precinct, ballots = source.option("precinct", "precinct").lower(), source.option("ballots").lower()
    county, found = source.option("county", "county").lower(), Results(source.file, "columns named by options")
    for line, row in rows_of(source, findings, (precinct, ballots)):
        require(row, (precinct, ballots), source.file)
        count = number(row[ballots], source.file, line, ballots, findings)
        if count is None or not row[precinct]:
            findings.note(source.file, "rows without a precinct or a count, left out", f"line {line}")
            continue
        found.add(Named({precinct: row[precinct]}, row.get(county, "")), count)
    return found
