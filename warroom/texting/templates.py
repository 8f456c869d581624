"""What a text may say. Times and places come from the day folder through named fields, never from a template.

A template that states a time, a date, an address or a number of its own could be wrong for one of its
readers, and a wrong claim about voting keeps people from it; so a template with any digit is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from warroom.domain.election import ElectionDay
from warroom.domain.texts import Variant
from warroom.store.day import Roster

FIELDS = ("campaign_name", "first_name", "precinct_name", "site_name", "site_address", "polls_close")
MOST_SEGMENTS = 3
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_OPT_OUT = re.compile(r"\bSTOP\b")

# What may never stand in a text, with the reason that its writer is told. English and Spanish.
FORBIDDEN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), why)
    for pattern, why in (
        (r"\d", "a number: times, dates and addresses come from the day folder, as {polls_close} or {site_address}"),
        (r"\b(noon|midnight|o'?clock|tomorrow|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
         "a time or a day: write {polls_close}"),
        (r"\b(mediod[ií]a|medianoche|mañana|ayer|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo)\b",
         "a time or a day: write {polls_close}"),
        (r"\b(moved|closed|cancel\w*|postpon\w*|extended|relocat\w*)\b",
         "a claim that voting has changed: only the election office says that"),
        (r"\b(cerrad[oa]s?|cancelad[oa]s?|pospuest\w*|aplazad\w*|trasladad\w*)\b",
         "a claim that voting has changed: only the election office says that"),
        (r"\b(arrest\w*|police|jail|prison|fine[sd]?|penalt\w*|illegal\w*|deport\w*|immigration|warrant|felon\w*|crime)\b",
         "a threat, or what can be read as one"),
        (r"\b(polic[ií]a|c[aá]rcel|multa\w*|ilegal\w*|deporta\w*|inmigraci[oó]n|delito)\b",
         "a threat, or what can be read as one"),
        (r"\b(your (voting )?record|neighbou?rs will|we (will )?know (if|whether)|public record)\b",
         "pressure by what others will learn"),
        (r"\b(tu|su) (historial|registro) de voto\b", "pressure by what others will learn"),
        (r"\b(text|vote|votar?) (by|por) (text|phone|sms|tel[eé]fono|mensaje)\b",
         "a way to vote that does not exist"),
    )
)  # fmt: skip

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_TWICE = frozenset("^{}\\[~]|€\f")  # two septets each


@dataclass(frozen=True)
class Place:
    """What the day folder says of the reader's precinct. `polls_close` is local, as "9:00 PM"."""

    precinct_name: str
    site_name: str
    site_address: str
    polls_close: str


def faults(template: str, links: Sequence[str] = ()) -> list[str]:
    """Why a template may not be sent; empty where it may. `links` are the addresses that may stand in it.

    >>> faults("Hi {first_name}, vote at {site_name} until 8 PM! {campaign_name}. Reply STOP to end")
    ['it has "8", a number: times, dates and addresses come from the day folder, as {polls_close} or {site_address}']
    """
    found = []
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        return [f"its braces do not match ({error})"]
    for _, name, spec, conversion in parsed:
        if name is not None and (name not in FIELDS or spec or conversion):
            found.append(f"{{{name}}} is not a field; known are {', '.join(FIELDS)}")
    plain = "".join(text for text, *_ in parsed)
    for link in _LINK.findall(plain):
        if not any(link.rstrip(".,;!") == known for known in links):
            found.append(f"the link {link} is not in the list of links of texting.toml")
    plain = _LINK.sub(" ", plain)
    for pattern, why in FORBIDDEN:
        if hit := pattern.search(plain):
            found.append(f'it has "{hit.group()}", {why}')
    if not _OPT_OUT.search(plain):
        found.append('it does not say how to end: add "Reply STOP to end"')
    if "{campaign_name}" not in template:
        found.append("it does not say who writes: add {campaign_name}")
    return found


def wording_faults(variants: Sequence[Variant], languages: Sequence[str] = (), links: Sequence[str] = ()) -> list[str]:
    """Why these wordings may not go to readers of these languages (none: of any); empty where they may."""
    names = [variant.name.strip() for variant in variants]
    found = [
        f"variant {name!r} stands twice: give each its own name" for name in sorted(set(names)) if names.count(name) > 1
    ]
    for variant in variants:
        if "en" not in variant.texts and (not languages or {one.lower()[:2] for one in languages} - set(variant.texts)):
            found.append(
                f"variant {variant.name} has no text in English, for people whose language it lacks: add texts.en"
            )
        for language, template in variant.texts.items():
            found += [f"variant {variant.name}, {language}: {fault}" for fault in faults(template, links)]
    return found


def places_of(roster: Roster, day: ElectionDay) -> dict[str, Place]:
    """{precinct: what the day folder says of it}."""
    sites = {s.site_id: s for s in roster.sites}
    close = day.closes_at.astimezone(day.tz).strftime("%I:%M %p").lstrip("0")
    found = {}
    for p in roster.precincts:
        site = sites.get(p.site_id)
        found[p.precinct_id] = Place(
            precinct_name=p.name or p.precinct_id, site_name=site.name if site else "",
            site_address=site.address if site else "", polls_close=close,
        )  # fmt: skip
    return found


def render(template: str, campaign: str, place: Place, first_name: str = "") -> str:
    """The message as one reader gets it. The template has no faults; outside text is put in as text.

    A person's name is cleaned of control characters and of what could be read as a link.
    """
    values: Mapping[str, str] = {
        "campaign_name": campaign,
        "first_name": _plain_name(first_name),
        "precinct_name": place.precinct_name,
        "site_name": place.site_name,
        "site_address": place.site_address,
        "polls_close": place.polls_close,
    }
    text = re.sub(r"\s+([,.!?])", r"\1", " ".join(template.format_map(values).split()))
    text = text.lstrip(",.!? ")  # what stood behind a name that is not known
    return text[:1].upper() + text[1:]


def segments(text: str) -> int:
    """How many messages the network counts: GSM 03.38 septets 160 or 153 each, otherwise UCS-2 70 or 67.

    >>> segments("a" * 160), segments("a" * 161), segments("ы" * 71)
    (1, 2, 2)
    """
    if all(c in _GSM7 or c in _GSM7_TWICE for c in text):
        size, one, more = sum(2 if c in _GSM7_TWICE else 1 for c in text), 160, 153
    else:
        size, one, more = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if size <= one else -(-size // more)


def _plain_name(name: str) -> str:
    kept = "".join(c for c in name if c.isalpha() or c in " '’-")
    return kept.strip()[:30]
