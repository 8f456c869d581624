"""Texting: valid rules, a sender with its settings, a list that opens, words that fit every precinct."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from warroom.loading import roster_of
from warroom.readiness._finding import Finding, green, some
from warroom.readiness._place import Place
from warroom.store import keys
from warroom.texting.contactlist import FILE as CONTACTS
from warroom.texting.rules import FILE, Texting, TextingError, load_texting
from warroom.texting.senders.registry import SenderError, open_sender
from warroom.texting.templates import MOST_SEGMENTS, places_of, render, segments
from warroom.texting.templates import Place as Spot
from warroom.texting.vault import KEY, KEY_FILE, Vault, VaultError, wrapping_key

ORDER, TITLE = 70, "Texting"
SITE_FIELDS = ("{site_name}", "{site_address}")


@dataclass(frozen=True)
class Facts:
    """`texting` is None where the folder has none, or `fault` where it cannot be used.

    `spots` is what may be said of each precinct. `listed`: whether the folder has a list of people; `people` how
    many the store holds (None: no room runs); `keyless`: whether no key is set here; `sealed` why it cannot open
    them, '' where it can.
    """

    texting: Texting | None
    fault: str = ""
    sender: str = ""
    spots: Mapping[str, Spot] | None = None
    listed: bool = False
    people: int | None = None
    keyless: bool = False
    sealed: str = ""
    start: str = ""
    load: str = ""


def look(place: Place) -> Facts:
    """Read the rules, try the sender's settings and the key. Nothing is sent and nobody's name is read."""
    path = place.folder.path
    try:
        texting = load_texting(path)
    except TextingError as error:
        return Facts(None, fault=str(error))
    if texting is None:
        return Facts(None)
    held = place.client is not None
    return Facts(
        texting, sender=_sender_trouble(texting, place.environ), listed=(path / CONTACTS).exists(),
        spots=places_of(roster_of(place.folder), place.folder.day),
        people=int(place.store().hlen(keys.TEXT_PEOPLE)) if held else None,
        keyless=not (place.environ.get(KEY) or place.environ.get(KEY_FILE)),
        sealed=_sealed(place) if held else "", start=place.start,
        load=f"warroom text load {shlex.quote(str(path))}{place.on}",
    )  # fmt: skip


def judge(facts: Facts) -> list[Finding]:
    """Rules, sender, list, previews."""
    if facts.fault:
        remedy = f"mend {FILE} as it says, then check again; docs/texting.md lists every field"
        return [Finding("rules", "red", facts.fault, remedy)]
    if facts.texting is None:
        return [green("texting", f"not set up: the day folder has no {FILE}")]
    return [_rules(facts.texting), _sender(facts, facts.texting), *_list(facts),
            _previews(facts, facts.texting)]  # fmt: skip


def _rules(texting: Texting) -> Finding:
    idle = [rule.name for rule in texting.rule if rule.when == "open" and set(rule.kinds) == {"stoppage"}]
    if not idle:
        return green("rules", f"{len(texting.rule)} valid")
    what = f"proposes nothing: {some(idle)}; nobody is texted to a site where voting has stopped"
    return Finding("rules", "amber", what, f'write when = "over" into it in {FILE}: it proposes when voting goes on')


def _sender(facts: Facts, texting: Texting) -> Finding:
    if facts.sender:
        return Finding("sender", "red", facts.sender, "set what it names where the room starts, and start it again")
    if texting.sender == "dryrun":
        return green("sender", "dry run: nothing is sent to anybody")
    return green("sender", f"{texting.sender}: its settings are there")


def _list(facts: Facts) -> list[Finding]:
    if not facts.listed and not facts.people:
        remedy = f"put {CONTACTS} into the day folder, then `{facts.load}`; or take {FILE} away"
        return [Finding("list", "amber", f"there are rules, and nobody to text: no {CONTACTS}", remedy)]
    if facts.people is None:
        return [Finding("list", "unknown", "not looked at: no store answers", facts.start)]
    if not facts.people:
        remedy = f"set WARROOM_TEXT_KEY (`warroom text key` makes one), then `{facts.load}`"
        return [Finding("list", "amber", f"{CONTACTS} is not loaded", remedy)]
    if facts.keyless:
        what = f"not looked at: {facts.people:,} people, and {KEY} is not set where this check runs"
        return [Finding("list", "unknown", what, "check again in the environment that the room was started in")]
    if facts.sealed:
        remedy = (
            f"set WARROOM_TEXT_KEY to the key the list was loaded with, or load it anew with this one: `{facts.load}`"
        )
        return [Finding("list", "red", f"{facts.people:,} people, whom nobody can open: {facts.sealed}", remedy)]
    return [green("list", f"{facts.people:,} people; WARROOM_TEXT_KEY opens them")]


def _previews(facts: Facts, texting: Texting) -> Finding:
    """Every wording as every precinct would read it, without a first name."""
    spots = facts.spots or {}
    nowhere: set[str] = set()
    longest = count = 0
    for rule in texting.rule:
        for template in (text for variant in rule.variant for text in variant.texts.values()):
            for precinct, spot in spots.items():
                count += 1
                longest = max(longest, segments(render(template, texting.campaign.name, spot)))
                if _empty(template, spot):
                    nowhere.add(precinct)
    if nowhere:
        what = f"{len(nowhere):,} precincts have no site name or address to put into a text: {some(sorted(nowhere))}"
        remedy = "fill in site_id in precincts.csv and name and address in sites.csv, then load the day again"
        return Finding("previews", "amber", what, remedy)
    if longest > MOST_SEGMENTS:
        what = f"the longest takes {longest} messages, above {MOST_SEGMENTS}"
        return Finding("previews", "amber", what, f"shorten the wording in {FILE}, or the longest site's name")
    return green("previews", f"{count:,} wordings rendered, the longest {longest} messages")


def _empty(template: str, spot: Spot) -> bool:
    values = dict(zip(SITE_FIELDS, (spot.site_name, spot.site_address), strict=True))
    return any(field in template and not value for field, value in values.items())


def _sender_trouble(texting: Texting, environ: Mapping[str, str]) -> str:
    try:
        open_sender(texting.sender, environ)
    except SenderError as error:
        return str(error)
    except ModuleNotFoundError as error:
        return f"this release cannot send by {texting.sender} ({error.name} is missing)"
    return ""


def _sealed(place: Place) -> str:
    wrapped = place.store().get(keys.TEXT_KEY)
    if wrapped is None:
        return ""
    try:
        Vault(wrapping_key(place.environ), wrapped)
    except VaultError as error:
        return str(error)
    return ""
