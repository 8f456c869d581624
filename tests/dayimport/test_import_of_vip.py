"""VIP feeds in their three forms, and what a hostile or broken one can do: nothing."""

import io
import zipfile
from datetime import date, time

import pytest
from made_county import ZONE

from warroom.dayimport.archive import Members
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.vip import VipFeed, collect, usual_hours
from warroom.dayimport.vip_flat import read_feed
from warroom.dayimport.vip_sites import day_sites

FEED = """<?xml version="1.0"?>
<VipObject schemaVersion="6.0">
  <Election id="e1"><Date>2026-11-03</Date><ElectionType><Text language="en">General</Text></ElectionType></Election>
  <Locality id="loc1"><Name>SMALL COUNTY</Name></Locality>
  <PollingLocation id="pl1"><AddressLine>1 Main St</AddressLine><AddressLine>Town</AddressLine>
    <HoursOpenId>h1</HoursOpenId><LatLng><Latitude>40.7</Latitude><Longitude>74.0</Longitude></LatLng>
    <Name>SCHOOL</Name></PollingLocation>
  <PollingLocation id="pl2"><AddressLine>2 Main St</AddressLine><IsDropBox>true</IsDropBox>
    <Name>BOX</Name></PollingLocation>
  <PollingLocation id="pl3"><AddressLine>3 Main St</AddressLine><IsEarlyVoting>true</IsEarlyVoting>
    <HoursOpenId>h2</HoursOpenId><Name>EARLY</Name></PollingLocation>
  <HoursOpen id="h1"><Schedule><Hours><StartTime>06:00:00-05:00</StartTime><EndTime>12:00:00-05:00</EndTime></Hours>
    <Hours><StartTime>13:00:00-05:00</StartTime><EndTime>21:00:00-05:00</EndTime></Hours>
    <StartDate>2026-11-03T00:00:00</StartDate><EndDate>11/03/2026</EndDate></Schedule></HoursOpen>
  <HoursOpen id="h2"><Schedule><Hours><StartTime>09:00:00-05:00</StartTime><EndTime>17:00:00-05:00</EndTime></Hours>
    <StartDate>2026-10-20</StartDate><EndDate>2026-11-01</EndDate></Schedule></HoursOpen>
  <Precinct id="p1"><Name>ONE</Name><Number>0101</Number><LocalityId>loc1</LocalityId>
    <PollingLocationIds>pl2 pl3 pl1</PollingLocationIds></Precinct>
  <Precinct id="p2"><Name>TWO</Name><Number>0102</Number><LocalityId>loc1</LocalityId>
    <PollingLocationIds>pl3 pl9</PollingLocationIds></Precinct>
  <Precinct id="p3"><Name>MAIL</Name><Number>9999</Number><IsMailOnly>true</IsMailOnly></Precinct>
</VipObject>
"""


def read(source, findings: Findings, zone: str = ZONE) -> VipFeed:
    return collect(source.file, read_feed(Members(source.path, findings), findings), zone, findings)


def notes_of(findings: Findings) -> str:
    return "\n".join(map(str, findings.notes))


def test_a_precinct_votes_at_its_election_day_location(put, findings):
    feed = read(put("feed.xml", FEED), findings)
    chosen, figures = day_sites(feed, date(2026, 11, 3), findings)
    assert chosen["p1"].name == "SCHOOL"
    assert chosen["p1"].address == "1 Main St, Town"
    assert chosen["p2"] is None, "an early-voting site that is closed on the day is no poll site"
    assert "p3" not in chosen
    assert (figures.with_location, figures.with_coordinates, figures.mail_only) == (1, 1, 1)
    assert "pl9" in notes_of(findings)


def test_a_longitude_without_its_sign_is_turned_and_said(put, findings):
    place = read(put("feed.xml", FEED), findings).places["pl1"]
    assert (place.lat, place.lon) == (40.7, -74.0)
    assert "minus sign" in notes_of(findings)


def test_hours_of_the_day_run_from_the_first_opening_to_the_last_close(put, findings):
    feed = FEED.replace("2026-11-01</EndDate>", "All Saints</EndDate>")
    assert usual_hours(read(put("feed.xml", feed), findings), date(2026, 11, 3)) == (time(6), time(21))
    assert [(fault.column, fault.found) for fault in findings.faults] == [("end_date", "'All Saints'")]


def test_a_zipped_feed_reads_like_the_feed(put, findings, tmp_path):
    with zipfile.ZipFile(tmp_path / "feed.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("vipFeed-36-2026-11-03.xml", FEED)
    plain = read(put("feed.xml", FEED), findings)
    zipped = read(put("feed.zip", (tmp_path / "feed.zip").read_bytes()), Findings())
    assert zipped.units == plain.units
    assert zipped.places == plain.places


FLAT = {
    "precinct.txt": "id,name,number,locality_id,polling_location_ids,is_mail_only\np1,ONE,0101,l1,poll001,false\n"
                    "p2,TWO,0102,l1,poll003,false\n",
    "locality.txt": "id,name\nl1,ALBEMARLE\n",
    # rows as in the specification's own sample: a longitude of Virginia without its sign, and broken quoting
    "polling_location.txt":
        "id,name,address_line,structured_line_1,structured_city,structured_state,structured_zip,directions,hours,"
        "photo_uri,hours_open_id,is_drop_box,is_early_voting,latitude,longitude,latlng_source\n"
        'poll001,ALBEMARLE HIGH SCHOOL,"2775 Hydraulic Rd Charlottesville, VA 22901",,,,,Use back door,7am-8pm,'
        "www.picture.com,ho001,false,false,38.0754627,78.5014875,Google Maps\n"
        'poll002,ALBEMARLE HIGH SCHOOL\\",\\"2775 Hydraulic Rd Charlottesville, VA 22901,x\n'
        "poll003,Historic Society,,,,,,wheelchair entrance,7am-8pm,www.picture.com,,false,false,,,\n",
    "election.txt": "id,date,name,election_type,state_id\ne001,11-03-2026,General,State,st51\n",
    "schedule.txt": "id,start_time,end_time,start_date,end_date,hours_open_id\n"
                    "s1,06:00:00-05:00,19:00:00-05:00,2026-11-03,2026-11-03,ho001\n",
    "street_segment.txt": "never,opened\n",
}  # fmt: skip


def flat_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in FLAT.items():
            packed.writestr("feed/" + name, text)
    return out.getvalue()


def test_flat_files_of_a_zip_join_and_the_broken_row_is_named(put, findings):
    feed = read(put("flat.zip", flat_zip()), findings)
    assert feed.date == "2026-11-03"
    assert feed.places["poll001"].lon == -78.5014875
    assert feed.units["p1"].place_ids == {"poll001": None}
    assert usual_hours(feed, date(2026, 11, 3)) == (time(6), time(19))
    [fault] = findings.faults
    assert (fault.file, fault.line) == ("feed/polling_location.txt", 3)
    assert fault.remedy


def test_an_id_counts_once(put, findings):
    twice = FEED.replace("</VipObject>", '<Precinct id="p1"><Number>7</Number></Precinct></VipObject>')
    feed = read(put("feed.xml", twice), findings)
    assert feed.units["p1"].number == "0101"
    assert "'p1'" in str(findings.faults[0])
    assert findings.faults[0].line == twice.count("\n", 0, twice.index("<Number>7")) + 1


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><VipObject><Precinct id='p'><Name>&j;</Name></Precinct></VipObject>"
)
STOLEN = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    "<VipObject><Precinct id='p'><Name>&f;</Name></Precinct></VipObject>"
)
REMOTE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><VipObject><Precinct id="p"/></VipObject>'


@pytest.mark.parametrize("bomb", [LAUGHS, STOLEN, REMOTE], ids=["billion laughs", "external entity", "remote dtd"])
def test_a_document_type_is_refused_with_a_remedy(put, findings, bomb):
    with pytest.raises(ImportProblem, match="DOCTYPE") as refused:
        read(put("feed.xml", bomb), findings)
    assert refused.value.fault.file == "feed.xml"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (FEED[:-200], "broken XML"),
        ("", "no Precinct"),
        ("<VipObject>" + "<a>" * 5000 + "</a>" * 5000 + "</VipObject>", "nested"),
        ("<VipObject></VipObject>", "no Precinct"),
        ("{}", "broken XML"),
    ],
)
def test_what_is_no_feed_is_refused_in_words(put, findings, text, found):
    with pytest.raises(ImportProblem, match=found):
        read(put("feed.xml", text), findings)


def test_utf16_is_read(put, findings):
    body = FEED.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?>')
    assert len(read(put("feed.xml", body.encode("utf-16")), findings).units) == 3


def bomb_zip(name: str = "feed.xml", size: int = 80 << 20) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, b" " * size)
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_opened(put, findings):
    with pytest.raises(ImportProblem, match="no bomb"):
        read(put("feed.zip", bomb_zip()), findings)


@pytest.mark.parametrize(
    "name", ["../../etc/precinct.txt", "/etc/precinct.txt", "..\\precinct.txt", "C:\\precinct.txt"]
)
def test_a_member_that_climbs_out_of_its_zip_is_not_read(put, findings, name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(name, "id,number\np1,1\n")
        packed.writestr("polling_location.txt", "id,name\npl1,School\n")
    feed = read(put("feed.zip", out.getvalue()), findings)
    assert not feed.units
    assert "inside the zip" in str(findings.faults[0])


def test_members_of_the_same_name_in_two_folders_are_both_read(put, findings):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for folder in ("north", "south"):
            packed.writestr(f"{folder}/precinct.txt", f"id,number\n{folder},1\n")
            packed.writestr(f"{folder}/polling_location.txt", f"id,name\n{folder} school,School\n")
    feed = read(put("feed.zip", out.getvalue()), findings)
    assert (set(feed.units), set(feed.places)) == ({"north", "south"}, {"north school", "south school"})


def test_a_zip_that_is_cut_off_is_refused_in_words(put, findings):
    whole = flat_zip()
    broken = whole[:100] + b"\0" * 40 + whole[140:]
    with pytest.raises(ImportProblem):
        read(put("flat.zip", broken), findings)


def test_memory_stays_flat_however_long_the_feed(tmp_path, findings):
    """A thousand times the street segments, the same memory: what is not used is not kept."""
    import tracemalloc

    segment = "<StreetSegment id='s'><AddressDirection>" + "E" * 200 + "</AddressDirection></StreetSegment>\n"
    peaks = []
    for times in (20, 20_000):
        file = tmp_path / f"{times}.xml"
        file.write_text(FEED.replace("</VipObject>", segment * times + "</VipObject>"))
        tracemalloc.start()
        collect(file.name, read_feed(Members(file, findings), findings), ZONE, findings)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2_000_000
