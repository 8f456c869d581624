"""New York City results by election district, as in the table of eleven elections from 2016 to 2025.

Columns used: election_id, ed_vintage (the map that the numbers belong to), ed, county, ballots_total, votes_total.
Rows of the election named by the label are taken; ballots_total where known, else votes_total as a lower bound.
"""

from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.joining import Named
from warroom.dayimport.rawtext import number
from warroom.dayimport.results import Results
from warroom.dayimport.rolls import rows_of
from warroom.dayimport.source import Source


def read(source: Source, findings: Findings) -> Results:
    """Ballots of the election that the label names. Raises ImportProblem where the file has no such election."""
    found, known, maps = Results(source.file, "NYC election districts"), dict[str, None](), dict[str, None]()
    for line, row in rows_of(source, findings, ("election_id", "ed", "ballots_total", "votes_total")):
        known[row["election_id"]] = None
        if row["election_id"] != source.label:
            continue
        maps[row.get("ed_vintage", "")] = None
        ballots = number(row["ballots_total"], source.file, line, "ballots_total", findings)
        if ballots is None:
            ballots = number(row["votes_total"], source.file, line, "votes_total", findings)
            found.lower_bound += ballots is not None
        if ballots is not None and row["ed"]:
            found.add(Named({"ed": row["ed"]}), ballots)
    if source.label not in known:
        remedy = f"Use one of its election_ids as the label: {', '.join(list(known)[:20])}."
        raise ImportProblem(source.file, f"no election {source.label!r}", "the label to be an election_id", remedy)
    if found.lower_bound:
        what = f"{source.label}: precincts without ballots_total: votes_total stands in, a lower bound"
        for _ in range(found.lower_bound):
            findings.note(source.file, what)
    found.map_label = next(iter(maps), "") if len(maps) == 1 else ""
    return found
