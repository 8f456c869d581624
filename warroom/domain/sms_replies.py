"""What is answered to a text message: what was understood, or how to write it. Pure, plain GSM letters, short."""

from datetime import date

from warroom.domain.incidents import WORDS
from warroom.domain.sms import Said, Unclear
from warroom.domain.sms_places import SmsPlaces
from warroom.domain.sms_time import clock

MOST_LETTERS = 320  # two parts
AWAY = "Not taken: the room cannot write it down right now. Please send it again in a minute."
FLOOD = "Too many messages at once: this one was not taken. Please send it again in a minute."
UNKNOWN = "This number is not on the list of today's volunteers, so nothing was taken. Please call your captain."


def told(said: Said, places: SmsPlaces) -> str:
    """One line's answer."""
    if said.kind == "help":
        return help_text(places)
    place = _place(said, places)
    when = f" at {clock(said.at)}" if said.at is not None else ""
    if said.kind == "checkins":
        by = when.replace(" at ", " by ")
        return f"{place}: {said.number} voted{by}. Wrong? Text X and the right number."
    if said.kind == "wait":
        return f"{place}: {said.number} min wait{when}."
    if said.kind == "incident":
        what = WORDS.get(said.category, "Other")  # type: ignore[call-overload]
        urgent = ", urgent" if said.severity == "high" else ""
        return f"{place}: problem noted ({what.lower()}{urgent}){when}."
    return f"{place}: corrected to {said.number}." if said.number is not None else f"{place}: last count forgotten."


def before_the_day(understood: str, day: date) -> str:
    """The answer to somebody who tries it out days before."""
    return f"It works: {understood} A test only: nothing counts before {day:%b} {day.day}."


def untold(unclear: Unclear) -> str:
    """The answer to a line that was not taken."""
    return f"Not taken. {unclear.remedy}"


def help_text(places: SmsPlaces) -> str:
    """The whole grammar in two parts."""
    precinct, site = places.example, places.example_site
    return (
        f"{precinct} 57 = 57 voted so far. {precinct} 57 9:15 = at 9:15. W {site} 35 = 35 min wait. "
        f"I {site} machine down = a problem. X 75 = my last count was 75. X = forget my last count."
    )


def joined(answers: list[str]) -> str:
    """All answers of one message, cut where they would cost more than MOST_LETTERS."""
    text = "\n".join(dict.fromkeys(answers))
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 4].rstrip() + " ..."


def _place(said: Said, places: SmsPlaces) -> str:
    place = said.precinct or said.site or "Your last report"
    name = places.names.get(place, "")
    return f"{place} ({name[:40]})" if name and name != place else place
