"""Which row belongs to which precinct: one rule for every source, and figures on how well it worked.

A row offers several names for its precinct (VIP: number, id, external id, name; GeoJSON: every property). The
name under which most rows are known is taken, unless the user said which; each choice is reported.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

_EXAMPLES = 5
_FEW = 0.05  # up to this share of disputed precincts only these are left out, not all other counties
_CLEARLY = 0.8  # the next county must meet less than this share of the best one's precincts


@dataclass(frozen=True)
class Named:
    """The names that one row offers: {kind of name: text}, best first, and the county they are unique in."""

    keys: dict[str, str]
    county: str = ""


class Join(msgspec.Struct):
    """How one source met the precincts of the day. Rates are shares (0 to 1)."""

    source: str
    what: str
    rows: int
    matched: int
    rate: float
    precincts: int
    precincts_met: int
    precinct_rate: float
    how: str
    unmatched: list[str] = msgspec.field(default_factory=list)
    unmet: list[str] = msgspec.field(default_factory=list)
    remedy: str = ""


@dataclass
class Matched:
    """The precinct of each row, None where it has none, and the words that say by which name."""

    ids: list[str | None]
    how: str
    key: str = ""
    exact: int = 0
    loose: int = 0
    twice: set[str] = field(default_factory=set)  # names that several counties use


def plain(name: str) -> str:
    """A name without case, punctuation and leading zeros, to see that 0412 and 412 are one.

    >>> plain("Ward 01 - Div. 02"), plain("0412"), plain("412")
    ('ward.1.div.2', '412', '412')
    """
    parts = re.findall(r"[^\W\d_]+|\d+", name.casefold())
    return ".".join(part.lstrip("0") or "0" if part.isdigit() else part for part in parts)


def match(rows: Sequence[Named], precincts: Iterable[str], asked: str = "") -> Matched:
    """Find each row's precinct: by the same text, else by the same plain name where no two precincts share it."""
    known = dict.fromkeys(precincts)
    by_plain: dict[str, list[str]] = defaultdict(list)
    for name in known:
        by_plain[plain(name)].append(name)
    best = Matched([None] * len(rows), "no name of the source is known among the precincts")
    for key, qualified in _choices(rows, asked):
        found = _match_by(rows, key, qualified, known, by_plain)
        if (found.exact + found.loose, len(found.twice)) > (best.exact + best.loose, len(best.twice)):
            best = found
    return best


def _choices(rows: Sequence[Named], asked: str) -> list[tuple[str, bool]]:
    keys = dict.fromkeys(key for row in rows for key in row.keys)
    counties = any(row.county for row in rows)
    return [(key, qualified) for key in keys if not asked or key == asked
            for qualified in ((False, True) if counties else (False,))]  # fmt: skip


def _match_by(
    rows: Sequence[Named], key: str, qualified: bool, known: Mapping[str, None], by_plain: Mapping[str, list[str]]
) -> Matched:
    result = Matched([], f"by {key}{' behind the county' if qualified else ''}", key)
    hits: list[tuple[str | None, bool]] = []  # (precinct, by the same text)
    counties: dict[str, set[str]] = defaultdict(set)  # {precinct: counties that claim it}
    for row in rows:
        name = _name(row, key, qualified)
        alike = [name] if name in known else by_plain.get(plain(name), []) if name else []
        hits.append((alike[0], name in known) if len(alike) == 1 else (None, False))
        if len(alike) == 1:
            counties[alike[0]].add(row.county)
    result.twice = {precinct for precinct, claimed in counties.items() if len(claimed) > 1}
    crowded = len(result.twice) > _FEW * len(counties)
    only = _one_county(rows, hits) if crowded else None
    if only:
        result.how += f", in {only} alone, since counties share names"
    for row, (precinct, exact) in zip(rows, hits, strict=True):
        disputed = row.county != only if crowded else precinct in result.twice
        if precinct is None or disputed:
            result.ids.append(None)
            continue
        result.ids.append(precinct)
        result.exact += exact
        result.loose += not exact
    if result.loose:
        result.how += f" ({result.loose:,} by the same name without case, punctuation and leading zeros)"
    return result


def _one_county(rows: Sequence[Named], hits: Sequence[tuple[str | None, bool]]) -> str | None:
    """The county that the precincts are of, where counties share names: clearly more of its rows meet."""
    met = Counter(row.county for row, (precinct, _) in zip(rows, hits, strict=True) if precinct is not None)
    (first, most), *rest = met.most_common(2)
    return first if not rest or rest[0][1] < _CLEARLY * most else None


def name_all(rows: Sequence[Named], asked: str = "") -> tuple[list[str], str]:
    """Ids for rows that found the list of precincts themselves: the first name that all have and none shares.

    Returns '' for a row without that name. A name that is unique only inside its county gets the county in
    front. Repeats are left to the caller (splits of a precinct are one precinct).
    """
    keys = [asked] if asked else list(dict.fromkeys(key for row in rows for key in row.keys))
    share = {key: sum(1 for row in rows if row.keys.get(key)) / max(len(rows), 1) for key in keys}
    key = next((key for key in keys if share[key] == 1), max(keys, key=lambda k: share[k], default=""))
    counties: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        counties[row.keys.get(key, "")].add(row.county)
    qualified = any(len(found) > 1 for name, found in counties.items() if name)
    ids = [_name(row, key, qualified) for row in rows]
    return ids, f"by {key}{', the county in front since counties share names' if qualified else ''}"


def _name(row: Named, key: str, qualified: bool) -> str:
    name = row.keys.get(key, "")
    return f"{row.county} {name}" if qualified and name and row.county else name


def report(source: str, what: str, rows: Sequence[Named], found: Matched, precincts: Sequence[str]) -> Join:
    """The figures of a join, with examples of what did not meet and what to do about it."""
    missed = [_label(row) for row, precinct in zip(rows, found.ids, strict=True) if precinct is None]
    met = {precinct for precinct in found.ids if precinct is not None}
    unmet = [precinct for precinct in precincts if precinct not in met]
    matched = len(rows) - len(missed)
    return Join(
        source, what, len(rows), matched, _rate(matched, len(rows)), len(precincts), len(met),
        _rate(len(met), len(precincts)), found.how, list(dict.fromkeys(missed))[:_EXAMPLES], unmet[:_EXAMPLES],
        _remedy(rows, found, missed),
    )  # fmt: skip


def _remedy(rows: Sequence[Named], found: Matched, missed: list[str]) -> str:
    if found.twice and missed:
        shared = f"{len(found.twice):,} precincts have their name in several counties"
        return f"{shared}: say which county with ?where=COLUMN:COUNTY."
    if not missed:
        return ""
    kinds = ", ".join(dict.fromkeys(key for row in rows[:50] for key in list(row.keys)[:12]))
    if len(missed) > len(rows) / 2:
        return f"Say which name to use with ?precinct=NAME; the source has {kinds}."
    return "Such rows are not used; --keep-unmatched makes precincts of them where the source lists precincts."


def _label(row: Named) -> str:
    name = next((value for value in row.keys.values() if value), "(blank)")
    return f"{row.county} {name}".strip()


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def repeated(ids: Iterable[str | None]) -> list[str]:
    """Ids that stand more than once."""
    return [name for name, times in Counter(ids).items() if name and times > 1]
