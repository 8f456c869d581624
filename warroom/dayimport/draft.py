"""The day folder in the making: each source adds to it; what is there stays unless the user said otherwise."""

import re
from hashlib import sha1

from warroom.dayimport.existing import Existing, Row
from warroom.dayimport.findings import Findings
from warroom.dayimport.joining import Join, Matched, Named, match, name_all, plain, report
from warroom.dayimport.rolls import Roll, RollRow, Site
from warroom.domain.csv_cells import safe_cell

_ID_LONGEST = 64
_TRUSTED = 0.5  # share of rows or of precincts below which a join is a fault


class Draft:
    """Precincts and sites by id, in the order in which they were met, as texts of the contract's columns."""

    def __init__(self, existing: Existing, force: bool, keep_unmatched: bool, findings: Findings) -> None:
        self.precincts: dict[str, Row] = {name: dict(row) for name, row in existing.precincts.items()}
        self.sites: dict[str, Row] = {name: dict(row) for name, row in existing.sites.items()}
        self.joins: list[Join] = []
        self._force, self._keep, self._findings = force, keep_unmatched, findings
        self._set: set[tuple[str, str]] = set()  # (precinct, column) that this import filled: first come, first kept

    def adopt(self, roll: Roll) -> list[str | None]:
        """Join a roll's rows to the precincts; where there are none yet, they become the precincts."""
        rows = [row.named for row in roll.rows]
        if not self.precincts:
            names, how = name_all(rows, roll.asked)
            ids = self.found(roll.file, names)
            matched = Matched(ids, f"these are the day's precincts, {how}", exact=len(ids))
        else:
            matched = match(rows, self.precincts, roll.asked)
            if self._keep:
                self._add_unmatched(roll.file, rows, matched, roll.asked)
        join = report(roll.file, roll.what, rows, matched, list(self.precincts))
        self.joins.append(join)
        if rows and max(join.rate, join.precinct_rate) < _TRUSTED:
            found = f"{join.matched:,} of {join.rows:,} rows that meet {join.precincts_met:,} of {join.precincts:,}"
            expected = f"at least {_TRUSTED:.0%} of either: so few may meet by chance"
            self._findings.fault(roll.file, None, matched.key, f"{found} precincts", expected, join.remedy)
        for row, precinct in zip(roll.rows, matched.ids, strict=True):
            if precinct is not None:
                self._take(roll, precinct, row)
        return matched.ids

    def found(self, file: str, names: list[str]) -> list[str | None]:
        """Make precincts of these names; None for a name that cannot be an id (a fault)."""
        ids: list[str | None] = []
        for name in names:
            good = 0 < len(name) <= _ID_LONGEST and not re.search(r"[\x00-\x1f\x7f]", name) and name[0] not in "=@"
            if good:
                self.precincts.setdefault(name, {"precinct_id": name})
            else:
                found, expected = repr(name[:40]), f"an identifier of 1 to {_ID_LONGEST} characters, no formula"
                self._findings.fault(file, None, "precinct", found, expected, "The row is left out; correct it.")
            ids.append(name if good else None)
        return ids

    def _add_unmatched(self, file: str, rows: list[Named], matched: Matched, asked: str) -> None:
        lost = [at for at, precinct in enumerate(matched.ids) if precinct is None]
        key = asked or matched.key
        names = [rows[at].keys.get(key) or next(iter(rows[at].keys.values()), "") for at in lost]
        for at, precinct in zip(lost, self.found(file, names), strict=True):
            matched.ids[at] = precinct
            if precinct:
                self._findings.note(file, "precincts added that no other source has", precinct)

    def _take(self, roll: Roll, precinct: str, row: RollRow) -> None:
        values = {
            "name": safe_text(row.name), "region": safe_text(row.region), "lat": degrees(row.lat),
            "lon": degrees(row.lon), "site_id": self._site(row.site) if row.site else "",
        }  # fmt: skip
        for column, value in values.items():
            self.fill(precinct, column, value, roll.file)
        if row.registered is not None:
            self._register(roll.file, precinct, row.registered)

    def fill(self, precinct: str, column: str, value: str, file: str) -> None:
        """Write a cell that is blank, or that is old while --force is given. Says so where a site is in dispute."""
        row = self.precincts[precinct]
        old = row.get(column, "")
        if not value or value == old:
            return
        if old and (not self._force or (precinct, column) in self._set):
            if column == "site_id":
                what = "precincts whose site differs from the one they have; the first is kept"
                self._findings.note(file, what, f"{precinct}: {old}, not {value}")
            return
        row[column] = value
        self._set.add((precinct, column))

    def _register(self, file: str, precinct: str, count: float) -> None:
        """Registered voters; several rows of one source for one precinct (parties, splits) are added up."""
        row = self.precincts[precinct]
        if (precinct, "registered:" + file) in self._set:
            row["registered"] = str(int(float(row["registered"]) + count))
            remedy = (
                "Right for parties or splits; where they are the same voters twice, keep one kind: ?where=COLUMN:VALUE."
            )
            self._findings.note(file, "precincts with several rows of registered voters, added up", precinct, remedy)
        elif not row.get("registered") or self._force:
            row["registered"] = str(int(count))
            self._set.add((precinct, "registered:" + file))

    def _site(self, site: Site) -> str:
        """The site's id. Where the source has none the address makes one: a building is one site, however named."""
        place = plain(site.address) or plain(site.name)
        made = sha1(place.encode(), usedforsecurity=False).hexdigest()[:8]
        site_id = re.sub(r"[\x00-\x1f\x7f]", "", site.site_id)[:_ID_LONGEST].lstrip("=@") or f"S-{made}"
        new = {
            "site_id": site_id, "name": safe_text(site.name), "address": safe_text(site.address),
            "lat": degrees(site.lat), "lon": degrees(site.lon),
        }  # fmt: skip
        old = self.sites.setdefault(site_id, dict(new))
        for column, value in new.items():
            if value and (not old.get(column) or self._force):
                old[column] = value
        return site_id

    def add_site(self, site: Site) -> None:
        """A site that no precinct names (a vote centre)."""
        self._site(site)


def degrees(value: float | None) -> str:
    """Degrees as text with six decimals (0.1 m), '' for None."""
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula, on one line: a leading = + - @ gets an apostrophe in front."""
    return safe_cell(re.sub(r"\s+", " ", re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text)).strip())
