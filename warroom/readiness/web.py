"""The pages: they answer, with their security headers; behind TLS, the certificate."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from warroom.domain.election import ElectionDay
from warroom.readiness._finding import Finding, NotLooked, green, some
from warroom.readiness._place import Place
from warroom.readiness._tls import Certificate, certificate_of, context
from warroom.web.guard import HEADERS

ORDER, TITLE = 55, "Pages"
TIMEOUT_S = 5.0
SPARE_DAYS = 7
WANTED = (*HEADERS, "Content-Security-Policy")


@dataclass(frozen=True)
class Facts:
    """What `/api/v1/health` answered: `status` 0 where nothing did, then `why`. `certificate` where it is https."""

    address: str
    day: ElectionDay
    now: datetime
    status: int = 0
    why: str = ""
    body: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    certificate: Certificate | None = None
    start: str = ""


def look(place: Place) -> Facts:
    """Ask the pages. Raises NotLooked where nobody said where they are and none answer at the usual address."""
    parts = urlsplit(place.address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotLooked(f"{place.address!r} is no address", "write it as `--url https://room.example.org`")
    secure = parts.scheme == "https"
    certificate = certificate_of(parts.hostname, parts.port or 443) if secure else None
    status, why = 0, ""
    body: dict[str, object] = {}
    headers: dict[str, str] = {}
    try:
        status, body, headers = _health(parts.hostname, parts.port, secure)
    except (OSError, http.client.HTTPException) as error:
        why = str(error) or type(error).__name__
    if not status and not place.asked:
        raise NotLooked(
            f"nothing answers at {place.address}", f"{place.start}, with `--url` and the address of its pages"
        )
    return Facts(place.address, place.folder.day, place.now, status, why, body, headers, certificate, place.start)


def judge(facts: Facts) -> list[Finding]:
    """Certificate first: without it nothing else is reached."""
    found = [_certificate(facts, facts.certificate)] if facts.certificate is not None else []
    if not facts.status:
        return [*found, Finding("answer", "red", f"nothing answers at {facts.address}: {facts.why}", facts.start)]
    return [*found, _answer(facts), _headers(facts)]


def _certificate(facts: Facts, held: Certificate) -> Finding:
    if held.ends is None:
        remedy = "start what ends TLS for the room (the proxy), and look at its log"
        return Finding("certificate", "red", f"no certificate was shown: {held.trouble}", remedy)
    days = (held.ends - facts.now).days
    until = f"good until {held.ends:%d %B %Y} ({days:,} days)"
    names = f"it is for {some(held.names)}"
    renew = "renew it where TLS ends (`certbot renew`, or the proxy's own way), then load it there"
    if held.ends <= facts.now:
        return Finding("certificate", "red", f"it ended on {held.ends:%d %B %Y}: browsers refuse the room", renew)
    if held.trouble:
        remedy = "install one that browsers trust, with its chain, for the name that screens open"
        return Finding("certificate", "red", f"browsers refuse it: {held.trouble}; {names}", remedy)
    if held.ends <= facts.day.ends_at:
        return Finding("certificate", "red", f"it ends before the day does: {until}", renew)
    if days < SPARE_DAYS:
        return Finding("certificate", "amber", until, renew)
    return green("certificate", f"{until}; {names}")


def _answer(facts: Facts) -> Finding:
    if facts.status in (401, 403):
        return green("answer", f"{facts.address} answers, and asks to sign in")
    if facts.status != 200:
        said = str(facts.body.get("remedy") or facts.body.get("detail", ""))[:200]
        what = f"{facts.address} answers {facts.status}: {said}"
        return Finding("answer", "red", what, facts.start)
    day = str(facts.body.get("day", ""))
    if day != facts.day.name:
        what = f"{facts.address} shows another day: {day[:80]!r}"
        remedy = "give `--url` the address of this day's room, or stop that room and start this one"
        return Finding("answer", "red", what, remedy)
    return green("answer", f"{facts.address} shows {day}; {facts.body.get('screens', 0)} screens open")


def _headers(facts: Facts) -> Finding:
    there = {name.lower() for name in facts.headers}
    wanted = [*WANTED, *(["Strict-Transport-Security"] if facts.certificate is not None else [])]
    missing = [name for name in wanted if name.lower() not in there]
    if missing:
        remedy = (
            "let the proxy pass the room's headers on, with X-Forwarded-Proto (docs/security.md), or add them there"
        )
        return Finding("headers", "amber", f"missing: {some(missing, 8)}", remedy)
    return green("headers", f"all {len(wanted)} security headers are sent")


def _health(host: str, port: int | None, secure: bool) -> tuple[int, dict[str, object], dict[str, str]]:
    connection = (
        http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context())
        if secure
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    )
    try:
        connection.request("GET", "/api/v1/health", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        raw = answer.read(65_536)
        try:
            body = json.loads(raw)
        except ValueError:
            body = {}
        return answer.status, body if isinstance(body, dict) else {}, dict(answer.getheaders())
    finally:
        connection.close()
