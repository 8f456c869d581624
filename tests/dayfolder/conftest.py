"""A small, sound day folder to break in one place at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

SOUND = {
    "day.toml": (
        'name = "June primary"\ndate = "2025-06-24"\ntimezone = "America/New_York"\n'
        'polls_open = "06:00"\npolls_close = "21:00"\ntype = "primary"\nparty = "DEM"\n'
    ),
    "precincts.csv": (
        "precinct_id,name,region,site_id,registered,lat,lon\n"
        "0412,ED 12,Queens,S1,519.0,40.55,-73.92\n"
        "0413,ED 13,Queens,S1,,40.56,-73.91\n"
    ),
    "sites.csv": "site_id,name,address,lat,lon\nS1,School,1 Main St,40.55,-73.92\n",
    "history.csv": (
        "election_id,date,type,party,precinct_id,ballots\n"
        "2021p,2021-06-22,primary,DEM,0412,183.7\n"
        "2021p,2021-06-22,primary,DEM,0413,90\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """folder({"sites.csv": "..."}) is the sound folder with these files changed; None takes one away."""

    def make(changes: dict[str, str | bytes | None] | None = None) -> Path:
        for name, text in (SOUND | (changes or {})).items():
            if text is not None:
                (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return make


@pytest.fixture
def sound() -> dict[str, str]:
    """{file: text} of the sound folder."""
    return dict(SOUND)
