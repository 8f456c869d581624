"""Which earlier election a results file is about: its date, type and party, from what the user and the file say."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.source import Source
from warroom.domain.election import ElectionType

TYPES = get_args(ElectionType)
_LABEL = re.compile(r"(\d{4}-\d{2}-\d{2})(?:_([a-z]+))?(?:_([A-Za-z]+))?$")
_FILE = re.compile(r"(\d{4})(\d{2})(\d{2})__[a-z]{2}__([a-z_]+?)__", re.I)  # OpenElections
_HOW = "Write DATE_TYPE or DATE_TYPE_PARTY, such as 2021-06-22_primary_dem=FILE, or add ?date=...&type=..."


@dataclass(frozen=True)
class Election:
    """An earlier election; `election_id` is its label."""

    election_id: str
    date: str
    type: str
    party: str = ""


def election_of(source: Source, findings: Findings) -> Election:
    """Date, type and party of a results file.

    Options come first, then the label (2021-06-22_primary_dem), then the file name of OpenElections
    (20201103__pa__general__...), last a bare year, which is taken for its general election and noted.
    Raises ImportProblem where the date remains unknown.
    """
    label, name = _LABEL.match(source.label), _FILE.match(source.path.name)
    day = source.option("date") or (label[1] if label else "") or ("-".join(name.groups()[:3]) if name else "")
    kind = source.option("type") or (label[2] or "" if label else "") or (_known(name[4]) if name else "")
    party = source.option("party") or (label[3] or "" if label else "")
    if not day and re.fullmatch(r"(19|20)\d\d", source.label):
        day, kind = general_day(int(source.label)).isoformat(), kind or "general"
        findings.note(source.file, f"{source.label} taken for the general election of {day}", remedy=_HOW)
    try:
        day = date.fromisoformat(day).isoformat()
    except ValueError:
        found = f"the date {day!r}" if day else f"no date in the label {source.label!r}"
        raise ImportProblem(source.file, found, "the day of that election", _HOW, column="label") from None
    if kind not in TYPES:
        if kind:
            findings.note(source.file, f"type {kind!r} taken for special", remedy=f"Types are {', '.join(TYPES)}.")
        else:
            findings.note(source.file, "no type of election given; taken for general", remedy=_HOW)
        kind = "special" if kind else "general"
    return Election(source.label, day, kind, party.upper())


def general_day(year: int) -> date:
    """The Tuesday after the first Monday of November.

    >>> general_day(2024)
    datetime.date(2024, 11, 5)
    """
    first = date(year, 11, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 1)


def _known(words: str) -> str:
    parts = words.lower().split("__")[0].split("_")
    return next((kind for kind in ("special", "primary", "general") if kind in parts), words)


_REP = ("rep", "r", "republican", "gop")
PARTIES = {"DEM": ("dem", "d", "democratic", "democrat"), "REP": _REP, "GOP": _REP}


def same_party(cell: str, party: str) -> bool:
    """Whether a results row's party is the one whose primary it was.

    >>> same_party("Democratic", "DEM"), same_party("REP", "DEM")
    (True, False)
    """
    return cell.casefold() == party.casefold() or cell.casefold() in PARTIES.get(party.upper(), ())
