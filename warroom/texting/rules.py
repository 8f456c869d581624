"""The reviewed file of rules: `texting.toml` of the day folder. Every fault in one message, with its remedy."""

import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from warroom.domain.alerts import AlertKind, AlertSeverity
from warroom.domain.texts import Variant, When
from warroom.texting import templates

FILE = "texting.toml"
Share = Annotated[float, msgspec.Meta(ge=0, le=0.9)]
Points = Annotated[float, msgspec.Meta(ge=0, le=0.2)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
SenderKind = Literal["dryrun", "twilio", "spoke", "webhook"]


class TextingError(Exception):
    """texting.toml cannot be used; the text lists every fault."""


class Campaign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who writes, and what it costs. `cents_a_segment` is the provider's price with carrier fees."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=60)]
    links: tuple[str, ...] = ()
    cents_a_segment: Annotated[float, msgspec.Meta(ge=0, le=100)] = 1.1


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The guards' figures.

    `quiet_until` and `quiet_from` bound the hours of sending, by the recipient's clock (8:00 to 21:00: the
    Telephone Consumer Protection Act's, 47 CFR 64.1200(c)(1)). `per_person` messages in all;
    `messages_per_second` is what the sender's registration lets through (10DLC: 4 to 75 by trust score);
    `minutes_to_vote` must remain after the last message arrives; above `two_person_over` two approve.
    """

    quiet_until: time = time(8)
    quiet_from: time = time(21)
    per_person: Positive = 1
    messages_per_second: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 4.0
    minutes_to_vote: Annotated[int, msgspec.Meta(ge=0, le=720)] = 60
    two_person_over: Annotated[int, msgspec.Meta(ge=0)] = 500
    hold_out_share: Share = 0.1


class Effect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points of turnout that one message adds (0-1), as assumed when a request is proposed.

    Defaults: low 0, middle .8 points (Malhotra, Michelson, Rogers and Valenzuela 2011, "Text Messages as
    Mobilization Tools", cold texts to registered voters), high 3.0 (Dale and Strauss 2009, "Don't Forget
    to Vote", people who had asked for texts). What it was on the day is measured: docs/texting.md.
    """

    low: Points = 0.0
    middle: Points = 0.008
    high: Points = 0.03


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When an alert proposes a text, to whom, and in which words. Empty lists mean all.

    `when` over: not while the alert is open, but within `within_minutes` after its end.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,40}$")]
    kinds: Annotated[tuple[AlertKind, ...], msgspec.Meta(min_length=1)]
    variant: Annotated[tuple[Variant, ...], msgspec.Meta(min_length=1)]
    when: When = "open"
    within_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 60
    severity: AlertSeverity = "high"
    regions: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    min_minutes_left: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 90
    min_shortfall: Annotated[int, msgspec.Meta(ge=0)] = 0
    max_people: Positive = 2_000
    effect: Effect = Effect()


class Texting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file. `sender` dryrun, the default, sends nothing."""

    campaign: Campaign
    rule: tuple[Rule, ...] = ()
    limits: Limits = Limits()
    sender: SenderKind = "dryrun"


def load_texting(day_dir: Path) -> Texting | None:
    """The rules of a day folder; None where it has none. Raises TextingError with every fault."""
    path = day_dir / FILE
    if not path.exists():
        return None
    return parse_texting(path.read_bytes(), str(path))


def parse_texting(raw: bytes, where: str = FILE) -> Texting:
    """The rules in this text. Raises TextingError."""
    try:
        texting = msgspec.convert(tomllib.loads(raw.decode("utf-8-sig")), Texting)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TextingError(f"{where}: not TOML ({error}). See docs/texting.md for an example.") from error
    except msgspec.ValidationError as error:
        raise TextingError(f"{where}: {error}. See docs/texting.md for every field.") from error
    found = [f"{where}: {fault}" for fault in _faults(texting)]
    if found:
        raise TextingError("\n".join(found))
    return texting


def _faults(texting: Texting) -> list[str]:
    found = []
    names = [rule.name for rule in texting.rule]
    found += [
        f"rule {name!r} stands twice: give each its own name" for name in sorted(set(names)) if names.count(name) > 1
    ]
    if texting.limits.quiet_until >= texting.limits.quiet_from:
        found.append("limits.quiet_until must be earlier than limits.quiet_from")
    for rule in texting.rule:
        if not rule.effect.low <= rule.effect.middle <= rule.effect.high:
            found.append(f"rule {rule.name}: effect low, middle, high must rise")
        wrong = templates.wording_faults(rule.variant, rule.languages, texting.campaign.links)
        found += [f"rule {rule.name}, {fault}" for fault in wrong]
    return found
