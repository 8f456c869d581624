"""What people have done about one alert: who has it and until when, who goes there, how it ended.

    open -> acknowledged -> dispatched -> on_site -> resolved | dismissed -> reopened -> acknowledged ...

Every decision makes a new version. A decision names the version it was made on, so that of two
people at once one wins and the other is told. All times are epoch ms of the day's clock.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec

from warroom.domain.alerts import SEVERITY_RANK, Alert, AlertSeverity

HandlingStatus = Literal["open", "acknowledged", "dispatched", "on_site", "resolved", "dismissed", "reopened"]
What = Literal[
    "acknowledge", "extend", "take_over", "dispatch", "arrive", "resolve", "dismiss", "reopen", "undo"
]  # fmt: skip
Refusal = Literal["stale", "owned", "over", "wrong_step", "needs_reason", "needs_volunteer", "nothing_to_undo"]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=240)]

UNOWNED: frozenset[HandlingStatus] = frozenset({"open", "reopened"})
HELD: frozenset[HandlingStatus] = frozenset({"acknowledged", "dispatched", "on_site"})
ENDED: frozenset[HandlingStatus] = frozenset({"resolved", "dismissed"})
ALLOWED: dict[What, frozenset[HandlingStatus]] = {  # from which status a step may be taken; `undo` from any
    "acknowledge": UNOWNED,
    "dispatch": frozenset({"acknowledged", "dispatched"}),
    "arrive": frozenset({"dispatched"}),
    "resolve": HELD,
    "extend": HELD,
    "take_over": HELD,
    "dismiss": UNOWNED | HELD,
    "reopen": ENDED,
}
PAST: dict[What, str] = {
    "acknowledge": "acknowledged", "extend": "gave more time to", "take_over": "took over",
    "dispatch": "sent somebody for", "arrive": "noted the arrival for", "resolve": "resolved",
    "dismiss": "dismissed", "reopen": "reopened", "undo": "undid the last step of",
}  # fmt: skip
MOST_STEPS = 100  # kept with the handling; the stream of decisions keeps them all


class Deadlines(msgspec.Struct, frozen=True):
    """Minutes until the next sign of progress is due, by severity of the alert."""

    high: Minutes = 10
    medium: Minutes = 20
    low: Minutes = 45

    def minutes(self, severity: AlertSeverity) -> int:
        """The deadline of one severity."""
        return {"high": self.high, "medium": self.medium, "low": self.low}[severity]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decided. `version` is the version of the handling that they saw.

    `to_precinct` is where a suggested move sends somebody: on a region's alert nothing else says so.
    `deadline_minutes` counts from `at_ms` to the next sign of progress; `severity` is the
    alert's at that moment, kept so that a dismissed alert that grows worse comes back.
    """

    what: What
    by: str
    at_ms: int
    version: int
    reason: str = ""
    volunteer: str | None = None
    move: str = ""
    to_precinct: str = ""
    deadline_minutes: int | None = None
    severity: AlertSeverity | None = None


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """What holds now. `deadline_ms` is set while somebody has it, `reason` says why it ended."""

    status: HandlingStatus = "open"
    owner: str | None = None
    owned_ms: int | None = None
    deadline_ms: int | None = None
    volunteer: str | None = None
    move: str = ""
    to_precinct: str = ""
    reason: str = ""
    severity: AlertSeverity | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of the past, and what held before it."""

    decision: Decision
    before: Stage


class Handling(msgspec.Struct, frozen=True, kw_only=True):
    """An alert's handling. Version 0 is that of an alert nobody has touched."""

    alert: str
    version: int = 0
    stage: Stage = Stage()
    history: tuple[Step, ...] = ()


class NotAllowed(Exception):
    """A decision that cannot be taken: `reason` names why, the text says it to the person."""

    def __init__(self, reason: Refusal, text: str, handling: Handling) -> None:
        super().__init__(text)
        self.reason: Refusal = reason
        self.handling = handling


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """A site whose alerts are out of sight until `until_ms` (ISA-18.2: shelving always ends by itself)."""

    site: str
    until_ms: int
    by: str
    reason: str
    at_ms: int


def decide(handling: Handling, decision: Decision) -> Handling:
    """The handling after a decision. Raises NotAllowed.

    `undo` restores what held before the last step, as a new version: the history keeps both,
    and an undo can be undone.
    """
    _check(handling, decision)
    if decision.what == "undo":
        stage = handling.history[-1].before
    else:
        stage = _next(handling.stage, decision)
    step = Step(decision=decision, before=handling.stage)
    return Handling(
        alert=handling.alert,
        version=handling.version + 1,
        stage=stage,
        history=(*handling.history, step)[-MOST_STEPS:],
    )


def steps_from(handling: Handling, *, closed: bool = False) -> list[What]:
    """The steps that may be taken now, the usual next one first; without `undo`.

    `closed`: the model has closed the alert, so whoever has it can only say how it ended.
    """
    if closed:
        return ["resolve", "dismiss"] if handling.stage.status in HELD else []
    order: tuple[What, ...] = (
        "acknowledge", "arrive", "dispatch", "resolve", "dismiss", "extend", "take_over", "reopen",
    )  # fmt: skip
    if handling.stage.status == "on_site":
        order = ("resolve", *(what for what in order if what != "resolve"))
    return [what for what in order if handling.stage.status in ALLOWED[what]]


def escalated(handling: Handling, now_ms: int) -> bool:
    """Whether somebody has it and the deadline passed without progress.

    An alert that nobody took is not escalated: it stands by its severity, and is listed as unowned.
    """
    deadline_ms = handling.stage.deadline_ms
    return handling.stage.status in HELD and deadline_ms is not None and now_ms > deadline_ms


def put_away(alert: Alert, handling: Handling | None) -> bool:
    """Whether people have ended it: resolved or dismissed, and not more severe since."""
    if handling is None or handling.stage.status not in ENDED:
        return False
    return not worse_since(alert, handling)


def worse_since(alert: Alert, handling: Handling) -> bool:
    """Whether the alert is more severe now than when people ended it."""
    ended = handling.stage.severity
    if handling.stage.status not in ENDED or ended is None:
        return False
    return SEVERITY_RANK[alert.severity] < SEVERITY_RANK[ended]


def as_handled(alert: Alert, handling: Handling | None) -> Alert:
    """The alert with its owner and status as people left it; the model alone closes one."""
    stage = handling.stage if handling is not None else Stage()
    held = stage.status in HELD
    return msgspec.structs.replace(
        alert,
        owner=stage.owner if held else None,
        acknowledged_at=datetime.fromtimestamp(stage.owned_ms / 1000, UTC) if held and stage.owned_ms else None,
        status="closed" if alert.status == "closed" else "acknowledged" if held else "open",
    )


def _check(handling: Handling, decision: Decision) -> None:
    stage, what = handling.stage, decision.what
    if what == "acknowledge" and stage.status in HELD:
        raise NotAllowed("owned", f"{stage.owner} has it", handling)
    if decision.version != handling.version:
        raise NotAllowed("stale", _meanwhile(handling), handling)
    if what == "undo":
        if not handling.history:
            raise NotAllowed("nothing_to_undo", "nothing has been decided here yet", handling)
        return
    if stage.status not in ALLOWED[what]:
        raise NotAllowed("wrong_step", f"an alert that is {stage.status.replace('_', ' ')} cannot be "
                         f"{'taken' if what == 'acknowledge' else 'changed in this way'}", handling)  # fmt: skip
    if what == "dismiss" and not decision.reason.strip():
        raise NotAllowed("needs_reason", "say why it is dismissed", handling)
    if what == "dispatch" and not (decision.volunteer or "").strip():
        raise NotAllowed("needs_volunteer", "say who is sent", handling)


def _meanwhile(handling: Handling) -> str:
    if not handling.history:
        return "the list has changed; look again"
    last = handling.history[-1].decision
    return f"{last.by} {PAST[last.what]} it meanwhile; look again"


def _next(stage: Stage, decision: Decision) -> Stage:
    """What holds after a step that was found to be allowed."""
    change = msgspec.structs.replace
    what, minutes = decision.what, decision.deadline_minutes
    due_ms = None if minutes is None else decision.at_ms + minutes * 60_000
    if what == "acknowledge":
        return Stage(status="acknowledged", owner=decision.by, owned_ms=decision.at_ms, deadline_ms=due_ms)
    if what == "take_over":
        return change(stage, owner=decision.by, owned_ms=decision.at_ms, deadline_ms=due_ms)
    if what == "extend":
        return change(stage, deadline_ms=due_ms)
    if what == "dispatch":
        return change(stage, status="dispatched", deadline_ms=due_ms, volunteer=decision.volunteer,
                      move=decision.move, to_precinct=decision.to_precinct)  # fmt: skip
    if what == "arrive":
        return change(stage, status="on_site", deadline_ms=due_ms)
    if what == "reopen":
        return Stage(status="reopened", reason=decision.reason)
    ended: HandlingStatus = "resolved" if what == "resolve" else "dismissed"
    return change(stage, status=ended, deadline_ms=None, reason=decision.reason, severity=decision.severity)
