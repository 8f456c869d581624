"""Text requests as the console shows them: figures with their intervals, exact messages, what became of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from warroom.domain.texts import ALLOWED, TextCase
from warroom.store.outbox import GONE
from warroom.store.sender_state import SenderState
from warroom.texting.guards import WORDS
from warroom.texting.rules import Texting
from warroom.texting.templates import Place, render, segments
from warroom.texting.variants import Posterior

EXAMPLE_NAME = "Maria"  # a name in the preview; nobody's on the list is shown
_IN_WORDS = {str(guard): words for guard, words in WORDS.items()}
WAITS = "wait until it is the hour where they are"


def row(
    case: TextCase, tally: Mapping[str, int], reasons: Mapping[str, int], now_ms: int, waits: int = 0
) -> dict[str, Any]:
    """One request in the queue. Counts are messages, `voters` low, middle, high votes, times epoch ms.

    `waits`: of those queued, how many wait for the hour where people live.
    """
    request = case.request
    reasons = {**reasons, WAITS: waits} if waits and case.status == "sending" else reasons
    return {
        "id": request.id, "rule": request.rule, "alert": request.alert, "kind": request.kind,
        "when": request.when,
        "place": request.place, "region": request.region, "reason": request.reason,
        "status": case.status, "version": case.version, "approved_by": list(case.approved_by),
        "approvals_needed": case.approvals_needed if case.status == "proposed" else 0,
        "two_person": request.two_person, "proposed_ms": request.proposed_ms, "latest_ms": request.latest_ms,
        "is_late": case.status in ("proposed", "approved") and now_ms >= request.latest_ms,
        "people": request.audience.people, "held_out": request.audience.held_out,
        "hold_out_share": request.hold_out_share, "precincts": list(request.audience.precincts),
        "bands": list(request.audience.bands), "languages": list(request.audience.languages),
        "voters": list(request.voters), "cost_cents": request.cost_cents,
        "tally": dict(tally), "begun": sum(tally.get(state, 0) for state in GONE),
        "reasons": [{"why": in_words(why), "messages": n} for why, n in sorted(reasons.items(), key=lambda r: -r[1])],
        "steps": [step for step in ("approve", "edit", "refuse", "cancel") if case.status in ALLOWED[step]],
    }  # fmt: skip


def in_words(why: str) -> str:
    """A guard's name as people read it; a provider's reason as it is."""
    return _IN_WORDS.get(why, why)


def sender_row(state: SenderState | None, wall_ms: int) -> dict[str, Any] | None:
    """How the sender does; `rests_s` until it tries again, `silent_s` since its worker was last heard."""
    if state is None:
        return None
    return {
        "state": state.state, "failures": state.failures, "reason": state.reason,
        "rests_s": max(0, state.until_ms - wall_ms) / 1_000 if state.until_ms else 0,
        "silent_s": max(0, wall_ms - state.at_ms) / 1_000,
    }  # fmt: skip


def wording_rows(found: Sequence[Posterior]) -> list[dict[str, Any]]:
    """Share of readers who answer, by wording, best first; 90 % interval."""
    return [
        {"variant": p.name, "mean": p.mean, "low": p.low, "high": p.high, "best": p.best, "messages": p.delivered}
        for p in found
    ]


def detail(
    case: TextCase, texting: Texting, places: Mapping[str, Place], wordings: Sequence[Posterior] = ()
) -> dict[str, Any]:
    """What an approver reads before deciding: every wording as one precinct's readers get it, and the history."""
    shown = next((p for p in case.request.audience.precincts if p in places), None)
    place = places[shown] if shown is not None else None
    return {
        "id": case.request.id,
        "preview_precinct": shown,
        "wordings": wording_rows(wordings),
        "previews": previews(case, texting, place) if place else [],
        "history": [{"what": d.what, "by": d.by, "at_ms": d.at_ms, "reason": d.reason} for d in reversed(case.history)],
    }


def previews(case: TextCase, texting: Texting, place: Place) -> Sequence[Mapping[str, Any]]:
    """Each wording in each language, filled in for one place."""
    found = []
    for variant in case.request.variants:
        for language, template in sorted(variant.texts.items()):
            text = render(template, texting.campaign.name, place, EXAMPLE_NAME)
            found.append({"variant": variant.name, "language": language, "template": template, "text": text,
                          "segments": segments(text)})  # fmt: skip
    return found
