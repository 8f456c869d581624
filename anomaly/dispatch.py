"""Who could go where: open alerts and people on duty become a redeployment problem, and its plan becomes rows.

Pure. The people are ids with places; the voters are a precinct's shortfall. Every suggestion
answers an open alert that nobody has sent anyone for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from anomaly.presence import AWAY, HERE
from anomaly.recovery import KINDS
from anomaly.redeploy_terms import Helper, Need, RedeployPlan, RedeployProblem
from warroom.domain.alerts import Alert
from warroom.domain.election import ElectionDay
from warroom.domain.handling import Handling
from warroom.domain.places import PollSite, Precinct
from warroom.domain.volunteers import PlannedShift, Volunteer, Whereabouts

ON_THE_WAY = frozenset({"dispatched", "on_site"})
MINUTE_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a plan is made from at `now_ms` (epoch ms, day's clock).

    `absent`: (volunteer, start of the shift) of those who left or did not come, as coverage sees it.
    """

    day: ElectionDay
    precincts: Sequence[Precinct]
    sites: Sequence[PollSite]
    alerts: Sequence[Alert]
    handlings: Mapping[str, Handling]
    volunteers: Mapping[str, Volunteer]
    shifts: Sequence[PlannedShift]
    moved: Mapping[str, Whereabouts]  # {volunteer: newest shift report}
    now_ms: int
    absent: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True)
class Asked:
    """The problem, and which alert each needy precinct belongs to: {precinct: alert id}."""

    problem: RedeployProblem
    alert_of: Mapping[str, str]


def ask(room: Room, previous: Mapping[str, str], refused: frozenset[tuple[str, str]]) -> Asked:
    """The redeployment problem of this moment. `previous` is {volunteer: precinct} suggested last time."""
    opens_ms = room.day.opens_at.timestamp() * 1000
    sent = frozenset(
        h.stage.volunteer for h in room.handlings.values() if h.stage.status in ON_THE_WAY and h.stage.volunteer
    )
    needs: dict[str, tuple[Need, str]] = {}
    for alert in room.alerts:
        handling = room.handlings.get(alert.id)
        if KINDS.get(alert.kind, KINDS["silent"]).winnable_share <= 0:
            continue
        if alert.feed or alert.status == "closed" or (handling is not None and handling.stage.status in ON_THE_WAY):
            continue
        for need in _needs(alert, room):
            held = needs.get(need.precinct_id)
            if held is None or held[0].shortfall < need.shortfall:
                needs[need.precinct_id] = (need, alert.id)
    problem = RedeployProblem(
        helpers=tuple(_helpers(room, sent, opens_ms)),
        needs=tuple(need for need, _ in needs.values()),
        now_min=(room.now_ms - opens_ms) / MINUTE_MS,
        close_min=float(room.day.minutes_open),
        opens_clock_minutes=room.day.polls_open.hour * 60 + room.day.polls_open.minute,
        site_names={s.site_id: s.name or s.site_id for s in room.sites},
        precinct_names={p.precinct_id: p.name or p.precinct_id for p in room.precincts},
        previous=previous,
        refused=refused,
        held=sent,
    )
    return Asked(problem, {precinct: alert_id for precinct, (_, alert_id) in needs.items()})


def absent_in(coverage: bytes | None) -> frozenset[tuple[str, int]]:
    """`Room.absent` of the coverage table that the watch published last; nobody before the first."""
    rows = msgspec.json.decode(coverage)["shifts"] if coverage is not None else []
    return frozenset((row["volunteer"], row["start_ms"]) for row in rows if row["state"] in AWAY)


def _needs(alert: Alert, room: Room) -> Iterable[Need]:
    """One need a precinct: an alert on a site or a region is shared out evenly among its precincts."""
    if alert.shortfall is None or alert.shortfall <= 0:
        return
    members = [p for p in room.precincts if _concerns(alert, p)]
    low, high = alert.shortfall, alert.shortfall
    if alert.reported is not None and alert.expected_low is not None and alert.expected_high is not None:
        low = min(alert.shortfall, max(0.0, alert.expected_low - alert.reported))
        high = max(alert.shortfall, alert.expected_high - alert.reported)
    seen = (alert.reported or 0) / max(1, len(members))
    for precinct in members:
        yield Need(
            precinct_id=precinct.precinct_id,
            shortfall=alert.shortfall / len(members),
            shortfall_low=low / len(members),
            shortfall_high=high / len(members),
            probability=alert.probability if alert.probability is not None else 1.0,
            kind=alert.kind,
            name=precinct.name,
            site_id=precinct.site_id,
            lat=precinct.lat,
            lon=precinct.lon,
            unvoted=None if precinct.registered is None else max(0.0, precinct.registered - seen),
            helpful_languages=frozenset(precinct.languages),
        )


def _concerns(alert: Alert, precinct: Precinct) -> bool:
    if alert.precinct is not None:
        return precinct.precinct_id == alert.precinct
    if alert.site is not None:
        return precinct.site_id == alert.site
    return precinct.region == alert.region


def _helpers(room: Room, sent: frozenset[str], opens_ms: float) -> Iterable[Helper]:
    """Everybody whose shift is on and who has not left or stayed away; one entry a person.

    Who was `sent` counts towards no floor from then on: the place they leave must not be emptied by the next plan.
    """
    at = {s.site_id: (s.lat, s.lon) for s in room.sites}
    on_duty: dict[str, PlannedShift] = {}
    for shift in sorted(room.shifts, key=lambda s: (s.start_ms, s.site_id)):
        if shift.start_ms <= room.now_ms < shift.end_ms:
            on_duty.setdefault(shift.volunteer_id, shift)
    for volunteer_id, shift in sorted(on_duty.items()):
        person, moved = room.volunteers.get(volunteer_id), room.moved.get(volunteer_id)
        if person is None or (moved is not None and moved.status in AWAY and moved.at_ms >= shift.start_ms):
            continue
        here = moved if moved is not None and moved.at_ms >= shift.start_ms - 60 * MINUTE_MS else None
        elsewhere = here is not None and (here.status in HERE or here.status == "en_route")
        if (volunteer_id, shift.start_ms) in room.absent and not elsewhere:
            continue
        site = (here.site_id if here else "") or shift.site_id
        lat, lon = at.get(site, (None, None))
        if lat is None or lon is None:
            lat, lon = person.home_lat, person.home_lon
        yield Helper(
            volunteer_id=volunteer_id,
            site_id=site,
            precinct_id=(here.precinct_id if here else "") or shift.precinct_id,
            covers=shift.covers and volunteer_id not in sent,
            lat=lat,
            lon=lon,
            has_car=person.has_car,
            languages=frozenset(person.languages),
            shift_start_min=(shift.start_ms - opens_ms) / MINUTE_MS,
            shift_end_min=(shift.end_ms - opens_ms) / MINUTE_MS,
            break_at_min=None if shift.break_ms is None else (shift.break_ms - opens_ms) / MINUTE_MS,
            break_minutes=shift.break_minutes,
        )


def plan_rows(plan: RedeployPlan, asked: Asked, at_ms: int, travel: str) -> dict[str, Any]:
    """The plan as the field page reads it. Voters with their interval; ids only. `travel`: how its times were found."""
    moves = [
        {
            "volunteer": m.volunteer_id,
            "alert": asked.alert_of[m.to_precinct],
            "precinct": m.to_precinct,
            "from_site": m.from_site,
            "travel_minutes": round(m.travel_minutes),
            "hours_there": round(m.hours_there, 1),
            "voters": {
                "value": round(m.expected_voters, 1),
                "low": round(m.expected_low, 1),
                "high": round(m.expected_high, 1),
            },
            "voters_per_hour": round(m.voters_per_hour, 2),
            "cost": m.cost_at_origin,
            "why": m.why,
        }
        for m in plan.moves
    ]
    return {
        "at_ms": at_ms,
        "travel": travel,
        "moves": moves,
        "voters": round(plan.expected_voters, 1),
        "hours": round(plan.volunteer_hours, 1),
        "changed": plan.changed,
        "solver": {"status": plan.solve.status, "helpers": plan.solve.helpers, "needs": plan.solve.needs},
    }
