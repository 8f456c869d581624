"""What the texts of a day came to: who approved them, what became of them, and what turnout did where they went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from anomaly.forecast import Forecast
from warroom.domain.texts import TextCase
from warroom.store.client import Client
from warroom.store.outbox import Outbox
from warroom.store.texts import TextStore
from warroom.texting.contacts import listed_in
from warroom.texting.effect import Effect, TextedPrecinct, estimate

GONE = ("sent", "delivered", "unknown", "replied", "opted_out")
ENDED = ("sent", "cancelled", "sending")


@dataclass(frozen=True)
class TextsSent:
    """One request that was begun. `people` is {precinct: (listed, texted)}, empty once the list was purged."""

    case: TextCase
    begun_ms: int
    tally: Mapping[str, int]
    people: Mapping[str, tuple[int, int]]


def texts_in(client: Client) -> tuple[TextsSent, ...]:
    """Every request of a room's store of which anything was sent, the first first."""
    outbox, found = Outbox(client), []
    for case in TextStore(client).cases():
        begun = next((d.at_ms for d in case.history if d.what == "start"), None)
        if begun is None or case.status not in ENDED:
            continue
        states = outbox.states(case.request.id)
        people = {
            precinct: (len(refs), sum(states.get(ref) in GONE for ref in refs))
            for precinct, refs in listed_in(client, case.request.audience).items()
        }
        found.append(TextsSent(case, begun, outbox.tally(case.request.id), people))
    return tuple(sorted(found, key=lambda s: (s.begun_ms, s.case.request.id)))


def start_minutes(sent: Sequence[TextsSent], opens_ms: int, step: float) -> dict[str, float]:
    """{request: minute of the first step of the day's grid at or after its sending began}."""
    return {s.case.request.id: float(np.ceil((s.begun_ms - opens_ms) / 60_000 / step) * step) for s in sent}


def text_rows(
    sent: Sequence[TextsSent], place: Mapping[str, int], at_start: Mapping[str, Forecast], end: Forecast
) -> tuple[list[dict[str, Any]], Effect | None]:
    """A row a request, with what was promised and what was measured; and the effect over the whole day.

    `at_start` is the forecast when each request began, `place` {precinct: row of a forecast}. What a precinct
    cast above what was then forecast for its close is compared between those texted more and less by lot.
    """
    rows, everywhere = [], list[TextedPrecinct]()
    for one in sent:
        request, then = one.case.request, at_start.get(one.case.request.id)
        measured = _measured(one, place, then, end) if then is not None else []
        everywhere += measured
        rows.append(
            {
                "place": request.place, "rule": request.rule, "kind": request.kind, "begun_ms": one.begun_ms,
                "by": ", ".join(d.by for d in one.case.history if d.what == "approve"),
                "people": request.audience.people,
                "texted": sum(one.tally.get(state, 0) for state in GONE), "delivered": _delivered(one.tally),
                "opted_out": one.tally.get("opted_out", 0), "promised": request.voters, "effect": estimate(measured),
            }
        )  # fmt: skip
    return rows, estimate(everywhere) if rows else None


def _delivered(tally: Mapping[str, int]) -> int:
    return tally.get("delivered", 0) + tally.get("replied", 0)


def _measured(one: TextsSent, place: Mapping[str, int], then: Forecast, end: Forecast) -> list[TextedPrecinct]:
    found = []
    for precinct, (listed, texted) in one.people.items():
        i = place.get(precinct)
        if i is None or not listed or end.reported[i] < 0:
            continue  # a precinct never heard from tells nothing
        expected = max(float(then.final[i] - then.now[i]), 1.0)
        found.append(TextedPrecinct(precinct, listed, texted, expected, float(end.final[i] - then.final[i])))
    return found
