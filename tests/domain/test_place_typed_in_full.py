"""A place that is typed in full is that place, even where a site's id looks like a shortened one."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from warroom.domain.sms import read_sms
from warroom.domain.sms_places import SmsPlaces

PLACES = SmsPlaces({"01-003": "0900", "0412": "0900"}, ["1003", "0900", "412"], {})
NOON = datetime(2025, 6, 24, 16, tzinfo=UTC)


def places(text):
    (said,) = read_sms(text, PLACES, NOON, ZoneInfo("America/New_York"))
    return said.precinct, said.site


def test_a_precinct_s_full_id_is_no_site_with_its_zeros_lost():
    assert places("i 01-003 scanner down") == ("01-003", "0900")
    assert places("w 0412 35") == (None, "0900")


def test_a_site_s_full_id_is_no_precinct_that_lost_its_zero():
    assert places("412 57") == (None, "412")
    assert places("i 1003 dark") == (None, "1003")
