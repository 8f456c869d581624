"""The files of the day folder, exactly as contract 1 names their columns."""

import csv
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from warroom.demo.city.build import City
from warroom.demo.city.plan import NEIGHBORHOODS
from warroom.demo.drafts import stamp
from warroom.demo.people import Shift, Volunteer
from warroom.demo.voters import Turnout
from warroom.domain.election import ElectionDay

# Early votes are published three times, a day's count at 18:00: days before, share of the total.
EARLY_POSTED = ((8, 0.38), (4, 0.71), (1, 1.0))
FEEDS_TOML = """# The recorded day, played back at the pace of the day's clock.
[[feed]]
url = "replay:reports.jsonl"
"""


def _csv(path: Path, header: str, rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def write_day_toml(folder: Path, day: ElectionDay) -> None:
    """day.toml and feeds.toml."""
    (folder / "day.toml").write_text(
        f'name = "{day.name}"\ndate = "{day.date.isoformat()}"\ntimezone = "{day.timezone}"\n'
        f'polls_open = "{day.polls_open:%H:%M}"\npolls_close = "{day.polls_close:%H:%M}"\n'
        f'type = "{day.type}"\n',
        encoding="utf-8",
    )
    (folder / "feeds.toml").write_text(FEEDS_TOML, encoding="utf-8")


def write_places(folder: Path, city: City) -> None:
    """precincts.csv, precincts.geojson and sites.csv."""
    lonlat, site_lonlat = city.lonlat.tolist(), city.site_lonlat.tolist()
    _csv(
        folder / "precincts.csv",
        "precinct_id,name,region,site_id,registered,lat,lon",
        (
            (
                city.precinct_ids[k], city.precinct_names[k], NEIGHBORHOODS[city.region[k]].name,
                city.site_ids[city.site[k]], int(city.registered[k]), lonlat[k][1], lonlat[k][0],
            )
            for k in range(len(city.precinct_ids))
        ),
    )  # fmt: skip
    _csv(
        folder / "sites.csv",
        "site_id,name,address,lat,lon",
        (
            (
                city.site_ids[s],
                city.site_names[s],
                city.site_addresses[s],
                site_lonlat[s][1],
                site_lonlat[s][0],
            )
            for s in range(len(city.site_ids))
        ),
    )
    features = [
        {
            "type": "Feature",
            "properties": {"precinct_id": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[*ring.tolist(), ring[0].tolist()] for ring in city.rings[k]],
            },
        }
        for k, name in enumerate(city.precinct_ids)
    ]
    lines = b",\n".join(msgspec.json.encode(f) for f in features)
    (folder / "precincts.geojson").write_bytes(b'{"type":"FeatureCollection","features":[\n' + lines + b"\n]}\n")


def write_votes(folder: Path, rng: np.random.Generator, city: City, turnout: Turnout, day: ElectionDay) -> None:
    """history.csv and early_vote.csv."""
    _csv(
        folder / "history.csv",
        "election_id,date,type,party,precinct_id,ballots",
        (
            (past.id, past.date.isoformat(), past.type, "", name, int(count))
            for past, ballots in turnout.history
            for name, count in zip(city.precinct_ids, ballots, strict=True)
        ),
    )
    noise = rng.uniform(-0.03, 0.03, len(turnout.early))
    rows = []
    for days_before, share in EARLY_POSTED:
        posted = day.begins_at.replace(hour=18) - timedelta(days=days_before)
        counts = np.rint(turnout.early * np.minimum(1, share + noise * (share < 1))).astype(int)
        rows += [(name, posted.isoformat(), int(c)) for name, c in zip(city.precinct_ids, counts, strict=True)]
    _csv(folder / "early_vote.csv", "precinct_id,as_of,count", rows)


def write_people(
    folder: Path, city: City, people: tuple[Volunteer, ...], shifts: tuple[Shift, ...], day: ElectionDay
) -> None:
    """volunteers.csv and shifts.csv; lists inside a cell are parted by semicolons."""
    _csv(
        folder / "volunteers.csv",
        "volunteer_id,name,phone,skills,languages,has_car,home_lat,home_lon",
        (
            (
                p.id, p.name, p.phone, ";".join(p.skills), ";".join(p.languages), str(p.has_car).lower(),
                float(p.home[1]), float(p.home[0]),
            )
            for p in people
        ),
    )  # fmt: skip
    _csv(
        folder / "shifts.csv",
        "volunteer_id,site_id,precinct_id,role,start,end",
        (
            (
                people[s.volunteer].id, city.site_ids[s.site],
                "" if s.precinct is None else city.precinct_ids[s.precinct],
                s.role, stamp(day, s.start), stamp(day, s.stop),
            )
            for s in shifts
        ),
    )  # fmt: skip


def write_reports(folder: Path, reports: list[dict[str, Any]]) -> None:
    """reports.jsonl, one report a line."""
    (folder / "reports.jsonl").write_bytes(b"".join(msgspec.json.encode(r) + b"\n" for r in reports))
