"""Contacts at a precinct: the sums that the tally keeps, by what became of them, with the age of the newest."""

import pytest

from warroom.domain.reports import Contact
from warroom.store.contacts import Contacts, contacts_at
from warroom.store.intake import RedisIntake
from warroom.store.wire import epoch_ms
from warroom.tally.worker import TallyWorker


@pytest.fixture
def tried(loaded, at):
    def contact(n, precinct, channel="door", result="spoke"):
        return Contact(id=f"c{n}", source="app", at=at(n), received=at(n), precinct=precinct, channel=channel,
                       result=result)  # fmt: skip

    told = [contact(1, "P1"), contact(2, "P1")]
    told += [contact(7, "P1", "phone", "not_home"), contact(9, "P*"), contact(3, "P")]
    RedisIntake(loaded).put_frame("app", [*told, told[0]])  # one came twice
    TallyWorker(loaded, 0, "w").step()
    return loaded


def test_contacts_are_summed_by_what_became_of_them(tried, at):
    found = contacts_at(tried, "P1")
    assert [(s.channel, s.result, s.count) for s in found.sums] == [("door", "spoke", 2), ("phone", "not_home", 1)]
    assert (found.total, found.last_ms) == (3, epoch_ms(at(7)))


def test_a_place_with_a_star_in_its_name_is_no_pattern(tried):
    assert contacts_at(tried, "P*").total == 1
    assert contacts_at(tried, "P").total == 1


def test_where_nobody_was_tried_nothing_is_claimed(tried):
    assert contacts_at(tried, "P2") == Contacts(total=0, sums=(), last_ms=None)
