"""From alerts to text requests. Pure: what each rule asks for now, or why it asks for nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from warroom.domain.alerts import SEVERITY_RANK, Alert
from warroom.domain.election import ElectionDay
from warroom.domain.places import PollSite, Precinct
from warroom.domain.texts import Audience, TextRequest
from warroom.texting.ended import Ended
from warroom.texting.guards import MINUTE_MS, WORDS, latest_ms
from warroom.texting.rules import Limits, Rule, Texting
from warroom.texting.templates import segments

# {precinct: {(band, language): people}} of the campaign's list, opted out not counted
Counts = Mapping[str, Mapping[tuple[str, str], int]]


@dataclass(frozen=True)
class Considered:
    """What one rule made of one alert: a request, or why not, in words."""

    rule: str
    alert: str
    request: TextRequest | None
    why_not: str = ""


def consider(
    alerts: Iterable[Alert], texting: Texting, at: "Places", counts: Counts, day: ElectionDay, now_ms: int,
    ended: Iterable[Ended] = (), site_stopped: Collection[str] = (),
) -> list[Considered]:  # fmt: skip
    """Every pair of an alert and a rule that speaks of its kind. `now_ms`: epoch, the day's clock.

    Rules answer `alerts` while they are open, or those of `ended` that ended lately, as each says.
    `site_stopped` are precincts whose poll site takes no voters now.
    """
    look = _Look(texting, at, counts, day, now_ms, site_stopped)
    stand = [
        look.at_alert(alert, rule)
        for alert in alerts
        if alert.status != "closed"
        for rule in texting.rule
        if rule.when == "open" and alert.kind in rule.kinds
    ]
    return stand + [
        look.at_alert(over.alert, rule, over)
        for over in ended
        for rule in texting.rule
        if rule.when == "over" and over.alert.kind in rule.kinds
        if 0 <= now_ms - over.at_ms <= rule.within_minutes * MINUTE_MS
    ]


class Places:
    """Which precincts an alert is about, and what people call its place."""

    def __init__(self, precincts: Iterable[Precinct], sites: Iterable[PollSite] = ()) -> None:
        self._site: dict[str, list[str]] = {}
        self._region: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}
        self._home: dict[str, str] = {}  # {precinct: site}
        self._site_names = {s.site_id: s.name or s.site_id for s in sites}
        for p in precincts:
            self._names[p.precinct_id] = p.name or p.precinct_id
            self._home[p.precinct_id] = p.site_id
            self._site.setdefault(p.site_id, []).append(p.precinct_id)
            self._region.setdefault(p.region, []).append(p.precinct_id)

    def name(self, alert: Alert) -> str:
        """The name of its precinct, else of its site, else of its region."""
        if alert.precinct:
            return self._names.get(alert.precinct, alert.precinct)
        return self._site_names.get(alert.site, alert.site) if alert.site else alert.region

    def of(self, alert: Alert) -> list[str]:
        """Its precinct, else its site's, else its region's."""
        if alert.precinct:
            return [alert.precinct]
        return self._site.get(alert.site, []) if alert.site else self._region.get(alert.region, [])

    def stopped(self, standing: Iterable[Alert]) -> frozenset[str]:
        """Every precinct whose poll site has a stoppage among these alerts."""
        found: set[str] = set()
        for alert in standing:
            if alert.kind == "stoppage":
                site = alert.site or self._home.get(alert.precinct or "", "")
                found.update(self._site.get(site, []) if site else self.of(alert))
        return frozenset(found)


@dataclass(frozen=True)
class _Look:
    """One look at the room."""

    texting: Texting
    at: Places
    counts: Counts
    day: ElectionDay
    now_ms: int
    site_stopped: Collection[str]

    def at_alert(self, alert: Alert, rule: Rule, over: Ended | None = None) -> Considered:
        """What a rule makes of an alert, or of its end."""
        limits, closes_ms = self.texting.limits, round(self.day.closes_at.timestamp() * 1000)
        chosen, people, listed = _audience(self.at.of(alert), rule, self.counts)
        latest = latest_ms(closes_ms, people, limits)
        why_not = (
            _why_not(alert, rule, closes_ms, self.now_ms)
            or _no_audience(rule, people, listed, latest, self.now_ms)
            or (WORDS["site_stopped"] if all_stopped(chosen, self.site_stopped) else "")
        )
        if why_not:
            return Considered(rule.name, alert.id, None, why_not)
        end = f":{self._clock(over):%H%M}" if over else ""  # an alert that people reopened may end again
        request = TextRequest(
            id=f"{rule.name}:{alert.id}{end}", rule=rule.name, alert=alert.id, kind=alert.kind, region=alert.region,
            place=self.at.name(alert), reason=self._ended_words(over) if over else alert.reason,
            proposed_ms=self.now_ms, latest_ms=latest,
            audience=Audience(
                precincts=tuple(chosen), bands=rule.bands, languages=rule.languages, people=people
            ),
            variants=rule.variant,
            voters=(0.0, 0.0, 0.0), cost_cents=0,
            hold_out_share=limits.hold_out_share,
            two_person=people > limits.two_person_over,
            when=rule.when,
        )  # fmt: skip
        return Considered(rule.name, alert.id, promised(request, rule, self.texting.campaign.cents_a_segment))

    def _clock(self, over: Ended) -> datetime:
        return datetime.fromtimestamp(over.at_ms / 1000, self.day.tz)

    def _ended_words(self, over: Ended) -> str:
        """That it is over, since when, and what it had come to, as far as the alert knows."""
        alert, clock = over.alert, f"{self._clock(over):%H:%M}"
        stood = f"the alert stood for {(over.at_ms / 1000 - alert.raised_at.timestamp()) / 60:.0f} min"
        if alert.kind != "stoppage":
            return f"{'Resolved' if over.by_people else 'Over'} at {clock}, {stood}: {alert.reason}"
        missed = f", about {alert.shortfall:.0f} voters fewer than expected" if alert.shortfall else ""
        return f"Voting goes on, {'resolved' if over.by_people else 'seen'} at {clock}; {stood}{missed}"


def promised(request: TextRequest, rule: Rule, cents_a_segment: float) -> TextRequest:
    """The request with what follows from its people, its wordings and the share left out: whom it reaches, votes, cost.

    The cost is by the longest wording, fields filled with 24 characters each: an upper figure.
    """
    held_out = round(request.audience.people * request.hold_out_share)
    reached = request.audience.people - held_out
    longest = max(
        segments(template.replace("{", "x" * 12).replace("}", "x" * 12))
        for variant in request.variants
        for template in variant.texts.values()
    )
    return msgspec.structs.replace(
        request,
        audience=msgspec.structs.replace(request.audience, held_out=held_out),
        voters=(reached * rule.effect.low, reached * rule.effect.middle, reached * rule.effect.high),
        cost_cents=round(reached * longest * cents_a_segment),
    )


def all_stopped(precincts: Collection[str], site_stopped: Collection[str]) -> bool:
    """Whether nobody of these precincts can vote now."""
    return bool(precincts) and all(p in site_stopped for p in precincts)


def _why_not(alert: Alert, rule: Rule, closes_ms: int, now_ms: int) -> str:
    """Without figures of the alert's own, so that `warroom text check` can count equal reasons."""
    if SEVERITY_RANK[alert.severity] > SEVERITY_RANK[rule.severity]:
        return f"severity {alert.severity}, the rule begins at {rule.severity}"
    if rule.regions and alert.region not in rule.regions:
        return f"region {alert.region or 'unknown'} is not in the rule"
    if closes_ms - now_ms < rule.min_minutes_left * MINUTE_MS:
        return f"less than {rule.min_minutes_left} min to the close"
    if (alert.shortfall or 0) < rule.min_shortfall:
        return f"fewer than {rule.min_shortfall} voters short"
    return ""


def _no_audience(rule: Rule, people: int, listed: int, latest: int, now_ms: int) -> str:
    if not listed:
        return "nobody on the list there"
    if not people:
        return f"the list there is larger than the rule's max_people, {rule.max_people:,}"
    if now_ms >= latest:
        return "would not arrive in time to vote"
    return ""


def _audience(precincts: Iterable[str], rule: Rule, counts: Counts) -> tuple[list[str], int, int]:
    """The precincts to text, largest lists first, while they stay within the rule's size; how many people that is,
    and how many there are on the list.
    """
    sizes = {p: people_of(counts.get(p, {}), rule.bands, rule.languages) for p in precincts}
    chosen, total = [], 0
    for precinct in sorted((p for p in sizes if sizes[p]), key=lambda p: (-sizes[p], p)):
        if total + sizes[precinct] <= rule.max_people:
            chosen.append(precinct)
            total += sizes[precinct]
    return sorted(chosen), total, sum(sizes.values())


def people_of(cells: Mapping[tuple[str, str], int], bands: Sequence[str], languages: Sequence[str]) -> int:
    """People of these bands and languages; an empty list means all."""
    return sum(
        n for (band, language), n in cells.items()
        if (not bands or band in bands) and (not languages or language in languages)
    )  # fmt: skip


def limits_words(limits: Limits) -> str:
    """The guards' figures in one line, for the console and `warroom text check`."""
    return (
        f"{limits.quiet_until:%H:%M} to {limits.quiet_from:%H:%M} where people live · at most {limits.per_person} "
        f"{'text' if limits.per_person == 1 else 'texts'} a person · {limits.messages_per_second:g} texts a second · "
        f"none in the last {limits.minutes_to_vote} min · two people approve above {limits.two_person_over:,}"
    )
