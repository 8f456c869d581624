"""History: each results file, carried to the precincts of the day."""

from typing import Any

import pandas as pd

from warroom.dayimport.boundaries import read_areas
from warroom.dayimport.carry import Carried, carry, identity
from warroom.dayimport.crosswalk import area_shares, dissolved, point_shares, read_shares
from warroom.dayimport.elections import Election, election_of
from warroom.dayimport.existing import Row
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.joining import Named, match, repeated
from warroom.dayimport.outlines import old_ids
from warroom.dayimport.results import Results, read_results
from warroom.dayimport.source import Source

_LOST = 0.5  # share of the ballots above which a carried election is a fault
_FEW = 0.9  # below this share of the ballots met, joining by name deserves a word


class Past:
    """Carries elections. Old maps are read once; `shapes` are today's outlines ({} where there are none)."""

    def __init__(
        self, precincts: list[str], shapes: dict[str, Any], maps: list[Source], points: pd.DataFrame | None,
        timezone: str, findings: Findings,
    ) -> None:  # fmt: skip
        self._precincts, self._shapes, self._maps, self._points = precincts, shapes, maps, points
        self._timezone, self._findings = timezone, findings
        for label in repeated(old_map.label for old_map in maps):
            expected, remedy = "each label once", "The first is used; join the layers, or give each its own label."
            findings.fault("--crosswalk", None, label, "the label twice", expected, remedy)
        self._areas: dict[str, Any] = {}
        self._shares: dict[tuple[str, str], pd.DataFrame] = {}

    def read(self, source: Source) -> tuple[list[Row], Carried]:
        """Rows of history.csv for one election, and how its ballots came here. Raises ImportProblem."""
        election = election_of(source, self._findings)
        results = read_results(source, election, self._findings)
        old_map = self._map_of(source, results)
        if old_map is None:
            found = match(results.rows, self._precincts, source.option("precinct").lower())
            ids, shares, method = found.ids, identity(self._precincts), f"by name ({found.how})"
        else:
            ids, shares, method = self._through(old_map, results)
        for name in repeated(ids):
            remedy = (
                "Right for parts of a precinct; where two precincts share a name, or a row repeats, correct the file."
            )
            self._findings.note(source.file, f"{source.label}: precincts with several rows, added up", name, remedy)
        labels = [f"{row.county} {next(iter(row.keys.values()), '')}".strip() for row in results.rows]
        carried, figures, lost = carry(ids, labels, results.ballots, shares)
        carried = carried[carried.index.isin(self._precincts)]
        rows = [_row(election, str(name), ballots) for name, ballots in carried.items()]
        return rows, self._figures(election, results, method, figures, len(rows), lost, old_map)

    def _doubt(self, carried: Carried) -> None:
        if carried.lost_share > _LOST:
            found = f"{carried.lost_share:.0%} of the ballots lost"
            expected = f"at most {_LOST:.0%}: what is left is no history of these precincts"
            self._findings.fault(carried.file, None, carried.election_id, found, expected, carried.remedy)

    def _map_of(self, source: Source, results: Results) -> Source | None:
        """The old map of a results file: by option, label, the file's own word, or the label's start."""
        wanted = source.option("map")
        for label in filter(None, (wanted, source.label, results.map_label)):
            for old_map in self._maps:
                if old_map.label == label:
                    return old_map
        if wanted:
            shown = ", ".join(old_map.label for old_map in self._maps) or "none"
            raise ImportProblem(source.file, f"map={wanted}", f"a label of --crosswalk ({shown})", "Check the label.")
        return next((old_map for old_map in self._maps if source.label.startswith(old_map.label)), None)

    def _through(self, old_map: Source, results: Results) -> tuple[list[str | None], pd.DataFrame, str]:
        if old_map.path.suffix.lower() in (".csv", ".tsv", ".txt"):
            if old_map.label not in self._areas:
                self._areas[old_map.label] = read_shares(old_map, self._findings)
            shares = self._areas[old_map.label]
            to = match([Named({"to": name}) for name in shares["to"]], self._precincts).ids
            shares = shares.assign(to=to).dropna()
            found = match(results.rows, shares["from"].unique())
            return found.ids, shares, f"by the shares of {old_map.file}"
        if not self._shapes:
            expected, remedy = "outlines of today's precincts", "Give --precincts, or a crosswalk as a table of shares."
            raise ImportProblem(old_map.file, "no outlines to lay it over", expected, remedy)
        if old_map.label not in self._areas:
            self._areas[old_map.label] = read_areas(old_map, self._timezone, self._findings)
        areas = self._areas[old_map.label]
        prop, names, ids = old_ids(areas, old_map.option("property"), results.rows)
        how = "area" if self._points is None else "points"
        key = (old_map.label, prop)
        if key not in self._shares:
            old = dissolved(list(names), areas.shapes, old_map.file)
            if self._points is None:
                self._shares[key] = area_shares(old, self._shapes, old_map.file)
            else:
                self._shares[key] = point_shares(old, self._shapes, self._points, old_map.file)
        return ids, self._shares[key], f"by {how} from {old_map.file} (property {prop!r})"

    def _figures(
        self, election: Election, results: Results, method: str, figures: dict[str, float], met: int,
        lost: list[str], old_map: Source | None,
    ) -> Carried:  # fmt: skip
        total = sum(figures.values())
        share = {name: round(value / total, 4) if total else 0.0 for name, value in figures.items()}
        remedy = ""
        if old_map is None and share["whole"] < _FEW:
            remedy = f"Give the map of that election: --crosswalk {election.election_id}=FILE."
        elif old_map is None:
            remedy = "Names change hands between elections: give --crosswalk unless you know that these did not."
        elif share["lost"] > 1 - _FEW:
            remedy = "Check that the map is that election's, and its property (?property=NAME)."
        carried = Carried(
            election.election_id, results.file, results.format, method, round(total, 1), len(results.rows),
            share["whole"], share["split"], share["lost"], results.lower_bound, met, lost, remedy,
        )  # fmt: skip
        self._doubt(carried)
        return carried


def joined_rows(rows: list[Row], more: list[Row]) -> list[Row]:
    """Rows of one election from two files; ballots of a precinct that both carry to are added up."""
    found = {row["precinct_id"]: row for row in rows}
    for row in more:
        old = found.get(row["precinct_id"])
        found[row["precinct_id"]] = (
            row | {"ballots": _ballots(float(old["ballots"]) + float(row["ballots"]))} if old else row
        )
    return list(found.values())


def _ballots(count: float) -> str:
    return f"{count:.2f}".rstrip("0").rstrip(".")


def _row(election: Election, precinct: str, ballots: float) -> Row:
    return {
        "election_id": election.election_id, "date": election.date, "type": election.type, "party": election.party,
        "precinct_id": precinct, "ballots": _ballots(ballots),
    }  # fmt: skip
