"""What each rule would have done on a recorded day: proposed when, to how many, in time, and who was kept out and why.

The day runs once more (warroom.history.rerun), five minutes a step. A request is taken to be approved
`approve_minutes` after it is proposed, if its alert is still open then (one that answers an alert's end: if
people there can still vote), and sent at the sender's rate, one request after the other. An alert that was open a
step before and is not now has ended. Alerts are recomputed; a room on the day may have seen one a step earlier or
later.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from warroom.domain.alerts import Alert
from warroom.domain.election import ElectionDay
from warroom.domain.texts import TextRequest
from warroom.history.rerun import Moment
from warroom.texting.ended import Ended
from warroom.texting.guards import MINUTE_MS, Guard, Recipient, hour_comes_ms, person_guard
from warroom.texting.propose import Counts, Places, all_stopped, consider
from warroom.texting.rules import Texting


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it would have gone. `kept_out` is {guard: people}; `sent` would have had a message."""

    id: str
    rule: str
    place: str
    region: str
    kind: str
    minute: float
    people: int
    sent: int
    voters: tuple[float, float, float]
    cost_cents: int
    outcome: str
    kept_out: dict[str, int]


@dataclass
class Checked:
    """A whole day. `why_not` is {(rule, last reason): alerts that it never made a request of}."""

    proposed: list[Proposed] = field(default_factory=list)
    why_not: Counter[tuple[str, str]] = field(default_factory=Counter)
    alerts: int = 0


@dataclass
class _Waiting:
    request: TextRequest
    minute: float


class Check:
    """One pass over a day's moments. `people` are of the list, by precinct; it counts who was texted."""

    def __init__(
        self, texting: Texting, day: ElectionDay, at: Places, people: Iterable[Recipient],
        approve_minutes: float = 10.0, lot: Callable[[int], Iterable[bool]] | None = None,
    ) -> None:  # fmt: skip
        self._texting, self._day, self._at = texting, day, at
        self._approve_minutes = approve_minutes
        self._lot = lot or _every_nth(texting.limits.hold_out_share)
        self._people: dict[str, list[Recipient]] = defaultdict(list)
        for person in people:
            self._people[person.precinct].append(person)
        self._had: Counter[tuple[str, int]] = Counter()  # {(precinct, place in its list): messages}
        self._counts: Counts = {p: _cells(found) for p, found in self._people.items()}
        self._opens_ms = round(day.opens_at.timestamp() * 1000)
        self._closes_ms = round(day.closes_at.timestamp() * 1000)
        self._known: set[str] = set()
        self._why_not: dict[tuple[str, str], str] = {}  # {(rule, alert): the last reason}
        self._waiting: list[_Waiting] = []
        self._open: dict[str, Alert] = {}
        self._ended: list[Ended] = []
        self._free_ms = 0.0  # when the sender has done what it was given
        self.found = Checked()

    def step(self, moment: Moment) -> None:
        """Take one moment of the day, in order."""
        now_ms = self._opens_ms + round(moment.minute * MINUTE_MS)
        still = {alert.id: alert for alert in moment.open}
        self._ended += [Ended(a, now_ms) for a in self._open.values() if a.id not in still]
        self._open, stopped = still, self._at.stopped(moment.open)
        self._approve(moment.minute, now_ms, still, stopped)
        for found in consider(
            moment.open, self._texting, self._at, self._counts, self._day, now_ms, self._ended, stopped
        ):
            key = f"{found.rule}:{found.alert}"
            if key in self._known:
                continue
            if found.request is None:
                self._why_not[found.rule, found.alert] = found.why_not
                continue
            self._known.add(key)
            self._why_not.pop((found.rule, found.alert), None)
            self._waiting.append(_Waiting(found.request, moment.minute))

    def finish(self) -> Checked:
        """What came of it; requests that nobody could approve before the end are counted so."""
        for waiting in self._waiting:
            self._note(waiting, 0, "the day ended first", Counter())
        self._waiting = []
        for alert in self._open.values():
            for rule in self._texting.rule:
                if rule.when == "over" and alert.kind in rule.kinds:
                    self._why_not[rule.name, alert.id] = "not over by the end of the day"
        self.found.why_not.update((rule, why) for (rule, _), why in self._why_not.items())
        return self.found

    def _approve(self, minute: float, now_ms: int, open_ids: Collection[str], stopped: Collection[str]) -> None:
        waits = []
        for waiting in self._waiting:
            request = waiting.request
            if request.when == "open" and request.alert not in open_ids:
                self._note(waiting, 0, "the alert was over", Counter())
            elif request.when == "over" and all_stopped(request.audience.precincts, stopped):
                self._note(waiting, 0, "voting at their site had stopped again", Counter())
            elif minute - waiting.minute < self._approve_minutes:
                waits.append(waiting)
            elif now_ms >= request.latest_ms:
                self._note(waiting, 0, "too late to approve", Counter())
            else:
                sent, kept_out = self._send(request, now_ms, stopped)
                self._note(waiting, sent, "sent", kept_out)
        self._waiting = waits

    def _send(self, request: TextRequest, now_ms: int, stopped: Collection[str]) -> tuple[int, Counter[Guard]]:
        texts = request.variants[0].texts
        kept_out: Counter[Guard] = Counter()
        sent, at_ms = 0, max(self._free_ms, float(now_ms))
        each_ms = 1000 / self._texting.limits.messages_per_second
        for precinct in request.audience.precincts:
            chosen = [(n, p) for n, p in enumerate(self._people[precinct]) if _belongs(p, request)]
            for (n, person), out in zip(chosen, self._lot(len(chosen)), strict=False):
                seen = msgspec.structs.replace(person, held_out=out, texts_had=self._had[precinct, n])
                guard = self._guard(seen, round(at_ms), texts, stopped)
                if guard is None:
                    sent, at_ms = sent + 1, at_ms + each_ms
                    self._had[precinct, n] += 1
                else:
                    kept_out[guard] += 1
        self._free_ms = at_ms
        return sent, kept_out

    def _guard(self, person: Recipient, at_ms: int, texts: Mapping[str, str], stopped: Collection[str]) -> Guard | None:
        """As the sender's: whom it is too early to text is texted at their hour."""
        limits, zone = self._texting.limits, self._day.timezone
        guard = person_guard(person, at_ms, self._closes_ms, limits, texts, (), zone, stopped)
        waits = guard == "quiet_hours" and hour_comes_ms(at_ms, person.timezone or zone, self._closes_ms, limits)
        return None if waits else guard

    def _note(self, waiting: _Waiting, sent: int, outcome: str, kept_out: Mapping[Guard, int]) -> None:
        request = waiting.request
        self.found.proposed.append(
            Proposed(
                id=request.id, rule=request.rule, place=request.place, region=request.region, kind=request.kind,
                minute=waiting.minute, people=request.audience.people, sent=sent, voters=request.voters,
                cost_cents=request.cost_cents, outcome=outcome,
                kept_out={str(guard): n for guard, n in kept_out.items()},
            )
        )  # fmt: skip


def run_check(check: Check, moments: Iterable[Moment]) -> Checked:
    """The whole day through a check."""
    seen: set[str] = set()
    for moment in moments:
        check.step(moment)
        seen |= {alert.id for alert in moment.open}
    found = check.finish()
    found.alerts = len(seen)
    return found


def _belongs(person: Recipient, request: TextRequest) -> bool:
    audience = request.audience
    return (not audience.bands or person.band in audience.bands) and (
        not audience.languages or person.language in audience.languages
    )


def _cells(people: Iterable[Recipient]) -> dict[tuple[str, str], int]:
    return Counter((p.band, p.language) for p in people if not p.opted_out)


def _every_nth(share: float) -> Callable[[int], Iterable[bool]]:
    """The drawn share, spread evenly: a check must say the same twice."""
    return lambda count: (int((n + 1) * share) > int(n * share) for n in range(count))
