"""Why a text is not sent. Each guard is one rule with a name; a refusal names it, and the screen shows it. Pure."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from warroom.texting.rules import Limits

Guard = Literal[
    "opted_out", "quiet_hours", "cap", "held_out", "cannot_arrive", "recovered", "site_stopped", "no_place", "no_text",
    "stopped",
]  # fmt: skip
WORDS: dict[Guard, str] = {
    "opted_out": "asked not to be texted",
    "quiet_hours": "it is not the hour where they are",
    "cap": "has had their share of messages",
    "held_out": "left out by lot, to measure the effect",
    "cannot_arrive": "would not arrive in time to vote",
    "recovered": "the precinct has recovered",
    "site_stopped": "voting at their site has stopped",
    "no_place": "the day folder does not say where they vote",
    "no_text": "no wording in their language",
    "stopped": "texting is stopped",
}
SECOND_MS, MINUTE_MS = 1_000, 60_000


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """One person as the guards see them: no name, no number. `texts_had`: messages they were sent today."""

    precinct: str
    band: str = ""
    language: str = "en"
    timezone: str = ""
    opted_out: bool = False
    texts_had: int = 0
    held_out: bool = False


def latest_ms(closes_ms: int, people: int, limits: Limits) -> int:
    """The last moment at which sending to so many can begin, so that the last reader has time to vote."""
    sending_ms = round(people / limits.messages_per_second * SECOND_MS)
    return closes_ms - limits.minutes_to_vote * MINUTE_MS - sending_ms


def person_guard(
    person: Recipient, now_ms: int, closes_ms: int, limits: Limits, texts: Mapping[str, str],
    recovered: Collection[str] = (), day_zone: str = "UTC", site_stopped: Collection[str] = (),
) -> Guard | None:  # fmt: skip
    """The first guard that keeps this message from this person now; None where it may go.

    `texts` is {language: template} of the chosen variant; `recovered` are precincts whose alert is over,
    `site_stopped` those whose poll site takes no voters now: nobody is sent there.
    A person without a known time zone is taken to be where the election is.
    """
    if person.opted_out:
        return "opted_out"
    if person.held_out:
        return "held_out"
    if person.texts_had >= limits.per_person:
        return "cap"
    if person.precinct in recovered:
        return "recovered"
    if person.precinct in site_stopped:
        return "site_stopped"
    if not wording(texts, person.language):
        return "no_text"
    if now_ms >= closes_ms - limits.minutes_to_vote * MINUTE_MS:
        return "cannot_arrive"
    if not in_hours(now_ms, person.timezone or day_zone, limits):
        return "quiet_hours"
    return None


def wording(texts: Mapping[str, str], language: str) -> str:
    """The template in this language, else the English one, else nothing."""
    return texts.get(language.lower()[:2]) or texts.get("en", "")


def in_hours(now_ms: int, zone: str, limits: Limits) -> bool:
    """Whether it is an hour to be texted at in `zone`; an unknown zone never is."""
    try:
        local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).time()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return limits.quiet_until <= local < limits.quiet_from


def hour_comes_ms(now_ms: int, zone: str, closes_ms: int, limits: Limits) -> int | None:
    """When it is next an hour to be texted at in `zone`, epoch ms; None where that is too late to vote, or unknown."""
    if in_hours(now_ms, zone, limits):
        return now_ms
    try:
        local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    day = local.date() + timedelta(days=local.time() >= limits.quiet_until)
    at_ms = round(datetime.combine(day, limits.quiet_until, local.tzinfo).timestamp() * 1000)
    return at_ms if at_ms < closes_ms - limits.minutes_to_vote * MINUTE_MS else None
