"""The loaded day folder: what the rest of the product sees of an election's configuration."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from warroom.dayfolder.faults import Fault
from warroom.dayfolder.feedstoml import FeedConfig
from warroom.domain.election import ElectionDay


@dataclass(frozen=True)
class DayFolder:
    """One election day, as the folder describes it.

    Frames have a plain index and the columns of the contract. Ids and texts are str, '' where blank;
    `registered`, `count`, `ballots`, `lat`, `lon` are float64, NaN where blank; `as_of`, `start`, `end`
    are UTC-aware; `history.date` is text YYYY-MM-DD; `has_car` is bool. `sites` and `history` have no
    rows where the folder has none; a missing optional table is None.
    """

    path: Path
    day: ElectionDay
    precincts: pd.DataFrame
    sites: pd.DataFrame
    history: pd.DataFrame
    early_vote: pd.DataFrame | None
    volunteers: pd.DataFrame | None
    shifts: pd.DataFrame | None
    geometry: dict[str, Any]  # {precinct_id: GeoJSON Polygon or MultiPolygon}
    feeds: list[FeedConfig]
    reports: Path | None
    warnings: list[Fault] = field(default_factory=list)

    @property
    def precinct_ids(self) -> frozenset[str]:
        """Every precinct of the day."""
        return frozenset(self.precincts["precinct_id"])

    @property
    def site_ids(self) -> frozenset[str]:
        """Every poll site: those of sites.csv and those that precincts name."""
        return frozenset(self.sites["site_id"]) | (frozenset(self.precincts["site_id"]) - {""})
