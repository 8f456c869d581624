"""Fuzz: whatever the bytes, a reader gives rows and faults or refuses in words. No crash; a hang meets the time-out."""

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_county import ZONE, row_of_squares
from test_import_of_boundaries import shape_zip
from test_import_of_tables import OPEN, PLACES, nist
from test_import_of_vip import FEED, FLAT, flat_zip

from warroom.dayimport.archive import Members
from warroom.dayimport.boundaries import read_areas
from warroom.dayimport.coordinates import mend
from warroom.dayimport.crosswalk import read_points, read_shares
from warroom.dayimport.elections import Election
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.joining import Named, match, name_all, plain
from warroom.dayimport.results import read_results
from warroom.dayimport.rolls import polling_places, registered_voters
from warroom.dayimport.source import Source
from warroom.dayimport.vip import collect
from warroom.dayimport.vip_flat import read_feed

ELECTION = Election("2024", "2024-11-05", "general")
NYC = (
    "election_id,ed_vintage,ed,county,ballots_total,votes_total\n"
    "2024,2020,23001,Queens,,150\n2024,2020,23002,Queens,7,6\n"
)


def vip(source: Source, findings: Findings) -> None:
    collect(source.file, read_feed(Members(source.path, findings), findings), ZONE, findings)


READERS = {
    "vip.xml": (FEED.encode(), vip),
    "vip.zip": (flat_zip(), vip),
    "polling_location.txt": (FLAT["polling_location.txt"].encode(), vip),
    "places.csv": (PLACES.encode(), lambda source, findings: polling_places(source, ZONE, findings)),
    "registered.csv": (b"precinct,registered\n0101,885\n0102,\n", registered_voters),
    "open.csv": (OPEN.encode(), lambda source, findings: read_results(source, ELECTION, findings)),
    "nyc.csv": (NYC.encode(), lambda source, findings: read_results(source, ELECTION, findings)),
    "nist.json": (nist().encode(), lambda source, findings: read_results(source, ELECTION, findings)),
    "eds.geojson": (row_of_squares().encode(), lambda source, findings: read_areas(source, ZONE, findings)),
    "eds.zip": (shape_zip(), lambda source, findings: read_areas(source, ZONE, findings)),
    "points.csv": (b"lat,lon,weight\n40.705,-73.995,90\n", read_points),
    "shares.csv": (b"from,to,share\n1,0101,0.25\n1,0102,0.75\n", read_shares),
}

PIECES = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [b"\0", b"\xff\xfe", b'"', b"<", b"&x;", b"]]>", b"<!DOCTYPE x>", b"1e999", b"NaN", b"-", b"\n", b","]
    ),
)


@st.composite
def spoiled(draw, whole: bytes) -> bytes:
    """The bytes with a few pieces put in, taken out or written over, perhaps cut off or in UTF-16."""
    raw = bytearray(whole)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 30))] = draw(PIECES)
    if draw(st.booleans()):
        del raw[draw(st.integers(0, len(raw))) :]
    if draw(st.integers(0, 9)) == 0:
        return raw.decode("latin-1").encode("utf-16")
    return bytes(raw)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(data=st.data())
def test_a_spoiled_file_is_read_or_refused_in_words(name, data):
    whole, read = READERS[name]
    raw = data.draw(spoiled(whole))
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(raw)
        findings = Findings()
        try:
            read(Source(file, "2024"), findings)
        except ImportProblem as problem:
            findings.add(problem.fault)
    for fault in findings.faults:
        assert fault.file
        assert fault.found
        assert fault.expected
        assert fault.remedy


@settings(max_examples=60, deadline=None, database=None)
@given(data=st.data())
def test_a_spoiled_shapefile_inside_a_sound_zip(data):
    """The zip's own checksums would hide the shapefile's bytes from the fuzz."""
    sound = zipfile.ZipFile(io.BytesIO(shape_zip()))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "eds.zip"
        with zipfile.ZipFile(file, "w") as packed:
            for name in sound.namelist():
                packed.writestr(name, data.draw(spoiled(sound.read(name))))
        try:
            read_areas(Source(file), ZONE, Findings())
        except ImportProblem as problem:
            assert problem.fault.remedy


@settings(deadline=None, database=None)
@given(st.text(max_size=12), st.text(max_size=12))
def test_any_pair_of_texts_is_a_place_here_or_none(lat, lon):
    at = mend(lat, lon, ZONE)
    assert (at.lat is None) == (at.lon is None)
    assert at.lat is None or abs(at.lat - 40.71) <= 25


@settings(deadline=None, database=None)
@given(st.floats(), st.floats())
def test_any_pair_of_numbers_is_a_place_here_or_none(lat, lon):
    at = mend(str(lat), str(lon), ZONE)
    assert at.lat is None or (-90 <= at.lat <= 90 and -104.1 <= at.lon <= -44)


NAMES = st.text(alphabet="0123Aa -.\x00é", max_size=6)


@settings(deadline=None, database=None)
@given(
    st.lists(st.tuples(NAMES, st.sampled_from(["", "X", "Y"])), max_size=12), st.lists(NAMES, max_size=8, unique=True)
)
def test_a_join_never_invents_and_never_guesses(rows, precincts):
    named = [Named({"name": name} if name else {}, county) for name, county in rows]
    found = match(named, precincts)
    assert len(found.ids) == len(rows)
    for (name, county), precinct in zip(rows, found.ids, strict=True):
        if precinct is not None:
            assert precinct in precincts
            assert plain(precinct) in (plain(name), plain(f"{county} {name}")) or precinct == name
    assert found.exact + found.loose == sum(precinct is not None for precinct in found.ids)
    assert len(name_all(named)[0]) == len(rows)
