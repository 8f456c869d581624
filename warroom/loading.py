"""From a checked day folder to a loaded day: the roster, what each place can take, the map, the early vote."""

import io
import math
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from anomaly.frames import DayFrames
from warroom.dayfolder import DayFolder, load_day
from warroom.domain.places import PollSite, Precinct
from warroom.domain.reports import EarlyVote
from warroom.people import listed, put_people
from warroom.store import keys
from warroom.store.client import Client
from warroom.store.day import LoadedDay, Roster, put_day
from warroom.store.intake import RedisIntake
from warroom.store.ports import DONE, Intake
from warroom.web.dots import map_features
from warroom.web.geometry import encode_geometry

# what the watch needs on another machine; people (volunteers, shifts) stay where they are
SHIPPED = ("day.toml", "precincts.csv", "sites.csv", "history.csv", "early_vote.csv", "texting.toml")
SPARE_BALLOTS = 50  # on top of every ceiling: rolls and histories are never complete
UNKNOWN_CEILING = 5_000  # a place nobody knows anything about
FRAME_REPORTS = 200
EARLY_FEED = "early_vote.csv"


def load_into_store(client: Client, folder: DayFolder, shards: int = 1) -> None:
    """Put a day folder into the store, its early vote through the intake like any other report.

    Loading the same folder again changes nothing. Raises OtherDayError.
    """
    put_day(client, loaded_day(folder), shards)
    put_early_vote(RedisIntake(client), folder)
    put_people(client, folder)


def loaded_day(folder: DayFolder) -> LoadedDay:
    """Everything the store must hold of a day folder."""
    roster = roster_of(folder)
    drawn = {pid: {"type": "Feature", "geometry": shape} for pid, shape in folder.geometry.items()}
    return LoadedDay(
        day=folder.day,
        roster=roster,
        ceilings=_ceilings(folder),
        folder=_zip(folder.path),
        geometry=encode_geometry(map_features(roster.precincts, drawn)),
    )


def roster_of(folder: DayFolder) -> Roster:
    """Precincts and sites in map order."""
    return Roster(list(_precincts(folder.precincts)), list(_sites(folder)))


def put_early_vote(intake: Intake, folder: DayFolder) -> None:
    """The folder's early vote, as reports; their ids make a second load harmless."""
    if folder.early_vote is None:
        return
    known = folder.early_vote[folder.early_vote["precinct_id"].isin(intake.precinct_ids())]
    reports = [
        EarlyVote(
            id=f"{precinct_id} {as_of.isoformat()}", source=EARLY_FEED, at=as_of, received=as_of,
            precinct=precinct_id, count=round(votes), method="in_person",
        )
        for precinct_id, as_of, votes in zip(known["precinct_id"], known["as_of"], known["count"], strict=True)
        if not math.isnan(votes)
    ]  # fmt: skip
    for start in range(0, len(reports), FRAME_REPORTS):
        intake.put_frame(EARLY_FEED, reports[start : start + FRAME_REPORTS])
    intake.put_trouble(EARLY_FEED, DONE)


def shipped_folder(client: Client) -> DayFolder:
    """The loaded day's folder as the store keeps it: without people and without the map."""
    with tempfile.TemporaryDirectory() as temporary:
        zipfile.ZipFile(io.BytesIO(client.get(keys.FOLDER))).extractall(temporary)
        return load_day(Path(temporary))


def frames_of(folder: DayFolder) -> DayFrames:
    """The day folder as the model wants it."""
    return DayFrames(
        day=folder.day, precincts=folder.precincts, sites=folder.sites, history=folder.history,
        early_vote=folder.early_vote,
    )  # fmt: skip


def _zip(path: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in SHIPPED:
            if (path / name).exists():
                archive.write(path / name, name)
    return buffer.getvalue()


def _precincts(frame: pd.DataFrame) -> Iterator[Precinct]:
    for row in frame.itertuples():
        yield Precinct(
            precinct_id=row.precinct_id, name=row.name, region=row.region, site_id=row.site_id,
            registered=None if math.isnan(row.registered) else int(row.registered),
            lat=_known(row.lat), lon=_known(row.lon), languages=listed(row.languages),
        )  # fmt: skip


def _sites(folder: DayFolder) -> Iterator[PollSite]:
    described = set()
    for row in folder.sites.itertuples():
        described.add(row.site_id)
        yield PollSite(site_id=row.site_id, name=row.name, address=row.address, lat=_known(row.lat),
                       lon=_known(row.lon))  # fmt: skip
    for site_id in sorted(folder.site_ids - described):
        yield PollSite(site_id=site_id)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _ceilings(folder: DayFolder) -> dict[str, int]:
    """The most ballots that each precinct and each site could take: {unit: ballots}.

    Twice the largest past count allows for a record turnout, the roll for a place that
    grew; a place with neither gets a ceiling that stops only the absurd.
    """
    table = folder.precincts.set_index("precinct_id")
    record = folder.history.groupby("precinct_id")["ballots"].max().reindex(table.index)
    most = pd.concat([2 * record, table["registered"]], axis=1).max(axis=1).fillna(UNKNOWN_CEILING)
    ceiling = (most + SPARE_BALLOTS).round().astype(int)
    found = {keys.precinct_unit(pid): int(value) for pid, value in ceiling.items()}
    for site_id, value in ceiling.groupby(table["site_id"]).sum().items():
        if site_id:
            found[keys.site_unit(site_id)] = int(value)
    return found
