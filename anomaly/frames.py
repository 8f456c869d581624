"""What the model is told before the day begins."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from anomaly.arrays import Floats, Ints, codes_of, numbers_of
from warroom.domain.election import ElectionDay


@dataclass(frozen=True)
class DayFrames:
    """One election day as frames; order of `precincts` is the order of every array of the model.

    precincts: precinct_id, name, region, site_id (text, "" or NaN where missing), registered, lat, lon
    sites: site_id, name, address, lat, lon
    history: election_id, date, type, party, precinct_id, ballots; may be empty
    early_vote: precinct_id, as_of, count (cumulative), or None
    """

    day: ElectionDay
    precincts: pd.DataFrame
    sites: pd.DataFrame
    history: pd.DataFrame
    early_vote: pd.DataFrame | None = None


@dataclass(frozen=True)
class Places:
    """The precincts of a day as arrays of length N. A code of -1 says that nothing is known."""

    ids: tuple[str, ...]
    region: Ints
    region_names: tuple[str, ...]
    site: Ints
    site_names: tuple[str, ...]
    registered: Floats
    lat: Floats
    lon: Floats
    early: Floats

    @property
    def count(self) -> int:
        """N, the number of precincts."""
        return len(self.ids)


def places_of(frames: DayFrames) -> Places:
    """Turn the frames into arrays. A precinct without a region goes into a region of its own kind, "".

    Raises ValueError when there is no precinct or a precinct id is repeated.
    """
    table = frames.precincts
    ids = tuple(str(p) for p in table["precinct_id"])
    if not ids:
        raise ValueError("the day has no precincts: precincts.csv needs at least one row")
    if len(set(ids)) < len(ids):
        raise ValueError("precincts.csv repeats a precinct_id")
    blank = [""] * len(ids)
    region, region_names = codes_of(table["region"].tolist() if "region" in table else blank)
    if (region < 0).any():
        region_names = [*region_names, ""]
        region = np.where(region < 0, len(region_names) - 1, region)
    site, site_names = codes_of(table["site_id"].tolist() if "site_id" in table else blank)
    registered = numbers_of(table, "registered")
    return Places(
        ids=ids,
        region=region,
        region_names=tuple(region_names),
        site=site,
        site_names=tuple(site_names),
        registered=np.where(registered > 0, registered, np.nan),
        lat=numbers_of(table, "lat"),
        lon=numbers_of(table, "lon"),
        early=_early_by_precinct(frames.early_vote, ids),
    )


def _early_by_precinct(early: pd.DataFrame | None, ids: tuple[str, ...]) -> Floats:
    """The last cumulative early count of each precinct; NaN where none is known."""
    if early is None or early.empty:
        return np.full(len(ids), np.nan)
    table = early.assign(precinct_id=early["precinct_id"].astype(str), count=numbers_of(early, "count"))
    last = table[table["count"] >= 0].groupby("precinct_id")["count"].max()
    return np.asarray(last.reindex(list(ids)).to_numpy(dtype=np.float64, na_value=np.nan))
