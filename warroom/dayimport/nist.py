"""NIST SP 1500-100 v2 JSON results (ElectionReport): ballots by reporting unit of type precinct.

https://pages.nist.gov/ElectionResultsReporting. `VotersParticipated` of the unit is the count; where it is absent
the unit's votes in its fullest contest for one seat stand in, a lower bound. A report with IsTest is refused.
"""

from collections import defaultdict
from typing import Any

import msgspec

from warroom.dayimport.archive import Members
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.joining import Named
from warroom.dayimport.results import Results
from warroom.dayimport.source import Source

_PRECINCT = ("precinct", "split-precinct", "combined-precinct")
_LARGEST = 1 << 30  # bytes; JSON is decoded whole


def read(source: Source, members: Members, findings: Findings) -> Results:
    """Ballots by precinct. Raises ImportProblem for what is no ElectionReport, or is a test."""
    found = Results(source.file, "NIST SP 1500-100")
    for name in members.names(".json") or members.names():
        with members.open(name) as raw:
            text = raw.read(_LARGEST)
        try:
            document = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise ImportProblem(name, f"broken JSON ({error})", "valid JSON", "Download it again.") from None
        _one(document, name, found, findings)
    return found


def _one(document: Any, file: str, found: Results, findings: Findings) -> None:
    if not isinstance(document, dict) or "GpUnit" not in document:
        remedy = "Give the ElectionReport object of NIST SP 1500-100, or a CSV."
        raise ImportProblem(file, "no GpUnit", "a NIST ElectionReport", remedy)
    if document.get("IsTest"):
        raise ImportProblem(file, "IsTest: true", "a report of a real election", "Ask for the final report.")
    votes = _votes(document)
    for unit in _dicts(document["GpUnit"]):
        if unit.get("Type") not in _PRECINCT:
            continue
        name, ident = _text(unit.get("Name")), str(unit.get("@id", ""))
        codes = [str(code.get("Value", "")) for code in _dicts(unit.get("ExternalIdentifier"))]
        keys = {"name": name, "external_identifier": next(filter(None, codes), ""), "id": ident}
        count = unit.get("VotersParticipated")
        if isinstance(count, bool) or not isinstance(count, int | float) or not 0 <= count <= 10_000_000:
            if ident not in votes:
                findings.note(file, "precincts with neither VotersParticipated nor votes", name or ident)
                continue
            count = votes[ident]
            found.lower_bound += 1
            findings.note(file, "precincts without VotersParticipated: votes stand in, a lower bound", name or ident)
        found.add(Named({kind: text for kind, text in keys.items() if text}), float(count))


def _votes(document: dict[str, Any]) -> dict[str, float]:
    """{unit id: votes in the fullest contest for one vote}; total rows win over their parts."""
    best: dict[str, float] = defaultdict(float)
    for election in _dicts(document.get("Election")):
        for contest in _dicts(election.get("Contest")):
            if contest.get("VotesAllowed", 1) != 1:
                continue
            totals: dict[str, float] = defaultdict(float)
            parts: dict[str, float] = defaultdict(float)
            for selection in _dicts(contest.get("ContestSelection")):
                for row in _dicts(selection.get("VoteCounts")):
                    count = row.get("Count")
                    if isinstance(count, int | float) and 0 <= count <= 10_000_000:
                        (totals if row.get("Type") == "total" else parts)[str(row.get("GpUnitId", ""))] += count
            for unit in totals.keys() | parts.keys():
                best[unit] = max(best[unit], totals.get(unit, parts.get(unit, 0.0)))
    return dict(best)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(name: Any) -> str:
    """A name: plain text, or the first of an InternationalizedText."""
    if isinstance(name, dict):
        texts = _dicts(name.get("Text"))
        return str(texts[0].get("Content", "")) if texts else str(name.get("Label", ""))
    return name if isinstance(name, str) else ""
