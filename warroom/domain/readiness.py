"""Readiness: who has logged in, and who has sent a test report, by seven, three and one day before the day. Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import msgspec

from warroom.domain.election import ElectionDay

MILESTONE_DAYS = (7, 3, 1)


class Sign(msgspec.Struct, frozen=True):
    """One event before the day. `is_login`: a shift report about the volunteer; else a test report sent by them."""

    volunteer_id: str
    at_ms: int
    is_login: bool


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """One deadline: the end of the day that lies `days` before. Lists are volunteer ids.

    `known` is False where nothing was heard from anybody by then: awaited, not failed.
    """

    days: int
    due_ms: int
    known: bool
    logged_in: list[str]
    tested: list[str]
    awaited: list[str]


def deadlines(day: ElectionDay) -> dict[int, int]:
    """{days before: epoch ms of the end of that day}, local midnight."""
    return {days: round((day.begins_at - timedelta(days=days - 1)).timestamp() * 1000) for days in MILESTONE_DAYS}


def readiness(volunteers: Iterable[str], signs: Iterable[Sign], due: Mapping[int, int]) -> list[Milestone]:
    """The milestones in order of time. Ready is who has logged in and sent a test report."""
    everyone = sorted(volunteers)
    heard = list(signs)
    found = []
    for days in sorted(due, reverse=True):
        by_then = [s for s in heard if s.at_ms < due[days]]
        logged_in = {s.volunteer_id for s in by_then if s.is_login}
        tested = {s.volunteer_id for s in by_then if not s.is_login}
        found.append(
            Milestone(
                days=days,
                due_ms=due[days],
                known=bool(by_then),
                logged_in=[v for v in everyone if v in logged_in],
                tested=[v for v in everyone if v in tested],
                awaited=[v for v in everyone if v not in logged_in or v not in tested],
            )
        )
    return found
