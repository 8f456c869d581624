"""A text request: what an alert proposes to send, who decided about it, and where it stands. Pure.

    proposed -> approved -> sending -> sent
       |  (edited: approvals start over)     proposed, approved, sending -> cancelled; proposed -> refused | expired

Nothing is sent that a person has not approved; above a size two people must. Every decision makes a
new version and names the version it was made on, as with alerts (warroom.domain.handling).
All times are epoch ms of the day's clock. People are counted here, never named.
"""

from typing import Annotated, Literal

import msgspec

TextStatus = Literal["proposed", "approved", "sending", "sent", "refused", "cancelled", "expired"]
TextStep = Literal["approve", "edit", "refuse", "cancel", "start", "finish", "expire"]
TextRefusal = Literal["stale", "wrong_step", "needs_reason", "same_person", "too_late"]
When = Literal["open", "over"]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]

ALLOWED: dict[TextStep, frozenset[TextStatus]] = {  # from which status a step may be taken
    "approve": frozenset({"proposed"}),
    "edit": frozenset({"proposed", "approved"}),
    "refuse": frozenset({"proposed", "approved"}),
    "cancel": frozenset({"proposed", "approved", "sending"}),
    "start": frozenset({"approved"}),
    "finish": frozenset({"sending"}),
    "expire": frozenset({"proposed", "approved"}),
}
AFTER: dict[TextStep, TextStatus] = {
    "refuse": "refused", "cancel": "cancelled", "start": "sending", "finish": "sent", "expire": "expired",
}  # fmt: skip
PAST: dict[TextStep, str] = {
    "approve": "approved", "edit": "edited", "refuse": "refused", "cancel": "cancelled",
    "start": "began to send", "finish": "finished", "expire": "let lapse",
}  # fmt: skip


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a text is for: supporters of these precincts, from the campaign's own list.

    `bands` are propensity bands of that list, `languages` two-letter codes; empty means all. `people` is how
    many that is, `held_out` how many of them get nothing, by lot, so that the effect can be measured.
    """

    precincts: tuple[str, ...]
    bands: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    people: int = 0
    held_out: int = 0


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One wording. `texts` is {language: template with safe fields such as {site_name}}."""

    name: str
    texts: dict[str, str]


class TextRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule proposes in answer to an alert.

    `voters` are (low, middle, high) expected votes won, 90 %; `cost_cents` of all messages; after `latest_ms`
    a message would no longer arrive in time for anybody to act on it; `two_person` above the rule's size. `when` is
    what it answers: an alert while it is open, or that it is over.
    """

    id: str
    rule: str
    alert: str
    kind: str
    region: str
    place: str
    reason: str
    proposed_ms: int
    latest_ms: int
    audience: Audience
    variants: tuple[Variant, ...]
    voters: tuple[float, float, float]
    cost_cents: int
    hold_out_share: Share = 0.1
    two_person: bool = False
    when: When = "open"


class TextDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decided; `by` is the account, or "sender" for the machine's own steps.

    `request` is what an edit makes of the request; the other steps leave it as it is.
    """

    what: TextStep
    by: str
    at_ms: int
    version: int
    reason: str = ""
    request: TextRequest | None = None


class TextCase(msgspec.Struct, frozen=True, kw_only=True):
    """A request with all that was decided about it. `approved_by` are the accounts whose approval stands."""

    request: TextRequest
    version: int = 0
    status: TextStatus = "proposed"
    approved_by: tuple[str, ...] = ()
    history: tuple[TextDecision, ...] = ()

    @property
    def approvals_needed(self) -> int:
        """How many more people must approve before anything is sent."""
        return max(0, (2 if self.request.two_person else 1) - len(self.approved_by))


class TextNotAllowed(Exception):
    """A decision that cannot be taken: `reason` names why, the text says it to the person."""

    def __init__(self, reason: TextRefusal, text: str, case: TextCase) -> None:
        super().__init__(text)
        self.reason: TextRefusal = reason
        self.case = case


def decide_text(case: TextCase, decision: TextDecision) -> TextCase:
    """The case after a decision. Raises TextNotAllowed.

    An edit takes all approvals back: nobody approved the new wording. Whoever edited may approve, but
    where two people are needed they must be two.
    """
    _check(case, decision)
    request, approved_by, status = case.request, case.approved_by, case.status
    if decision.what == "edit":
        assert decision.request is not None
        request, approved_by, status = decision.request, (), "proposed"
    elif decision.what == "approve":
        approved_by = (*approved_by, decision.by)
        status = "approved" if len(approved_by) >= (2 if request.two_person else 1) else "proposed"
    else:
        status = AFTER[decision.what]
    return TextCase(
        request=request, version=case.version + 1, status=status, approved_by=approved_by,
        history=(*case.history, decision),
    )  # fmt: skip


def _check(case: TextCase, decision: TextDecision) -> None:
    what = decision.what
    if decision.version != case.version:
        last = case.history[-1] if case.history else None
        told = f"{last.by} {PAST[last.what]} it meanwhile; look again" if last else "it has changed; look again"
        raise TextNotAllowed("stale", told, case)
    if case.status not in ALLOWED[what]:
        raise TextNotAllowed("wrong_step", f"a request that is {case.status} cannot be {PAST[what]}", case)
    if what == "edit" and decision.request is None:
        raise TextNotAllowed("wrong_step", "say what is changed", case)
    if what in ("refuse", "cancel") and not decision.reason.strip():
        raise TextNotAllowed("needs_reason", "say why", case)
    if what == "approve" and decision.by in case.approved_by:
        raise TextNotAllowed("same_person", "a second person must approve", case)
    if what in ("approve", "start") and decision.at_ms >= case.request.latest_ms:
        raise TextNotAllowed("too_late", "it would no longer arrive in time to vote", case)
