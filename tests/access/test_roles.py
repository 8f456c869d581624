"""What each role may do: nothing by accident, nothing after its end, an organiser nowhere but at home."""

import pytest

from warroom.access.roles import ACTIONS, MAY, REGIONAL, ROLES, WORDS, Grant, Who, allows, live, regions, shared

NORTH = Grant("organiser", "North")


def test_every_action_has_words_and_a_role():
    assert set(MAY) == set(WORDS) == set(ACTIONS)
    assert all(MAY[action] for action in ACTIONS)


def test_a_viewer_only_looks():
    assert [a for a in ACTIONS if allows([Grant("viewer")], a)] == ["see"]


def test_who_proposes_does_not_approve_and_who_manages_access_does_not_act():
    assert not MAY["text_propose"] & MAY["text_approve"]
    assert not MAY["accounts"] & MAY["decide"]
    assert not MAY["accounts"] & MAY["see_people"]


def test_a_grant_ends_by_itself():
    grants = (Grant("viewer"), Grant("director", until_ms=1_000))
    assert allows(live(grants, 999), "decide")
    assert not allows(live(grants, 1_000), "decide")
    assert allows(live(grants, 1_000), "see")


@pytest.mark.parametrize("role", sorted(REGIONAL))
def test_a_regional_role_needs_its_region(role):
    with pytest.raises(ValueError, match="region"):
        Grant(role)


def test_an_organiser_acts_at_home_only():
    who = Who(door="password", grants=(NORTH,))
    assert who.may("decide", "North")
    assert not who.may("decide", "South")
    assert not who.may("decide")
    assert who.may_somewhere("decide")
    assert not who.may_somewhere("read_audit")


def test_reach_needs_every_region_and_at_least_one():
    who = Who(door="password", grants=(NORTH, Grant("organiser", "East")))
    assert who.in_reach("decide", ["North", "East"])
    assert not who.in_reach("decide", ["North", "South"])
    assert not who.in_reach("decide", [])  # a place whose region nobody knows is a director's
    assert shared("director", "director key").in_reach("decide", [])


def test_where_an_action_is_limited_to():
    assert regions([NORTH], "decide") == {"North"}
    assert regions([NORTH, Grant("director")], "decide") == frozenset()
    assert regions([Grant("viewer")], "decide") == frozenset()
    assert regions([NORTH], "see") == frozenset()


@pytest.mark.parametrize("role", ROLES)
def test_everybody_may_look(role):
    assert allows([Grant(role, "North" if role in REGIONAL else "")], "see")
