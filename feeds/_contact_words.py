"""The words in which field tools say how a voter was reached and what came of it. Pure."""

import re
from functools import lru_cache

# One word for what the tools say in several; a result that is not listed stays as it was given.
_RESULTS = {
    "spoke": "canvassed, spoke, talked, contacted, conversation, completed, reached",
    "not_home": "not home, nh, nobody home, no one home",
    "no_answer": "no answer, na, no pickup, did not answer, no reply",
    "left_message": "left message, lm, voicemail, left voicemail, answering machine, machine",
    "left_literature": "lit drop, lit dropped, left lit, left literature, dropped lit",
    "refused": "refused, hostile, hung up, refused contact",
    "moved": "moved, moved away, no longer here",
    "deceased": "deceased, dead",
    "wrong_number": "wrong number, disconnected, bad number, invalid number, not in service, fax",
    "wrong_person": "wrong person, not this person",
    "inaccessible": "inaccessible, no access, locked, gated, could not access",
    "language": "language barrier, other language, spanish, language",
    "busy": "busy, busy signal",
    "call_back": "call back, callback, come back, later",
    "do_not_contact": "do not contact, do not call, dnc, do not text, do not knock, opt out, opted out, stop, remove",
    "voted": "voted, already voted, has voted, voted early, early voted, voted by mail",
    "needs_ride": "needs ride, ride to polls, needs a ride",
    "sent": "sent, texted, text sent, delivered, message sent",
    "replied": "replied, responded, response",
}
_RESULT_OF = {word.strip(): name for name, words in _RESULTS.items() for word in words.split(",")}

_CHANNELS = (
    ("text", re.compile(r"\b(text|texts|texted|sms|mms|p2p|spoke|getthru|hustle)\b")),
    ("phone", re.compile(r"\b(phone|phones|call|calls|dial|dialer|auto dial|vpb|openvpb|hubdialer|thrutalk)\b")),
    ("door", re.compile(r"\b(door|doors|walk|walked|canvass|knock|knocked|minivan|in person)\b")),
)


@lru_cache(maxsize=4_096)
def result_of(text: str) -> str:
    """The result in one word where it is known, otherwise as it was given, at most 128 characters.

    >>> result_of(" Not Home "), result_of("Already Voted"), result_of("Yard sign!")
    ('not_home', 'voted', 'Yard sign!')
    """
    plain = " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())
    return _RESULT_OF.get(plain) or " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())[:128]


@lru_cache(maxsize=4_096)
def channel_of(*texts: str) -> str | None:
    """door, phone or text, from the first of these texts that names one.

    >>> channel_of("Walk"), channel_of("", "OpenVPB"), channel_of("SMS Text"), channel_of("Mail")
    ('door', 'phone', 'text', None)
    """
    for text in texts:
        plain = re.sub(r"[\W_]+", " ", text.casefold())
        for channel, words in _CHANNELS:
            if words.search(plain):
                return channel
    return None
