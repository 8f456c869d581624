"""A small day folder with a story: 24 precincts, one of which stays home, one that falls silent."""

import json
import math
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from feeds._recorded import read_recorded
from warroom.dayfolder import DayFolder, load_day
from warroom.domain.reports import Reject, Report
from warroom.history.frame import Names, frame
from warroom.history.rerun import Rerun
from warroom.history.tape import Tape, tape_of_reports
from warroom.loading import frames_of
from warroom.store.wire import epoch_ms

LOW, SILENT, LONG_LINE = "P03", "S5", "S2"
NASTY = '<script>alert("x")</script> & Söhne'


@dataclass(frozen=True)
class Recorded:
    """A loaded folder with its reports, ready for a tape."""

    folder: DayFolder
    reports: list[Report]
    rejects: list[Reject]

    @property
    def frames(self):
        return frames_of(self.folder)

    def tape(self, reports: list[Report] | None = None) -> Tape:
        names = Names(self.frames)
        return tape_of_reports(
            self.reports if reports is None else reports, self.rejects, names.place, epoch_ms(self.folder.day.opens_at)
        )

    def at(self, minute: int, tape: Tape | None = None) -> bytes:
        """The board at a minute of the grid."""
        rerun, tape = Rerun(self.frames), tape or self.tape()
        *_, moment = rerun.go(tape, minute)
        return frame(rerun, tape, moment, Names(rerun.frames))


def write_small_day(path: Path, with_reports: bool = True) -> None:
    path.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(11)
    ids = [f"P{n:02d}" for n in range(24)]
    size = np.exp(rng.normal(5.3, 0.35, 24))
    (path / "day.toml").write_text(
        'name = "Small <b>primary</b>"\ndate = 2025-06-24\ntimezone = "America/New_York"\npolls_open = 06:00:00\n'
        'polls_close = 21:00:00\ntype = "primary"\nparty = "DEM"\n'
    )
    rows = [
        f"{p},Ward {p},{'North' if n < 12 else 'South'},S{n // 4},{int(4 * size[n])},40.{70 + n},-73.9"
        for n, p in enumerate(ids)
    ]
    (path / "precincts.csv").write_text("precinct_id,name,region,site_id,registered,lat,lon\n" + "\n".join(rows) + "\n")
    past = [
        f"{year}_primary,{year}-06-22,primary,DEM,{p},{round(float(size[n] * np.exp(rng.normal(0, 0.1))))}"
        for year in (2021, 2023)
        for n, p in enumerate(ids)
    ]
    (path / "history.csv").write_text("election_id,date,type,party,precinct_id,ballots\n" + "\n".join(past) + "\n")
    if with_reports:
        day = load_day(path).day
        (path / "reports.jsonl").write_text("".join(json.dumps(r) + "\n" for r in _story(rng, ids, size, day.opens_at)))


def _story(rng, ids, size, opens_at):
    def moment(minute):
        return (opens_at + timedelta(minutes=float(minute))).isoformat()

    reports = []
    for n, precinct in enumerate(ids):
        pace = (0.45 if precinct == LOW else 1.0) * float(np.exp(rng.normal(0, 0.08)))
        for k, hour in enumerate(np.arange(1, 15.01, 1.0)):
            at = hour * 60 + float(rng.uniform(-12, 12))
            if f"S{n // 4}" == SILENT and at > 300:
                continue
            votes = size[n] * pace * (1 - math.exp(-at / 420)) / (1 - math.exp(-900 / 420))
            count = int(0.98 * votes + rng.poisson(0.02 * votes))
            reports.append({"id": f"{precinct}-{k}", "kind": "checkins", "precinct": precinct, "at": moment(at),
                            "received": moment(at + 2), "count": count, "source": f"site S{n // 4}"})  # fmt: skip
    reports += [
        {"id": "w1", "kind": "wait", "site": LONG_LINE, "minutes": 55, "at": moment(200), "source": "watcher"},
        {"id": "w2", "kind": "wait", "site": LONG_LINE, "minutes": 20, "at": moment(260), "source": "watcher"},
        {"id": "i1", "kind": "incident", "site": LONG_LINE, "category": "machine", "severity": "high",
         "text": NASTY, "at": moment(190), "source": "watcher"},
        {"id": "c1", "kind": "correction", "corrects": "P05-3", "count": 1, "at": moment(400), "source": "site S1"},
        {"id": "x1", "kind": "checkins", "precinct": "nowhere", "count": 5, "at": moment(90), "source": NASTY[:20]},
    ]  # fmt: skip
    return reports


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "day"
    write_small_day(path)
    return path


@pytest.fixture(scope="session")
def quiet_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same day before anybody reported."""
    path = tmp_path_factory.mktemp("quiet") / "day"
    write_small_day(path, with_reports=False)
    return path


@pytest.fixture(scope="session")
def recorded(small_folder: Path) -> Recorded:
    folder = load_day(small_folder)
    assert folder.reports is not None
    items = [a.item for a in read_recorded(folder.reports, folder.day, folder.precinct_ids, folder.site_ids)]
    rejects = [item for item in items if isinstance(item, Reject)]
    return Recorded(folder, [item for item in items if not isinstance(item, Reject)], rejects)
