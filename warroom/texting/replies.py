"""What somebody who was texted answers: STOP is for good, START takes it back, anything else is a reply. Pure.

Words as Twilio's (STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE, OPTOUT; START, UNSTOP) and, since
texts go out in Spanish too, ALTO, BASTA, PARAR. A YES is a reply and brings nobody back. The first word
decides: "Stop texting me" is a STOP. When in doubt it is one: better a supporter lost than a person texted
against their will.
"""

import re
from typing import Literal

Meaning = Literal["stop", "start", "help", "reply"]
STOP_ENGLISH = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
STOP_SPANISH = frozenset({"ALTO", "BASTA", "PARAR"})
START = frozenset({"START", "UNSTOP"})
HELP = frozenset({"HELP", "INFO", "AYUDA"})
TOLD_SPANISH = (
    "No recibirá más mensajes nuestros."  # Twilio answers STOP in English itself, these words it may not know
)


def meaning(text: str, opt_out_type: str = "") -> Meaning:
    """What it means. `opt_out_type` is Twilio's OptOutType (STOP, START, HELP), where it was set up to send it.

    >>> meaning("Stop texting me"), meaning("opt out"), meaning("yes"), meaning("¡Basta!"), meaning("start")
    ('stop', 'stop', 'reply', 'stop', 'start')
    """
    words = re.findall(r"[A-Z]+", text.upper())
    first, whole = words[0] if words else "", "".join(words)
    if opt_out_type.upper() == "STOP" or {first, whole} & (STOP_ENGLISH | STOP_SPANISH) or whole.startswith("OPTOUT"):
        return "stop"
    if whole in START:
        return "start"
    return "help" if whole in HELP or opt_out_type.upper() == "HELP" else "reply"


def alone(text: str) -> bool:
    """Whether a message is nothing but a word of these lists; what a volunteer writes besides is a report."""
    whole = "".join(re.findall(r"\w+", text.upper()))
    return whole in STOP_ENGLISH | STOP_SPANISH | START


def answer_of(text: str, opt_out_type: str = "") -> str:
    """What is answered to a STOP: '' where Twilio answers itself."""
    words = re.findall(r"[A-Z]+", text.upper())
    return TOLD_SPANISH if words and words[0] in STOP_SPANISH and not opt_out_type else ""
