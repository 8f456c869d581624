"""Joins the rules to the room: alerts become requests that wait for a person; what is over lapses by itself."""

import logging
import threading
from collections.abc import Collection, Mapping

import msgspec
import redis

from warroom.domain.alerts import Alert
from warroom.domain.texts import TextCase, TextDecision, TextNotAllowed
from warroom.store import keys
from warroom.store.board import BoardStore
from warroom.store.client import Client, trouble
from warroom.store.day import DayClock, read_day, read_roster
from warroom.store.texts import TextStore
from warroom.store.wire import epoch_ms
from warroom.texting.ended import ended, standing
from warroom.texting.propose import Counts, Places, all_stopped, consider
from warroom.texting.rules import Texting

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
SENDER = "texting"  # signs what no person decided


class Proposer:
    """Looks at the board again and again. Proposes by a rule and an alert once."""

    def __init__(self, client: Client, texting: Texting) -> None:
        self._client = client
        self._texting = texting
        self._day = read_day(client)
        roster = read_roster(client)
        self._at = Places(roster.precincts, roster.sites)
        self._board = BoardStore(client)
        self._clock = DayClock(client)
        self._texts = TextStore(client)

    def run(self, stop: threading.Event) -> None:
        """Look every two seconds until `stop`; a store that is away is waited for."""
        while not stop.is_set():
            try:
                self.look()
            except redis.RedisError as error:
                logger.warning("texting: %s; trying again", trouble(error))
            stop.wait(LOOK_EVERY_S)

    def look(self) -> None:
        """Propose for the alerts in the room, and let lapse what is over or too late."""
        now_ms = epoch_ms(self._clock.now())
        alerts = {a.id: a for a in self._board.alerts()}
        handlings = self._board.handlings
        in_room = handlings.in_room([a for a in alerts.values() if a.status != "closed"], now_ms)
        over, shelved = ended(alerts.values(), handlings.all()), handlings.shelves(now_ms)
        stopped = self._at.stopped(standing(alerts.values(), handlings.all()))
        found = consider(
            in_room, self._texting, self._at, read_counts(self._client), self._day, now_ms,
            [one for one in over if one.alert.site not in shelved], stopped,
        )  # fmt: skip
        cases = self._texts.cases()
        known = {case.request.id for case in cases}
        self._texts.propose([f.request for f in found if f.request is not None and f.request.id not in known])
        ended_ids = {one.alert.id for one in over}
        for case in cases:
            if reason := lapsed(case, alerts, now_ms, ended_ids, stopped):
                self._lapse(case, now_ms, reason)

    def _lapse(self, case: TextCase, now_ms: int, reason: str) -> None:
        decision = TextDecision(what="expire", by=SENDER, at_ms=now_ms, version=case.version, reason=reason)
        try:
            self._texts.decide(case.request.id, decision)
        except TextNotAllowed as refused:  # somebody decided at this moment: theirs counts
            logger.info("request %s not let lapse: %s", case.request.id, refused)


def lapsed(
    case: TextCase, alerts: Mapping[str, Alert], now_ms: int, ended_ids: Collection[str] = (),
    site_stopped: Collection[str] = (),
) -> str:  # fmt: skip
    """Why a request that waits is over; '' where it is not. Pure.

    One that answers the end of an alert lapses when nobody there can vote again (the next end proposes anew).
    """
    if case.status not in ("proposed", "approved"):
        return ""
    if now_ms >= case.request.latest_ms:
        return "would not arrive in time to vote"
    if case.request.when == "over":
        if all_stopped(case.request.audience.precincts, site_stopped):
            return "voting at their site has stopped again"
        return "" if case.request.alert in ended_ids else "the alert was dismissed, or is open again"
    alert = alerts.get(case.request.alert)
    if alert is None or alert.status == "closed":
        return "the alert is over"
    return ""


def read_counts(client: Client) -> Counts:
    """How many people the list has by precinct, band and language; opted out not counted."""
    raw = client.get(keys.TEXT_COUNTS)
    if not raw:
        return {}
    rows = msgspec.json.decode(raw, type=dict[str, list[tuple[str, str, int]]])
    return {precinct: {(band, language): n for band, language, n in cells} for precinct, cells in rows.items()}


def put_counts(client: Client, counts: Counts) -> None:
    """Replace the counts of the list."""
    rows = {p: [(band, language, n) for (band, language), n in cells.items()] for p, cells in counts.items()}
    client.set(keys.TEXT_COUNTS, msgspec.json.encode(rows))
