"""Nothing is sent that nobody approved; above a size two people must."""

import msgspec
import pytest

from warroom.domain.texts import Audience, TextCase, TextDecision, TextNotAllowed, TextRequest, Variant, decide_text

REQUEST = TextRequest(
    id="r:a1", rule="r", alert="a1", kind="low_turnout", region="North", place="p1", reason="short", proposed_ms=0,
    latest_ms=1_000, audience=Audience(precincts=("p1",), people=600, held_out=60),
    variants=(Variant(name="plain", texts={"en": "vote"}),), voters=(0.0, 4.0, 16.0), cost_cents=700, two_person=True,
)  # fmt: skip


def step(case, what, by="Ana", at_ms=10, reason="", request=None):
    return decide_text(
        case, TextDecision(what=what, by=by, at_ms=at_ms, version=case.version, reason=reason, request=request)
    )


def refused(case, *given, **more) -> str:
    with pytest.raises(TextNotAllowed) as told:
        step(case, *given, **more)
    return told.value.reason


def test_two_people_approve_a_large_one_and_the_same_one_twice_is_not_two():
    once = step(TextCase(request=REQUEST), "approve")
    assert once.status == "proposed" and once.approvals_needed == 1
    assert refused(once, "approve") == "same_person"
    assert step(once, "approve", by="Ben").status == "approved"


def test_one_is_enough_for_a_small_one():
    small = TextCase(request=msgspec.structs.replace(REQUEST, two_person=False))
    assert step(small, "approve").status == "approved"


def test_an_edit_takes_all_approvals_back():
    approved = step(step(TextCase(request=REQUEST), "approve"), "approve", by="Ben")
    other = msgspec.structs.replace(REQUEST, variants=(Variant(name="plain", texts={"en": "please vote"}),))
    edited = step(approved, "edit", request=other)
    assert edited.status == "proposed" and edited.approvals_needed == 2 and edited.request == other


@pytest.mark.parametrize("what", ["start", "finish"])
def test_what_nobody_approved_is_not_sent(what):
    assert refused(TextCase(request=REQUEST), what, by="sender") == "wrong_step"
    assert refused(step(TextCase(request=REQUEST), "approve"), what, by="sender") == "wrong_step"


def test_a_refusal_and_a_cancel_need_a_reason_and_end_it():
    assert refused(TextCase(request=REQUEST), "refuse") == "needs_reason"
    over = step(TextCase(request=REQUEST), "refuse", reason="wrong wording")
    for what in ("approve", "edit", "cancel", "start"):
        assert refused(over, what, reason="x", request=REQUEST) == "wrong_step"


def test_too_late_cannot_be_approved_or_begun():
    assert refused(TextCase(request=REQUEST), "approve", at_ms=1_000) == "too_late"
    approved = step(step(TextCase(request=REQUEST), "approve"), "approve", by="Ben")
    assert refused(approved, "start", by="sender", at_ms=1_000) == "too_late"


def test_who_decides_on_an_old_version_is_told_who_was_faster():
    case = TextCase(request=REQUEST)
    after = step(case, "approve")
    with pytest.raises(TextNotAllowed, match="Ana approved it meanwhile"):
        decide_text(after, TextDecision(what="refuse", by="Ben", at_ms=10, version=0, reason="no"))
